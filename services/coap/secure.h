/* DTLS and TLS with pre-shared keys: who may connect, and with which key. */
#ifndef TESSERA_COAP_SECURE_H
#define TESSERA_COAP_SECURE_H

#include "lib.h"

/* Loads the keys, once; ends the process when there are none. */
void secure_server(coap_context_t *context);
/* A session to a server, with our own key. NULL with `why`. */
coap_session_t *secure_connect(coap_context_t *context, const coap_address_t *address, coap_proto_t proto, const char **why);
void secure_stop(void);

#endif
