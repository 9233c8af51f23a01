/* The table of exchanges, and the queues that follow from a service's table of consumers. */
#include "topology.h"
#include "mem.h"

#define OPTIONAL_MS 10000 /* longer than a restart takes */

static const struct {
    const char *name, *type;
} exchanges[] = {
    {EXCHANGE_REQUESTS, "topic" }, /* so that the broker can check who addresses whom */
    {EXCHANGE_REPLIES,  "direct"},
    {EXCHANGE_EVENTS,   "topic" },
    {EXCHANGE_DEAD,     "fanout"},
};

void topology_queue(const struct bus_consumer *consumer, const char *reply_queue, char out[TOPOLOGY_NAME_SIZE])
{
    snprintf(out, TOPOLOGY_NAME_SIZE, "%s%s%s", consumer->kind == BUS_EVENTS ? "events." : "", consumer->name,
             consumer->kind == BUS_OWN ? strchrnul(reply_queue, '.') : "");
}

/* What to do about an answer of the broker, by AMQP reply code. */
static const char *advice(int code)
{
    switch (code) {
    case 403:
        return "; the user may not do this: see broker-config/users.table";
    case 404:
        return "; the broker lacks Tessera's exchanges: import definitions.json (broker-config/prepare); or, in a cluster, the "
               "node that "
               "has a classic queue is down: bus.queue.type";
    case 406:
        return "; it exists with other arguments: stop its services and delete it, or set bus.queue.* as they were";
    default:
        return "";
    }
}

void topology_explain(amqp_rpc_reply_t reply, const char *what, char *why, size_t why_size)
{
    const amqp_channel_close_t *close; /* connection.close begins with the same members */

    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
        *why = '\0';
    } else if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.decoded &&
               (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD || reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)) {
        close = reply.reply.decoded;
        snprintf(why, why_size, "%s: %.*s%s", what, (int)close->reply_text.len, (const char *)close->reply_text.bytes,
                 advice(close->reply_code));
    } else {
        snprintf(why, why_size, "%s: %s", what, amqp_error_string2(reply.library_error));
    }
}

static int check(amqp_connection_state_t c, const char *verb, const char *name, char *why, size_t why_size)
{
    char what[TOPOLOGY_NAME_SIZE + 40];

    snprintf(what, sizeof(what), "%s %s", verb, name);
    topology_explain(amqp_get_rpc_reply(c), what, why, why_size);
    return *why ? -1 : 0;
}

static amqp_table_entry_t entry_int(const char *key, int64_t value)
{
    return (amqp_table_entry_t){
        amqp_cstring_bytes(key), {.kind = AMQP_FIELD_KIND_I64, .value.i64 = value}
    };
}

static amqp_table_entry_t entry_text(const char *key, const char *value)
{
    return (amqp_table_entry_t){
        amqp_cstring_bytes(key), {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes(value)}
    };
}

/*
 * Requests are bounded in number and age and transient; nobody is told when the oldest goes, its asker has given up.
 * Events are refused when there are too many: their publisher keeps them and tries again. In a cluster both are quorum queues:
 * a classic one is gone, and cannot be declared elsewhere, as long as the node that has it is down. What belongs to one
 * connection (replies, BUS_OWN) ends with its node anyway.
 */
static amqp_table_t queue_arguments(const struct bus_consumer *consumer, const struct topology_limits *limits,
                                    amqp_table_entry_t *e)
{
    int n = 0;

    e[n++] = entry_int("x-max-length", limits->length);
    if (limits->quorum && consumer->kind == BUS_REQUESTS)
        e[n++] = entry_text("x-queue-type", "quorum");
    if (consumer->kind != BUS_EVENTS) {
        if (!(consumer->flags & BUS_PATIENT))
            e[n++] = entry_int("x-message-ttl", limits->ttl);
        if (consumer->flags & BUS_OPTIONAL)
            e[n++] = entry_int("x-expires", OPTIONAL_MS);
    } else {
        e[n++] = entry_text("x-overflow", "reject-publish");
        e[n++] = entry_text("x-queue-type", limits->quorum ? "quorum" : "classic");
    }
    if (consumer->flags & BUS_SINGLE_ACTIVE)
        e[n++] = (amqp_table_entry_t){
            amqp_cstring_bytes("x-single-active-consumer"), {.kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1}
        };
    return (amqp_table_t){n, e};
}

static int bind_events(amqp_connection_state_t c, amqp_channel_t channel, const char *queue, const char *patterns, char *why,
                       size_t why_size)
{
    size_t len;

    for (const char *p = patterns; *(p += strspn(p, " ")); p += len) {
        len = strcspn(p, " ");
        amqp_queue_bind(c, channel, amqp_cstring_bytes(queue), amqp_cstring_bytes(EXCHANGE_EVENTS),
                        (amqp_bytes_t){len, (void *)(uintptr_t)p}, amqp_empty_table);
        if (check(c, "bind queue to events", queue, why, why_size) < 0)
            return -1;
    }
    return 0;
}

static int declare_consumer(amqp_connection_state_t c, amqp_channel_t channel, const struct bus_consumer *consumer,
                            const char *reply_queue, const struct topology_limits *limits, char *why, size_t why_size)
{
    bool events = consumer->kind == BUS_EVENTS, own = consumer->kind == BUS_OWN;
    char name[TOPOLOGY_NAME_SIZE];
    amqp_table_entry_t entries[8];

    topology_queue(consumer, reply_queue, name);
    amqp_queue_declare(c, channel, amqp_cstring_bytes(name), 0, !own, own, own, queue_arguments(consumer, limits, entries));
    if (check(c, "declare queue", name, why, why_size) < 0)
        return -1;
    if (own) /* bound later, to what is taken */
        return 0;
    if (events && bind_events(c, channel, name, consumer->binding, why, why_size) < 0)
        return -1;
    /* Queues of events by their own name, too: how instances of a service reach the one among them that the broker delivers to.
     */
    amqp_queue_bind(c, channel, amqp_cstring_bytes(name), amqp_cstring_bytes(EXCHANGE_REQUESTS), amqp_cstring_bytes(name),
                    amqp_empty_table);
    return check(c, "bind queue", name, why, why_size);
}

int topology_declare(amqp_connection_state_t c, amqp_channel_t channel, const struct bus_consumer *consumers,
                     const char *reply_queue, const struct topology_limits *limits, char *why, size_t why_size)
{
    for (size_t i = 0; i < ARRAY_LEN(exchanges); i++) {
        amqp_exchange_declare(c, channel, amqp_cstring_bytes(exchanges[i].name), amqp_cstring_bytes(exchanges[i].type), 1, 1, 0,
                              0, amqp_empty_table);
        if (check(c, "find exchange", exchanges[i].name, why, why_size) < 0)
            return -1;
    }
    for (const struct bus_consumer *consumer = consumers; consumer && consumer->kind; consumer++)
        if (declare_consumer(c, channel, consumer, reply_queue, limits, why, why_size) < 0)
            return -1;
    amqp_queue_declare(c, channel, amqp_cstring_bytes(reply_queue), 0, 0, 1, 1, amqp_empty_table);
    if (check(c, "declare queue", reply_queue, why, why_size) < 0)
        return -1;
    amqp_queue_bind(c, channel, amqp_cstring_bytes(reply_queue), amqp_cstring_bytes(EXCHANGE_REPLIES),
                    amqp_cstring_bytes(reply_queue), amqp_empty_table);
    return check(c, "bind queue", reply_queue, why, why_size);
}
