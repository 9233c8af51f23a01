/* What comes over a connection, TS-0020 6.2: requests are handed in and answered, responses go to who asked. */
#ifndef WEBSOCKET_CALL_H
#define WEBSOCKET_CALL_H

#include "connection.h"

void call_setup(void);
/* One message, which may be taken over: it is left in any state. */
void call_take(struct connection *c, struct str *message);
/* The connection is gone, or ends: its polls are told. */
void call_leave(const struct connection *c);

#endif
