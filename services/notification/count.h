/*
 * Counters of subscriptions, kept in storage: exc after each event, nsi once per second and at the end. A subscription
 * whose exc is used up is deleted.
 */
#ifndef NOTIFICATION_COUNT_H
#define NOTIFICATION_COUNT_H

#include "lane.h"

/*
 * `changed`: lanes of the subscription that wait may go on. `settled`: nothing of it is on its way any more.
 */
void count_init(void (*changed)(const char *ri), bool (*settled)(const char *ri));
/* The subscription as an event brought it; loads its counters when they may have changed. */
void count_subscription(struct subscription *sub);
void count_event(const char *ri, const char *target);
enum admission count_admit(struct lane *lane, const struct note *note);
void count_flown(struct lane *lane, const struct note *note, enum outcome outcome);
/* Writes what is not written yet. True when all is. */
bool count_flush(void);
/* Another instance counts from now on. */
void count_forget(void);

#endif
