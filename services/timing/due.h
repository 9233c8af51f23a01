/*
 * Non-blocking requests that wait in storage until they are due: the orchestrator keeps with each <request> when that is (name
 * "due") and says so in an event `armed`; here an event `due` is made of it at that time.
 */
#ifndef TIMING_DUE_H
#define TIMING_DUE_H

#include "change.h"

void due_learn(const char *ri, const json_t *kept);
void due_on_armed(const struct change *change, struct source *source);
/* All is learnt: from time to time those that have come near are looked for. */
void due_begin(void);
void due_forget(void);

#endif
