/*
 * Detection of missing data points of a <timeSeries>, TS-0001 9.6.36: points are expected at dgt0 + n * pei, dgt0 being
 * the first point's time; one that is not there `mdt` ms after its expected time is missing. Pure. All times are ms.
 */
#ifndef TIMING_MISSING_H
#define TIMING_MISSING_H

#include <stdbool.h>
#include <stdint.h>

#define MISSING_EARLY_MAX 1024 /* points kept that came before their turn; further ones count as not there */

struct detection {
    int64_t pei, peid, mdt;
    bool started;
    int64_t first;  /* dgt0 */
    int64_t next;   /* the first expected point that nothing has been decided about */
    int64_t *early; /* points from `next` on that are there, ascending; owned */
    int early_count, early_room;
};

void missing_init(struct detection *d, int64_t pei, int64_t peid, int64_t mdt);
void missing_done(struct detection *d);
/* Takes up where another process left off: all before `next` is decided. */
void missing_resume(struct detection *d, int64_t first, int64_t next);
/* A point has been stored. True if it is the one that starts the detection. */
bool missing_stored(struct detection *d, int64_t dgt);
/* When the next point is to be decided about; INT64_MAX before the start. */
int64_t missing_due(const struct detection *d);
/*
 * Decides about all points whose time is over. Writes the expected times of the newest `max` missing ones to `out`, the oldest
 * first, and returns how many.
 */
int missing_settle(struct detection *d, int64_t now, int64_t *out, int max);
/* When the absence of the point expected at `dgt` was noticed: the moment that counts for a subscription's window. */
int64_t missing_noticed(const struct detection *d, int64_t dgt);

/*
 * When a subscription with net 8 is to be told, TS-0001 9.6.8 (missingData): the first miss opens a window of `dur`; from
 * the `num`-th miss in it on, each one is told. After its end the next miss opens another.
 */
struct window {
    int64_t num, dur;
    int64_t opened, count;
};
bool window_miss(struct window *w, int64_t at);

#endif
