/*
 * Services of which one instance at a time is at work (BUS_SINGLE_ACTIVE): the one that the broker gives the events to.
 * It first learns what storage holds and only then handles events, in their order; without the broker it forgets everything,
 * since another instance may go on. One such service per process.
 *
 * An event that kills the process comes back with all others that were unacknowledged. So that it does not do so for ever, those
 * that came back are handled with caution (caution.h): before them it is kept at `keeper` that they are about to be.
 */
#ifndef TESSERA_ACTIVE_H
#define TESSERA_ACTIVE_H

#include "bus.h"

struct active {
    const char *queue; /* "events.notification" */
    const char *tenant;
    const char *keeper;                            /* the role that keeps what must survive a death (contracts.md: kept, keep) */
    const char *(*about)(void);                    /* with which resource: the id of the CSEBase */
    int held_max;                                  /* events that may wait: prefetch times primitives per message */
    void (*begin)(void (*ready)(void));            /* this instance is at work from now on: learns, then calls ready() once */
    void (*handle)(struct bus_delivery *delivery); /* ends with active_done() or active_reject(); not to touch its context */
    void (*forget)(void);                          /* what has begun, or not yet; ready() is not to be called any more */
};

/* In service.start. `active` is borrowed for good. */
void active_start(const struct active *active);
/* The handler of the service's event queue. */
void active_on_event(struct bus_delivery *delivery);
/* In place of bus_done(), bus_reject() and bus_reply(). */
void active_done(struct bus_delivery *delivery);
void active_reject(struct bus_delivery *delivery);
void active_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len);

#endif
