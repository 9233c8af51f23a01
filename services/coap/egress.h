/* Requests out: to coap://, coaps://, coap+tcp:// and coaps+tcp:// addresses. */
#ifndef TESSERA_COAP_EGRESS_H
#define TESSERA_COAP_EGRESS_H

#include "lib.h"

void egress_start(void);
void egress_stop(void);
/* The session to a peer has ended: what was out to it has failed. */
void egress_lost(const coap_session_t *session);

#endif
