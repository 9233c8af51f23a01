/* Requests that come from the broker are handed in, and answered to the topic that belongs to theirs, TS-0010 6.4. */
#ifndef MQTT_CALL_H
#define MQTT_CALL_H

#include "line.h"

/* `own`: the CSE's own broker. `prefix` of its topics. */
void call_setup(struct line *own, const char *prefix);
/* One message of a request topic, which may be taken over. */
void call_take(const struct topic *t, struct message *message);
void call_drain(void); /* what comes a second later and still later is refused */
bool call_idle(void);
bool call_busy(void); /* many requests are being carried out */

#endif
