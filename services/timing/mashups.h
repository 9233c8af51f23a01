/*
 * Semantic mashups whose results are made periodically, or when a member changes (TS-0001 10.2.15): the CSE asks the
 * <mashup> of the instance for one.
 */
#ifndef TIMING_MASHUPS_H
#define TIMING_MASHUPS_H

#include "change.h"

void mashups_learn(const char *ri, const json_t *a);
void mashups_on_change(const struct change *change, struct source *source);
/* A member of the instance has changed; `source` is held until there is a result. */
void mashups_on_member(const char *ri, struct source *source);
void mashups_forget(void);

#endif
