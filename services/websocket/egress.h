/* Requests out: over the connection that an AE or CSE has opened ("ws:ID"), or one opened from here ("ws://host:port"). */
#ifndef WEBSOCKET_EGRESS_H
#define WEBSOCKET_EGRESS_H

#include "connection.h"
#include "primitive.h"

void egress_start(void);
/* A response came over this connection. */
void egress_answer(const struct connection *c, const struct response *rsp);
/* Nothing will come from there any more. */
void egress_lost(const char *address);

#endif
