/*
 * What waits to be delivered, and what may go now: one job of a lane at a time, in order; no more at a time to one target than
 * its bound, `total` altogether; targets take turns.
 */
#ifndef TESSERA_OUTBOUND_LANES_H
#define TESSERA_OUTBOUND_LANES_H

#include <stdbool.h>
#include <stddef.h>

/* Part of what is delivered; the caller owns it and keeps it while it is here. */
struct job {
    struct job *next;
    struct lane *lane;
};

struct lanes;

struct lanes *lanes_new(int total);
void lanes_free(struct lanes *lanes); /* jobs are left alone */

/* `target` takes at most `bound` jobs at a time; the same name with another bound is another target. */
void lanes_add(struct lanes *lanes, struct job *job, const char *lane, size_t lane_len, const char *target, size_t target_len,
               int bound);

/* The next job that may start now, or NULL. Each is ended by lanes_end(). */
struct job *lanes_start(struct lanes *lanes);

/*
 * A started job has ended. After a success the next of its lane may start. After a failure the rest of the lane comes
 * back, in order and linked by `next`: it is not to be tried; otherwise NULL.
 */
struct job *lanes_end(struct lanes *lanes, struct job *job, bool failed);

int lanes_active(const struct lanes *lanes); /* started and not ended */
int lanes_waiting(const struct lanes *lanes);

#endif
