/* The socket, and libwebsockets on the event loop: everything that knows `struct lws`. */
#ifndef WEBSOCKET_SERVER_H
#define WEBSOCKET_SERVER_H

#include "connection.h"

void server_start(void); /* ends the process when it cannot listen */
void server_stop(void);

size_t server_padding(void);                /* bytes that libwebsockets wants in front of what it sends */
void server_read(struct lws *lws, bool on); /* whether the peer is read */
void server_want_write(struct lws *lws);
void server_end(struct lws *lws); /* closes it, not at once */
/* Opens the connection `address` ("ws://host:port") for `url`, not at once; what is sent over it waits until it is there. */
struct connection *server_connect(const char *address, const char *url, bool cbor);

#endif
