/* Which subscriptions an event concerns: TS-0001 10.2.10, TS-0004 7.5.1.2.2. Pure. */
#ifndef NOTIFICATION_MATCH_H
#define NOTIFICATION_MATCH_H

#include "subscription.h"

/*
 * True when the event is to be notified to the subscription, which is below the resource, or (`parent`) below the
 * parent of it. *net is the notificationEventType; NET_NONE for operation monitoring.
 */
bool match_event(const struct event *event, const struct subscription *sub, bool parent, enum net *net);

/* The subscription itself was deleted and its subscriber wants to know (su). */
/* Has a schedule come, changed or gone? */
bool match_schedule(const struct event *event);
bool match_deletion(const struct event *event);

#endif
