/* Requests out, notifications most of all: consumes the queue egress.http and sends with libcurl. Contract: docs/contracts.md,
 * "To egress.http". */
#ifndef TESSERA_HTTP_EGRESS_H
#define TESSERA_HTTP_EGRESS_H

#include "bus.h"

void egress_start(void);
void egress_handle(struct bus_delivery *delivery);
bool egress_idle(void); /* nothing is being delivered or waits for it */
void egress_stop(void);

#endif
