/*
 * Inside the bus: its two connections. `in` receives (channel 1), `out` publishes (channel 1 plain, channel 2 with confirms).
 * A short-lived thread opens both and hands them over; afterwards only the loop touches them, and never waits on them.
 *   bus_connect.c  the thread: everything that may block
 *   bus_link.c     hand-over, back-off, reading, heartbeats, loss
 *   bus_out.c      what is to be published, confirms, blocked
 *   bus_events.c   events, in order
 *   bus_in.c       what is delivered, acknowledgements, redelivery
 *   bus_own.c      roles that one instance takes
 *   bus_step.c     the spans of what is delivered
 */
#ifndef TESSERA_BUS_LINK_H
#define TESSERA_BUS_LINK_H

#include "bus.h"
#include "topology.h"

#define CHANNEL_PLAIN 1
#define CHANNEL_CONFIRMED 2
#define REPLY_TAG "reply" /* consumer tags of the others are their index in the table */
#define HEADER_TRIES "tries"
#define HEADER_MS "ms"

/* ---- bus_connect.c ---- */

struct connect_job {
    /* asked; strings live as long as the process */
    const char *host, *user, *password, *vhost, *ca;
    int port, heartbeat;
    bool tls;
    const char *instance;
    char reply_queue[TOPOLOGY_NAME_SIZE]; /* another one at each attempt: the broker may not have noticed yet that the last is
                                             gone */
    const struct bus_consumer *consumers; /* NULL while draining: only replies */
    struct topology_limits limits;
    /* answered: both connections, or NULL and why */
    amqp_connection_state_t in, out;
    char why[400];
    bool reached; /* there is somebody at that port */
};

/* Blocks for seconds at most. */
void connect_run(struct connect_job *job);

/* ---- bus_link.c ---- */

void link_start(const char *instance, const char *user, const struct bus_consumer *consumers);
void link_hold(void);
void link_consume(void);
void link_stop(void);
bool link_up(void);
const char *link_host(void);           /* "host:port" that is connected, "" while down; valid until the next call */
const char *link_why(void);            /* why it is down, "" when it is not known yet; valid until the next call */
const char *link_reply_queue(void);    /* of the present connection */
amqp_connection_state_t link_in(void); /* NULL while down */
amqp_connection_state_t link_out(void);
void link_write_later(void);                  /* the socket of `out` is full: another turn soon */
void link_write_in(int ms);                   /* another turn then at the latest */
void link_fail(const char *what, int status); /* both connections are given up at the end of this turn */
void link_closed(const amqp_frame_t *frame);  /* the same, if the broker says that it closes something */
void link_on_change(void (*fn)(bool up));
void link_stop_consuming(void);
bool link_draining(void);
bool link_silent(void); /* `out` is given up: the broker has not been heard for too long. To be asked before each publishing */
void link_check(void);  /* end of a turn: carries out link_fail(), reads what the library has already swallowed */
bool link_needs_check(void); /* there is something of that kind */

/* ---- bus_own.c ---- */

void own_start(const struct bus_consumer *consumers);

/* ---- bus_out.c ---- */

struct outgoing {
    const char *exchange; /* static text */
    const char *key;      /* copied */
    struct str *text;     /* taken */
    const char *reply_to; /* copied, or NULL */
    int tries;            /* header, 0 = none */
    bool confirmed;       /* persistent; on_confirm is called once */
    bus_confirm_fn *on_confirm;
    void *context;
};

void out_start(bool insist);                  /* true: with quorum queues, what a queue refuses is sent again */
void out_add(const struct outgoing *message); /* never fails, never writes: the end of the turn does */
void out_flush(void);                         /* writes as much as the socket takes without waiting */
bool out_refuses(void);                       /* blocked by the broker, or too much is waiting */
bool out_blocked(void);
const char *out_blocked_why(void); /* "low on disk"; "" when it is not blocked */
bool out_idle(void);
/*
 * Once a second: publishes something if nothing else was. A broker with an alarm says so only to those who publish, and the first
 * request of a service that had been idle would wait for nothing.
 */
void out_probe(void);
void out_opened(amqp_connection_state_t out);
void out_frame(const amqp_frame_t *frame); /* a frame of the `out` connection */
void out_lost(void);

/* ---- bus_events.c ---- */

void events_start(bool quorum);
void events_add(const char *key, const char *text, size_t len, bus_confirm_fn *on_confirm, void *context);
void events_leave(void); /* end of a turn: what may go is handed to out_add() */
void events_lost(void);
bool events_idle(void);

/* ---- bus_in.c ---- */

void in_opened(const struct bus_consumer *consumers);
void in_frame(const amqp_frame_t *frame);
void in_flush(void); /* acknowledges what has ended */
bool in_idle(void);
void in_lost(void);
void in_end(struct bus_delivery *delivery);                   /* frees it */
const char *in_reply_to(const struct bus_delivery *delivery); /* NULL: nobody waits, or the connection is another */
void in_dead(struct bus_delivery *delivery);

/* ---- bus.c ---- */

void bus_count_batch(int count, const char *direction);
void bus_on_reply(struct str *text);  /* a message of replies; borrowed, overwritten */
void bus_on_return(struct str *text); /* a message of requests that no queue took; borrowed, overwritten */

/* ---- bus_step.c: each costs a test of a flag unless spans are wanted ---- */

void step_begin(struct bus_delivery *delivery); /* it is about to be handled */
void step_reply(struct bus_delivery *delivery, const struct str *head);
void step_end(struct bus_delivery *delivery, const char *queue); /* its text is still there */

#endif
