/* Notifications that wait in storage: `pend`, `pending`, `pended` of docs/contracts.md, as lane_ops want them. */
#ifndef NOTIFICATION_PENDING_H
#define NOTIFICATION_PENDING_H

#include "lane.h"

/* `max` bounds a lane in storage. */
void pending_init(int64_t max);
void pending_store(struct lane *lane);
void pending_read(struct lane *lane, int max);
void pending_remove(struct lane *lane, int64_t upto);

/* What waits: `each` for every lane, then `done`. */
typedef void pending_lane_fn(const char *ri, const char *target, int64_t count, int64_t first_at);
typedef void pending_done_fn(bool ok);
void pending_summary(pending_lane_fn *each, pending_done_fn *done);

#endif
