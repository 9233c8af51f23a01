/*
 * Transactions led on: whoever is given the event of a <transactionMgmt>, or of a <transaction> with times of its own, has its
 * next step taken (types/tram_step.c, types/trac.c) until nothing is left to do; when one is deleted, what it made at its targets
 * is. One orchestrator at a time does so; the event is acknowledged last, and all that matters is in the resources: after a crash
 * another instance goes on.
 */
#ifndef TESSERA_TRANSACTOR_H
#define TESSERA_TRANSACTOR_H

#include "bus.h"

void transactor_handle(struct bus_delivery *delivery);

#endif
