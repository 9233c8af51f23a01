/*
 * <triggerRequest>s and the triggers at the network that belong to them, TS-0004 7.4.57. One thing at a time is done about each:
 * submitting it, keeping its status, replacing and recalling it.
 */
#ifndef NETWORK_TRIGGERS_H
#define NETWORK_TRIGGERS_H

#include "bus.h"
#include "callback.h"

/*
 * There is this triggerRequest; `a` is borrowed. `fresh`: nobody can have submitted it yet. Known ones are left as they are.
 */
void triggers_learn(const char *ri, const json_t *a, bool fresh);
/* It was deleted: what is pending is recalled, then the event is acknowledged. */
void triggers_deleted(struct bus_delivery *delivery, const char *ri, const json_t *a);
/* The orchestrator asks: may it be changed to `a`, or deleted? */
void triggers_replace(struct bus_delivery *delivery, const char *ri, const json_t *a);
void triggers_recall(struct bus_delivery *delivery, const char *ri, const json_t *a);
/* A delivery report. False: there is no such triggerRequest. */
bool triggers_report(struct post *post, const char *ri, const json_t *body);
void triggers_forget(void); /* behind client_forget() and questions_forget() */

#endif
