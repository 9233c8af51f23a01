/*
 * <backgroundDataTransfer>s, TS-0001 10.2.20, TS 29.122 ResourceManagementOfBdt: negotiated with the network when the
 * orchestrator asks, before they are stored, and given up there when they are gone. Nothing about them is kept here: each time
 * the network is looked at.
 */
#ifndef NETWORK_TRANSFERS_H
#define NETWORK_TRANSFERS_H

#include "bus.h"

#include <jansson.h>

/* The orchestrator asks: what does the network grant? Answers {"dtw":...}. */
void transfers_negotiate(struct bus_delivery *delivery, const char *ri, const json_t *a);
/* It was deleted: the event is acknowledged when the network knows. */
void transfers_deleted(struct bus_delivery *delivery, const char *ri);
void transfers_forget(void); /* behind client_forget() */

#endif
