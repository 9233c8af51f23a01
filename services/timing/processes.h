/* Processes: activated, led from state to state and ended as their conditions say. */
#ifndef TIMING_PROCESSES_H
#define TIMING_PROCESSES_H

#include "change.h"

/* A processManagement or a state as storage has it. States come behind their process, before actions. */
void processes_learn(const char *ri);
void processes_learn_state(const char *ri, const char *pi, const json_t *a);
/* Behind all of the above: each has a look at its conditions. */
void processes_begin(void);
void processes_on_change(const struct change *change, struct source *source);
void processes_on_state(const struct change *change, struct source *source);
/* `id` looks at `subject`, which has changed. `a` NULL: it is to be read. */
void processes_on_subject(const char *id, const char *subject, json_t *a, struct source *source);
/* May an action below `parent` have a turn? Only if that is no state, or the current one of a running process and its action. */
bool processes_let(const char *parent, const char *action);
bool processes_busy(void); /* one of them is finding out what it has to look at */
void processes_forget(void);

#endif
