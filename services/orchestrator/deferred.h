/*
 * Non-blocking requests carried out: every <request> that was kept makes an event, and whoever takes that event does what it
 * says, TS-0004 7.3.2. The event is acknowledged last: a crash has another instance do it. What is due later waits in storage
 * (`timing` knows when); `notification` tells who wants to be told.
 */
#ifndef TESSERA_DEFERRED_H
#define TESSERA_DEFERRED_H

#include "bus.h"

void deferred_start(void);
void deferred_handle(struct bus_delivery *delivery);

#endif
