/* Missing data of timeSeries resources: watches the times, keeps mdlt and mdc, reports to subscriptions with net 8. */
#ifndef TIMING_SERIES_H
#define TIMING_SERIES_H

#include "change.h"

/* `max`: entries of mdlt if missingDataMaxNr does not say. */
void series_init(int64_t max);
/* A timeSeries as storage has it, and what was kept with it (NULL: nothing). */
void series_learn(const char *ri, const json_t *a, const json_t *kept);
/* It was created, updated or deleted. */
void series_on_change(const struct change *change, struct source *source);
/* An instance was created below it. */
void series_on_point(const struct change *change, struct source *source);
/* Behind series_learn(): looks up the points that came since something was last kept. Calls back once all are done. */
void series_catch_up(void (*done)(void));
void series_forget(void);

#endif
