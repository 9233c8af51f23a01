/* HTTPS: the certificates that libmicrohttpd shows (GnuTLS), those that clients show, and their renewal while it runs. */
#ifndef TESSERA_HTTP_SECURE_H
#define TESSERA_HTTP_SECURE_H

#include "str.h"

#include <gnutls/abstract.h>
#include <microhttpd.h>

/* Reads the settings and the files; ends the process when they are no good. */
void secure_start(void);
void secure_stop(void);

bool secure_requires_clients(void);
const char *secure_priorities(void); /* GnuTLS's words for what is acceptable */

/* MHD_OPTION_HTTPS_CERT_CALLBACK: the certificate of the day. */
int secure_certificate(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
                       const gnutls_pk_algorithm_t *algorithms, int algorithms_count, gnutls_pcert_st **chain,
                       unsigned int *chain_length, gnutls_privkey_t *key);
/* A connection begins: how its client is asked, and who checks. */
void secure_connection(gnutls_session_t session);
/*
 * The name in the client's certificate, which was checked: the first subjectAltName of kind URI, DNS or e-mail, else the
 * subject's common name. False when it showed none, or one without a name.
 */
bool secure_name(gnutls_session_t session, struct str *name);

#endif
