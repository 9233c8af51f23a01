/* Requests out (common/outbound.h): over the connection to the CSE's own broker, or one to the broker of the target. */
#ifndef MQTT_EGRESS_H
#define MQTT_EGRESS_H

#include "line.h"
#include "primitive.h"

void egress_start(struct line *own);
void egress_stop(void);

/* What line.h tells. */
void egress_up(struct line *link, bool up, const char *why);
void egress_published(uint64_t tag, bool ok);
/* One message of a response topic, which may be taken over. */
void egress_answer(struct line *link, const struct topic *t, struct message *message);

#endif
