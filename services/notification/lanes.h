/* All lanes of this process, and the subscriptions they belong to. */
#ifndef NOTIFICATION_LANES_H
#define NOTIFICATION_LANES_H

#include "lane.h"

/* `limits` is borrowed. `total`: notifications in memory above which lanes that wait go to storage early. */
void lanes_init(struct limits *limits, int64_t total);
/* The subscription of an event's entry, from memory if its text is the same. Borrowed; NULL when unusable. */
struct subscription *lanes_subscription(const struct event_sub *event);
/* What results of non-blocking requests are told by: in the place of a subscription the CSEBase, without rules. Borrowed. */
struct subscription *lanes_results(void);
/* The lane of a target, made if need be. */
struct lane *lanes_get(struct subscription *sub, const char *target);
/* The owner of this polling channel polls again: whatever failed to reach it is tried now. */
void lanes_polled(const char *channel_url);
void lanes_add(struct lane *lane, struct note *note, bool final);
/* Learns what storage holds, then calls `ready`, once; asks until storage answers. */
void lanes_restore(void (*ready)(void));
/* Forgets everything: it is in storage, or at the broker. */
/* A schedule below `ri` has changed: if that is a subscription, what waits for its windows is looked at anew. */
void lanes_reschedule(const char *ri);
void lanes_forget(void);
/* Reads no more from storage. True when nothing that came with events is left. */
bool lanes_drain(void);

/* Called with each answer that outer code has got for a lane: false if the lane is forgotten, and perhaps freed by this. */
bool lanes_answered(struct lane *lane);

#endif
