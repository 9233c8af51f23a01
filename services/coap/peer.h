/* Sessions to the peers that requests go out to: one each, found by scheme, host and port, opened when it is needed. */
#ifndef TESSERA_COAP_PEER_H
#define TESSERA_COAP_PEER_H

#include "lib.h"

#include <stdbool.h>
#include <stddef.h>

struct peer;

void peer_setup(int most, unsigned at_a_time);
void peer_stop(void);

/* Called once, not from inside peer_find(): the peer can be sent to, or cannot (`session` NULL, `why`). */
typedef void peer_ready_fn(const char *address, coap_session_t *session, const char *why);
/*
 * The session to "coap://host:port" (the scheme as it is written there). NULL: it is being opened, `ready` will tell. NULL with
 * `why`: not possible.
 */
coap_session_t *peer_find(const char *address, peer_ready_fn *ready, const char **why);
void peer_connected(const coap_session_t *session); /* libcoap says so */
/* It does not answer: the next request opens a new one. */
void peer_drop(const coap_session_t *session);

#endif
