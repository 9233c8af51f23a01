/* What the bus needs at the broker: one table. Called where blocking is allowed, on a connection of its own. */
#ifndef TESSERA_TOPOLOGY_H
#define TESSERA_TOPOLOGY_H

#include "bus.h"

#include <amqp.h>

#define EXCHANGE_REQUESTS "cse.requests"
#define EXCHANGE_REPLIES "cse.replies"
#define EXCHANGE_EVENTS "cse.events"
#define EXCHANGE_DEAD "cse.dead"

#define TOPOLOGY_NAME_SIZE 128

/* From settings: read on the loop's thread, used on the connector's. */
struct topology_limits {
    int64_t length; /* x-max-length */
    int64_t ttl;    /* x-message-ttl of request queues, ms */
    bool quorum;    /* queues that instances share */
};

/* "orchestrator", "events.notification", or with what follows "reply" in `reply_queue`, "egress.ws.websocket.1-5f3a9c.2". */
void topology_queue(const struct bus_consumer *consumer, const char *reply_queue, char out[TOPOLOGY_NAME_SIZE]);
/*
 * Checks the exchanges, declares and binds the queue of each consumer and the reply queue. 0, or -1 with `why`, which
 * says what to do; the channel is unusable then.
 */
int topology_declare(amqp_connection_state_t connection, amqp_channel_t channel, const struct bus_consumer *consumers,
                     const char *reply_queue, const struct topology_limits *limits, char *why, size_t why_size);
/* The broker's last answer in words; "" when it was no error. */
void topology_explain(amqp_rpc_reply_t reply, const char *what, char *why, size_t why_size);

#endif
