/* Time synchronization beacons, TS-0001 <timeSyncBeacon>: sent at intervals, or to an entity whose clock is off. */
#ifndef TIMING_BEACONS_H
#define TIMING_BEACONS_H

#include "change.h"

void beacons_learn(const char *ri, const char *path, const json_t *a);
void beacons_on_change(const struct change *change, const char *path);
/* A request of `fr` said that it was made at `ot`; it came at `at` (ms). */
void beacons_on_clock(const char *fr, int64_t ot, int64_t at);
void beacons_forget(void);

#endif
