/*
 * What services that speak TLS by GnuTLS have in common: a certificate with its key, and the authorities that others are checked
 * with, read from files (PEM) and read again while handshakes go on.
 */
#ifndef TESSERA_TLS_GNUTLS_H
#define TESSERA_TLS_GNUTLS_H

#include "str.h"
#include "tls.h"

#include <gnutls/abstract.h>

struct tls_generation;

/* Names of files, "": none; and of the settings that they are the values of. */
struct tls_store {
    const char *certificate, *key, *ca;
    const char *certificate_setting, *ca_setting;
    bool system_ca; /* without `ca`: the authorities that the system trusts */
    /* tls_gnutls.c's own */
    struct tls_generation *current; /* and those before it */
};

/*
 * Reads the files. False, with the store as it was: `file` is no good, `why`. What was read before lives on until the handshakes
 * that began with it have ended. When what is in use ends is told by metrics (certificate.h).
 */
bool tls_store_load(struct tls_store *store, const char **file, const char **why);
/* The same while running: logged. */
void tls_store_reload(struct tls_store *store);
void tls_store_free(struct tls_store *store);

/* What to show, as the function that GnuTLS asks for it returns it. Borrowed. */
int tls_store_shown(const struct tls_store *store, gnutls_pcert_st **chain, unsigned int *length, gnutls_privkey_t *key);
/*
 * The certificate of the other side: GNUTLS_E_SUCCESS, GNUTLS_E_CERTIFICATE_REQUIRED (it shows none), or
 * GNUTLS_E_CERTIFICATE_ERROR. `purpose`: GNUTLS_KP_TLS_WWW_CLIENT or _SERVER; `host`: what it is to be called, NULL: anything.
 */
int tls_store_verify(const struct tls_store *store, gnutls_session_t session, const char *purpose, const char *host);
/*
 * The name in the certificate of the other side, which was checked: the first subjectAltName of kind URI, DNS or e-mail, else the
 * subject's common name. False when it showed none, or one without a name.
 */
bool tls_peer_name(gnutls_session_t session, struct str *name);

#endif
