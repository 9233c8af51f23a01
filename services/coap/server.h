/* The sockets, and libcoap on the event loop: one context for what comes in and what goes out. */
#ifndef TESSERA_COAP_SERVER_H
#define TESSERA_COAP_SERVER_H

#include "lib.h"

#include <stdbool.h>
#include <stdint.h>

void server_start(void); /* ends the process when it cannot listen */
void server_stop(void);
void server_drain(void); /* nothing new is taken */
bool server_draining(void);
coap_context_t *server_context(void);
/* Something was given to libcoap outside its own callbacks: its timers are looked at before the loop waits. */
void server_touched(void);

#endif
