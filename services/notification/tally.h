/*
 * What a subscription counts: expirationCounter (exc), notificationStatsInfo (nsi). Pure.
 *
 * exc counts one event once, whatever number of targets it was delivered to; an aggregated notification is one. So that
 * never more are delivered than it allows, no more may be on their way than are left.
 */
#ifndef NOTIFICATION_TALLY_H
#define NOTIFICATION_TALLY_H

#include "lane.h"

#define TALLY_EVENTS 64
#define TALLY_UNLIMITED (-1)

struct tally_event {
    uint64_t event;
    int flying;   /* to how many targets now */
    bool counted; /* delivered to one at least */
};

struct tally_target {
    char *target;
    int64_t requests, responses, events;
};

struct tally {
    bool ready;                              /* loaded */
    int64_t left;                            /* exc; TALLY_UNLIMITED */
    int64_t saved;                           /* ... as storage has it */
    bool stats;                              /* nse */
    bool stats_new;                          /* nsi has changed since it was written */
    struct tally_event events[TALLY_EVENTS]; /* on their way, and the latest that were counted */
    int next;                                /* where the next one goes, if it is free */
    struct tally_target *targets;
    int count;
};

void tally_done(struct tally *tally);
/* From a subscription's attributes: at first, or after it was updated. */
void tally_load(struct tally *tally, const json_t *attributes);
/* nse and nsi as an event brought them: that event counts already. Nothing before the first tally_load(). */
void tally_statistics(struct tally *tally, const json_t *attributes);
enum admission tally_admit(struct tally *tally, uint64_t event);
/* OUTCOME_NONE: it was not tried after all. */
void tally_flown(struct tally *tally, const char *target, uint64_t event, enum outcome outcome);
/* An event is to be notified to `target`. */
void tally_event(struct tally *tally, const char *target);
bool tally_exhausted(const struct tally *tally);
/* Some are on their way. */
bool tally_flying(const struct tally *tally);
/* {"exc":..,"nsi":[..]} as far as they count. */
void tally_write(struct str *out, const struct tally *tally);

#endif
