/* Events of cse.events as this service reads them: docs/contracts.md. Pure; everything borrows from the envelope. */
#ifndef NOTIFICATION_EVENT_H
#define NOTIFICATION_EVENT_H

#include "envelope.h"

enum event_kind {
    EVENT_RESOURCE, /* a resource was created, updated or deleted */
    EVENT_EMPTY,    /* the latest or oldest instance of an empty container was asked for */
    EVENT_MISSING,  /* data points of a timeSeries did not come */
    EVENT_TRIGGER,  /* the underlying network brought a trigger for an AE */
    EVENT_ATTEMPT,  /* an operation was tried, whatever came of it */
    EVENT_RELAY,    /* a group was notified: `rep` is a notification for the targets of `subs` */
    EVENT_POLL,     /* the owner of a polling channel polls again, `path` is the channel's address */
    EVENT_OTHER,    /* nothing that makes notifications */
};

#define STATE_ABSENT INT64_MIN

/* What time, state and size criteria are tested on; STATE_ABSENT where the resource has no such attribute. */
struct event_state {
    int64_t ct, lt, et, st, cbs;
};

struct event {
    enum event_kind kind;
    const char *id;
    const char *path, *pi;
    const char *fr;    /* the originator; NULL when unknown */
    const char *trace; /* NULL */
    int op, ty;
    int64_t at;
    struct slice rep, mod, subs; /* raw JSON; {NULL,0} when absent */
    struct event_state self, parent;
};

/* 0, or -1 with `why` when the event is none. */
int event_read(struct event *event, const struct envelope *e, char *why, size_t why_size);

/* One entry of `subs`. */
struct event_sub {
    struct slice ri, path; /* without quotes: resource ids and paths have no escapes */
    struct slice a;        /* raw attributes */
    struct slice sched;    /* raw list of m2m:scheduleEntry: when notifications may be sent; {NULL,0} = always */
    bool parent;           /* it is below the parent of the resource, not below the resource */
};
bool event_sub_read(struct event_sub *sub, struct slice element);

#endif
