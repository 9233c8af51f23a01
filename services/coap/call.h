/* Requests in: each is mapped, handed in, and answered; block by block where it is large. */
#ifndef TESSERA_COAP_CALL_H
#define TESSERA_COAP_CALL_H

#include "lib.h"

#include <stdbool.h>

void call_setup(void);
void call_stop(void);
/* A request has come. */
void call_take(coap_session_t *session, const coap_pdu_t *pdu);
/* The session is gone: its polls are told. NULL: all sessions. */
void call_leave(const coap_session_t *session);
bool call_idle(void);

#endif
