/*
 * Requests out: the consumer of a queue egress.NAME. Takes what notification, the orchestrator and others want to be sent to an
 * address outside, lets it go in the order of its lane and within the bounds of its target, and brings the answer back
 * (docs/contracts.md, "To egress.http"). What is left to a service is to send one request and to say what became of it:
 *
 *     struct out { struct outbound o; ... };                      // `o` is the first member
 *     static const struct outbound_binding binding = {.size = sizeof(struct out), .schemes = ..., .send = send, ...};
 *     start():     outbound_start(&binding, &limits)
 *     consumers:   {BUS_REQUESTS, "egress.coap", NULL, BUS_PASSING, 256, outbound_handle}
 *     idle():      outbound_idle();   stop(): outbound_stop()
 *
 * and, for each that was sent, exactly once outbound_answered(), outbound_failed() or outbound_refused().
 */
#ifndef TESSERA_OUTBOUND_H
#define TESSERA_OUTBOUND_H

#include "bus.h"
#include "metrics.h"
#include "outbound_lanes.h"
#include "primitive.h"
#include "table.h"
#include "target.h"

/* One request on its way. */
struct outbound {
    struct job job; /* first: outbound_lanes.c hands it back */
    struct bus_delivery *delivery;
    struct request req; /* borrows from the delivery */
    struct target_url target;
    enum serialization serialization; /* to be sent in */
    bool sent;                        /* set by the service: it has left, perhaps in part */
    int64_t started;                  /* clock_mono_us() of send() */
    int64_t deadline;                 /* of this attempt, ms since 1970 */
    char why[160];                    /* why it failed, for send() returning -1 */
    /* outbound.c's own */
    struct table_entry entry;
    struct outbound *prev, *next;
    char *key;
    bool ordered;
};

struct outbound_metrics {
    struct metric results, seconds, waiting;
};
#define OUTBOUND_METRICS(service)                                                                                                \
    {                                                                                                                            \
        METRIC_COUNTER("tessera_" service "_egress_total", "Requests sent out by result", "result"),                             \
            METRIC_HISTOGRAM("tessera_" service "_egress_seconds", "Time of one request sent out", metric_seconds, NULL),        \
            METRIC_GAUGE("tessera_" service "_egress_waiting", "Requests that wait for their turn to be sent out", NULL),        \
    }

/* What a binding does. All functions are called on the loop; none of those below may be called from inside prepare(). */
struct outbound_binding {
    size_t size;                /* of the service's own struct that begins with a struct outbound, cleared at first */
    const char *const *schemes; /* of the addresses that it serves, NULL at the end */
    const char *connection;     /* "ws:": how addresses begin that name who has opened a connection; NULL: there are none */
    bool by_rqi;                /* answers are found by outbound_find(): those with the same rqi go one after another */
    struct outbound_metrics *metrics;
    /* Makes the message. 0, or -1 with `why`: the primitive cannot be said in this protocol (4000). May be NULL. */
    int (*prepare)(struct outbound *o, char *why, size_t why_size);
    /* Sends it. 0: its end is told later; -1 with o->why: it cannot be sent (unreachable). `left` is ms, more than 0. */
    int (*send)(struct outbound *o, int64_t left);
    /* o->deadline has passed: the service forgets it and calls outbound_failed(). NULL: it watches the time itself. */
    void (*expire)(struct outbound *o);
    /* Frees what the service keeps with it; also of those that were never sent. May be NULL. */
    void (*release)(struct outbound *o);
};

struct outbound_limits {
    int total;       /* requests out at a time */
    int per_target;  /* notifications at a time to one host and port (for MQTT: broker) */
    int per_cse;     /* other requests at a time to one host and port: not held up by notifications */
    int64_t timeout; /* ms that a notification may take, so that a slow target holds up its lane for no longer */
};

void outbound_start(const struct outbound_binding *binding, const struct outbound_limits *limits);
void outbound_handle(struct bus_delivery *delivery);
bool outbound_idle(void); /* nothing is being sent or waits for it */
void outbound_stop(void); /* false idle: nothing is freed, the broker gives what is open to another instance */

/*
 * An answer came. By its rsc it is `ok`, `refused`, or `unreachable` (5103: the next hop did not reach the target), unless `st`
 * says which; `why` may be NULL. Each of these frees `o`.
 */
void outbound_answered(struct outbound *o, const struct response *rsp, const char *st, const char *why);
void outbound_failed(struct outbound *o, const char *why);           /* none came; to be tried again */
void outbound_refused(struct outbound *o, int rsc, const char *why); /* it cannot be sent, ever */

/*
 * The request that is out to this target (what target_url says up to `host`, in this very spelling) and has this rqi, whose
 * answer this is; NULL when none is. For bindings with `by_rqi`.
 */
struct outbound *outbound_find(const char *target, size_t target_len, const char *rqi);
/* Everything out to this target has failed: the connection is gone. */
void outbound_lost(const char *target, size_t target_len, const char *why);

/* A NOTIFY to a URL, or to an AE at a URL of its own; else it is for the next hop. */
bool outbound_for_url(const struct request *req);

#endif
