/*
 * Connections to MQTT brokers, and all that knows the client library: MQTT 3.1.1, QoS 1. The library has threads of its own,
 * which only put what happened into a bounded queue; everything here is called, and calls back, on the loop.
 */
#ifndef MQTT_LINE_H
#define MQTT_LINE_H

#include "topic.h"

#include <stdint.h>

struct line;

struct line_settings {
    const char *client;                 /* client identifier: one for each instance */
    const char *user, *password;        /* of the CSE's own broker; "" for none */
    const char *ca, *certificate, *key; /* files, PEM; "" for none: the system's authorities */
    int keepalive;                      /* seconds */
    int inflight;                       /* messages to one broker that it has not confirmed yet */
    int backlog;                        /* messages that wait to be sent to one broker */
    size_t queue;                       /* messages that came and wait for the loop */
    size_t max_message;                 /* bytes */
};

struct message {
    char *topic;
    struct str payload; /* may be taken over */
    bool dup;
};

struct line_events {
    void (*message)(struct line *link, struct message *message);
    void (*up)(struct line *link, bool up, const char *why); /* false: also each attempt that failed */
    void (*published)(uint64_t tag, bool ok);                /* the broker has it, or will not have it */
    bool (*busy)(void);                                      /* much is under way: what comes may wait for more, a moment */
};

void line_setup(const struct line_settings *settings, const struct line_events *events);

/*
 * A connection, which comes up later and is opened again for ever. `own`: with a session at the broker, that outlives it, and the
 * user of the settings. Others are opened once: when they end they are to be closed.
 */
struct line *line_open(const struct broker *broker, bool own);
void line_close(struct line *link);
const struct broker *line_broker(const struct line *link);
bool line_is_up(const struct line *link);

/* A topic filter that is subscribed now, or when the connection is up, and again whenever it has come back. */
void line_subscribe(struct line *link, const char *filter);
/* One that an earlier run may have left in the session. */
void line_forget(struct line *link, const char *filter);

/*
 * 0: it is on its way; with a `tag` other than 0 events.published tells its end. -1: too much waits, or there is no connection;
 * without a tag one to the own broker waits for the connection to come back.
 */
int line_publish(struct line *link, const char *topic, const void *data, size_t len, uint64_t tag);
bool line_idle(struct line *link); /* the broker has confirmed all that was published */

void line_stop(void); /* closes all */

#endif
