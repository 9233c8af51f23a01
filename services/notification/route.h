/*
 * Where a target is: a URL is itself; a resource id of an AE leads to its polling channel and its points of access (poa), an id
 * of another CSE to those of the remoteCSE in between, as storage has them at that moment. Which of them was reached is
 * remembered. What other resources are told is the orchestrator's business.
 */
#ifndef NOTIFICATION_ROUTE_H
#define NOTIFICATION_ROUTE_H

#include "str.h"

enum route_status {
    ROUTE_OK,
    ROUTE_NOWHERE,     /* there is no such target, or none that can be notified */
    ROUTE_UNREACHABLE, /* not now */
};

/* Borrowed for the call. */
struct route {
    enum route_status status;
    const char *role;   /* "egress.http" */
    const char *scheme; /* "http": for metrics */
    const char *url;    /* NULL for the orchestrator */
    const char *to;     /* the resource id; NULL for URLs */
    const char *csz;    /* raw list of serializations; NULL */
    int addresses;      /* how many there are, this one included */
    /* ms: the schedule of the target's node is closed, look again then; 0: it is not. TS-0001 9.6.9 */
    int64_t closed_until;
};

typedef void route_fn(void *context, const struct route *route);
/* Answers through `fn`, at once or later. */
void route_get(const char *target, route_fn *fn, void *context);
/* The target was not reached: route_get() gives the next address from now on. */
void route_failed(const char *target);
void route_sweep(int64_t now);

#endif
