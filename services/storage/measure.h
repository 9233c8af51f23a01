/* What /metrics tells of storage. Main thread. */
#ifndef STORAGE_MEASURE_H
#define STORAGE_MEASURE_H

#include "metrics.h"
#include "store.h"

void measure_answer(const char *what, const char *st);
void measure_group(const struct group_report *report, struct job *const *jobs, int count);
void measure_sweep(int64_t count);
void measure_state(int64_t outbox, double outbox_seconds, int waiting, int64_t bytes);
void measure_active(bool active);
void measure_disk(const char *file); /* the file system that it is on */

#endif
