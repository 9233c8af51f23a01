/*
 * Windows of crossResourceSubscriptions (TS-0001 10.2.10.22) that are judged at their end (eem 3 to 5): the orchestrator is told
 * when one is over. It knows what came in it, and forgets nothing: being told twice, or late, does no harm.
 */
#ifndef TIMING_WINDOWS_H
#define TIMING_WINDOWS_H

#include "change.h"

void windows_learn(const char *ri, const json_t *a);
void windows_on_change(const struct change *change, struct source *source);
void windows_forget(void);

#endif
