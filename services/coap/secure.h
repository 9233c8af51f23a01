/*
 * DTLS and TLS: who may connect, with which key or certificate, and who that is; whom we connect to, and that it is he.
 *
 * Of libcoap the sessions are used, not its ways with certificates: it knows no optional ones, takes any raw public key for a
 * good certificate, has one set of files for what comes in and what goes out, and speaks TLS 1.0. What GnuTLS is told of a
 * session is told by secure.c, at the moment when libcoap has prepared it.
 */
#ifndef TESSERA_COAP_SECURE_H
#define TESSERA_COAP_SECURE_H

#include "lib.h"
#include "str.h"

#include <stdbool.h>

/* Reads settings and files, for what goes out, and with `listens` for what comes in; ends the process when they are no good. */
void secure_start(coap_context_t *context, bool listens);
void secure_stop(void);

bool secure_knows_all(void); /* who gets in has shown a key or a certificate */
/*
 * Whom the peer of a session has proved to be: "psk" or "certificate", with `name`, or "none" and "". NULL: it may not have
 * anything of us (any more). `name` lives as long as the session.
 */
const char *secure_who(coap_session_t *session, const char **name);

/* A session to `host`, which has to prove that it is it. NULL with `why`. */
coap_session_t *secure_connect(coap_context_t *context, const char *host, const coap_address_t *address, coap_proto_t proto,
                               const char **why);
/* Why a session that has failed was not wanted by us, or NULL. */
const char *secure_why(const coap_session_t *session);
/* The session will be gone: what is kept with it is freed. */
void secure_forget(coap_session_t *session);

#endif
