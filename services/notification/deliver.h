/* Hands notifications to egress.*: docs/contracts.md. A lane's flight stays in one message, so its order is kept. */
#ifndef NOTIFICATION_DELIVER_H
#define NOTIFICATION_DELIVER_H

#include "lane.h"

/* `timeout`: ms for one notification. */
void deliver_init(int64_t timeout);
void deliver_send(struct lane *lane); /* lane_ops.send */
/* "http", "mqtt" ...: of the lane's latest route. */
const char *deliver_binding(const struct lane *lane);

#endif
