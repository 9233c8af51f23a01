/*
 * <locationPolicy>s with locationSource network, and the subscriptions at the network that report where their devices are:
 * TS-0001 10.2.9, TS 29.122 MonitoringEvent. What is reported is stored in the policy's container.
 */
#ifndef NETWORK_PLACES_H
#define NETWORK_PLACES_H

#include "bus.h"
#include "callback.h"

/* There is this locationPolicy; `a` is borrowed. `fresh`: nobody can have subscribed for it yet. Known ones are left as they are.
 */
void places_learn(const char *ri, const json_t *a, bool fresh);
/* It was changed. */
void places_changed(const char *ri);
/* It was deleted: the subscription goes, then the event is acknowledged. */
void places_deleted(struct bus_delivery *delivery, const char *ri, const json_t *a);
/* Reports. False: there is no such locationPolicy. */
bool places_report(struct post *post, const char *ri, const json_t *body);
void places_forget(void); /* behind client_forget() and questions_forget() */

#endif
