/* The listening socket, and libmicrohttpd turned by the event loop. */
#ifndef TESSERA_HTTP_SERVER_H
#define TESSERA_HTTP_SERVER_H

#include <stdbool.h>

void server_start(void); /* ends the process when it cannot listen */
void server_kick(void);  /* connections were resumed: serve them before the loop waits */
void server_drain(void); /* takes no new connections; may be called again */
bool server_draining(void);
bool server_idle(void); /* every request has been answered */
void server_stop(void);

#endif
