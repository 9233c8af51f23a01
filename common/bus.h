/*
 * The broker, as services see it. One connection to receive, one to send, both reconnecting for ever with back-off, to the
 * next one of its nodes if it is a cluster.
 * Primitives for one destination that become ready in one turn of the loop leave as one AMQP message (at most 64, at
 * most 256 KiB); nothing ever waits for a timer to be sent. Nothing here blocks the loop once it runs.
 *
 * Request path (TR 103 527 steps 3-5, 8-9): exchange cse.requests, one queue per role; replies come over cse.replies
 * to this instance's own queue. Events: exchange cse.events, persistent, confirmed. Contract: docs/contracts.md.
 */
#ifndef TESSERA_BUS_H
#define TESSERA_BUS_H

#include "config.h"
#include "envelope.h"
#include "span.h"

enum bus_failure {
    BUS_OK = 0,
    BUS_TIMEOUT, /* the deadline passed */
    BUS_LOST,    /* the broker went away; the request may or may not have been carried out */
    BUS_NOBODY,  /* there is no such role: it went nowhere */
};

/* The bus's own, of a delivery: the span of what is done for it, and how that ended. */
struct bus_step {
    struct span span;
    int rsc;     /* of the reply; 0: none */
    char st[16]; /* likewise; "" */
    bool rejected;
};

/*
 * A primitive received. It owns its memory; handlers borrow. It must be ended exactly once, now or later, by
 * bus_reply(), bus_done() or bus_reject(); the AMQP message is acknowledged when all its primitives are ended.
 */
struct bus_delivery {
    struct envelope envelope;
    const char *id;   /* "" when the sender gave none */
    bool again;       /* the broker has delivered it before: its work may have been done */
    int64_t received; /* clock_mono_us() */
    void *context;    /* the handler's, NULL at first */
    struct bus_step step;
};

typedef void bus_handler_fn(struct bus_delivery *delivery);

enum bus_consume_kind {
    BUS_REQUESTS = 1, /* queue NAME bound to cse.requests with key NAME */
    BUS_EVENTS,       /* durable queue events.NAME bound to cse.events with `binding` */
    BUS_OWN,          /* requests to the roles NAME.* that this very instance takes: bus_bind(). Nobody else gets them */
};

enum bus_consume_flags {
    BUS_SINGLE_ACTIVE = 1, /* one instance consumes at a time, the others stand by */
    BUS_PATIENT = 2,       /* requests stay open for long: those that come back are dropped at their own deadline only */
    BUS_OPTIONAL = 4,      /* not every CSE runs this role: without an instance for ten seconds it is none (BUS_NOBODY) */
};

struct bus_consumer {
    enum bus_consume_kind kind; /* 0 ends the table */
    const char *name;
    const char *binding; /* of BUS_EVENTS: patterns of routing keys, a blank between them */
    int flags;
    int prefetch; /* AMQP messages not yet ended */
    bus_handler_fn *handler;
};

/*
 * `reply` is NULL unless failure is BUS_OK; it is borrowed for the call. Called exactly once per accepted bus_send(),
 * never from inside bus_send().
 */
typedef void bus_reply_fn(void *context, const struct envelope *reply, enum bus_failure failure);

/*
 * Sends a request to a role ("orchestrator", "storage", "egress.http"). `head` is what head_*() and request_encode()
 * wrote; the bus adds braces, the `id` and the `deadline`. `body` is one line of JSON without line feed, or empty. `deadline` is
 * wall clock ms. Returns 0, or -1 at once when the broker is away or blocked, or too much is in flight (then `on_reply` is not
 * called). A NULL on_reply sends without expecting an answer.
 */
int bus_send(const char *role, const struct str *head, const char *body, size_t body_len, int64_t deadline,
             bus_reply_fn *on_reply, void *context);

const char *bus_sent_id(void); /* the `id` of the last request sent; valid until the next one */

/* What follows until bus_keep_end() to one role stays in one AMQP message (order for one lane); at most 64 primitives. */
void bus_keep_begin(const char *role);
void bus_keep_end(void);

void bus_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len);
/*
 * Passes a request on to another role, whose reply goes straight to the asker: `id` and reply queue stay as they are.
 * The delivery is ended, `head` and `body` may borrow from it. Returns -1 when nothing can be sent now: it is still open.
 */
int bus_forward(struct bus_delivery *delivery, const char *role, const struct str *head, const char *body, size_t body_len,
                int64_t deadline);
void bus_done(struct bus_delivery *delivery);   /* ended without a reply */
void bus_reject(struct bus_delivery *delivery); /* to the dead letters */

/*
 * Publishes one event, persistently: `text` is the whole primitive (two lines, braces included). on_confirm is called once:
 * `failed` false when the broker has it safely, true when it was refused or the broker went away (publish again).
 * Returns -1 at once when it cannot be sent now. Events leave in the order given.
 */
typedef void bus_confirm_fn(void *context, bool failed);
int bus_event(const char *key, const char *text, size_t len, bus_confirm_fn *on_confirm, void *context);

/* Called when the connection comes (true) and goes (false). At most 4. */
void bus_on_state(void (*fn)(bool up));
bool bus_is_up(void);
const char *bus_host(void); /* "host:port" of the broker, or of the node of its cluster, that is connected; "" while down */
const char *bus_why(void);  /* why there is no connection, "" when that is not known (yet) */
const char *bus_blocked_why(void); /* "low on disk", "low on memory": as the broker says */
bool bus_is_blocked(void);      /* the broker has no memory or disk left and takes nothing: bus_send() and bus_event() refuse */
int bus_in_flight(void);        /* requests sent and not answered */
const char *bus_instance(void); /* "http.1-5f3a9c": unique per process start */

/*
 * Takes, or gives back, the requests to a role for the queue of the BUS_OWN row: "egress.ws.Cae" when Cae has connected here.
 * What is taken stays so over reconnects of the bus. At most 120 bytes of [A-Za-z0-9._~/-], -1 if it is anything else.
 */
int bus_bind(const char *role);
void bus_unbind(const char *role);

/*
 * A standby connects, but consumes nothing: bus_hold() in service.start, bus_consume() when its time has come.
 */
void bus_hold(void);
void bus_consume(void);
/* The drain does not wait for deliveries that are still open: the broker gives them to the next instance. */
void bus_leave(void);

/* For service.c. */
extern const struct config_row bus_config[];
void bus_start(const char *instance, const char *user, const struct bus_consumer *consumers);
void bus_stop_consuming(void); /* drain: takes nothing new, replies still flow */
bool bus_idle(void);           /* nothing unsent, no delivery open */
void bus_stop(void);

#endif
