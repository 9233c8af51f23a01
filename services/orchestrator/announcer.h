/*
 * What has been announced follows its original: events about resources with copies are consumed by one orchestrator at a time,
 * which sends their changes on, TS-0004 7.4.26.2.3 and 4. So do the <AEAnnc> of AEs whose ids the IN-CSE gives, its
 * <AEContactList>, and nodes whose AE or CSE has expired. A CSE out of reach is tried again.
 */
#ifndef TESSERA_ANNOUNCER_H
#define TESSERA_ANNOUNCER_H

#include "bus.h"

void announcer_handle(struct bus_delivery *delivery);

#endif
