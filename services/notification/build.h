/* Contents of notifications, TS-0004 7.5.1.1 and 6.3.5.13. Pure; texts are spliced, so numbers stay as they were written. */
#ifndef NOTIFICATION_BUILD_H
#define NOTIFICATION_BUILD_H

#include "subscription.h"

/*
 * The value of m2m:sgn for a matched event. `cse` is the CSE-ID ("/id-in"), in front of all addresses; `outside`: for another
 * CSE, in front of the creator, too.
 */
void build_notification(struct str *out, const struct event *event, const struct subscription *sub, enum net net, const char *cse,
                        bool outside);
/* The value of m2m:sgn that tells a subscriber that its subscription, at `path`, was deleted. */
void build_deletion(struct str *out, const char *path, const char *cse);

/* Contents from such values: one m2m:sgn, or an m2m:agn of several. */
void build_single(struct str *out, struct slice sgn);
void build_aggregate(struct str *out, const struct slice *sgns, int count);

#endif
