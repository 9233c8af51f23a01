/*
 * Polling channels, TS-0001 10.2.5.14 and TS-0004 7.4.22: the owner's polls, and the requests that wait for the owner. A
 * request waits until a poll takes it, then for the owner's answer. Pure: times are given, what is decided goes through
 * channel_ops, called at once.
 *
 * Of the requests of one lane only one poll's are out at a time, and none overtakes another; of those with the same rqi only
 * one is out, so that the answer finds it. The newest poll is served first: older ones may belong to a client that is gone.
 */
#ifndef POLLING_CHANNEL_H
#define POLLING_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel_poll {
    const char *id; /* unique */
    int64_t deadline;
    bool aggregate; /* takes several requests at once */
    void *context;
};

/* The texts live until the request has ended. */
struct channel_request {
    const char *id; /* unique */
    const char *rqi;
    const char *lane; /* NULL: of its own */
    int64_t deadline;
    size_t size; /* bytes, for the bound of one answer */
    bool again;  /* it may have been handed out in an earlier life of this process */
    void *context;
};

struct channel_ops {
    void (*hand)(void *poll, void *const *requests, int count, bool aggregate); /* the poll is ended, the requests are out */
    void (*expire)(void *poll);               /* nothing came in its time, or its client left: it is ended */
    void (*fail)(void *request, bool handed); /* nobody polled, or nobody answered, in its time: it is ended */
    void (*twice)(void *context);             /* what came is here already: this copy is ended, the first one stays */
    void (*wanted)(const char *channel);      /* a poll waits where requests have failed: they can be tried again */
};

struct channel_limits {
    int requests, polls; /* of one channel */
    int open;            /* of both, of all channels */
};

struct channels;

struct channels *channels_new(const struct channel_ops *ops, const struct channel_limits *limits);
void channels_free(struct channels *channels);

/* 0, or -1 when there are too many: then nothing was taken, and no op is called. */
int channels_poll(struct channels *channels, const char *name, const struct channel_poll *poll);
int channels_request(struct channels *channels, const char *name, const struct channel_request *request);

/* The context of the request that the owner's answer with this rqi is for, which is ended; NULL when there is none. */
void *channels_answer(struct channels *channels, const char *name, const char *rqi);

/* The client of this poll is gone: what it was handed and has not answered waits again. */
void channels_leave(struct channels *channels, const char *poll_id);

/* Ends what is due at `now`. */
void channels_expire(struct channels *channels, int64_t now);

/* Forgets everything; `drop` gets the contexts. */
void channels_forget(struct channels *channels, void (*drop)(void *context));

struct channel_counts {
    int polls, waiting, out; /* requests that wait, and that are handed out */
};
struct channel_counts channels_count(const struct channels *channels);

#endif
