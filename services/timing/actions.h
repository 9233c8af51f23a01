/* Actions: evaluated when their subject changes, carried out when their criterion and their dependencies hold. */
#ifndef TIMING_ACTIONS_H
#define TIMING_ACTIONS_H

#include "change.h"

/* What an action without evalControlParam does: its period in ms, its number of times; ms that its request may take. */
void actions_init(int64_t period, int64_t times, int64_t patience);
/* An action as storage has it, and what was kept with it (NULL: nothing). */
void actions_learn(const char *ri, const char *pi, const json_t *a, const json_t *kept);
void actions_on_change(const struct change *change, struct source *source);
/* Its evalMode or evalControlParam was set, be it to what it was: it begins anew. */
void actions_on_armed(const struct change *change, struct source *source);
/*
 * `users` are the ids of the actions that look at it (members of an object). `a` NULL: it is to be read; then `counters` says
 * that only what storage counts can have changed.
 */
void actions_on_subject(const char *subject, const json_t *users, json_t *a, int64_t seq, bool counters, struct source *source);
/* The subject of an action, or NULL when there is no such action. Borrowed for the moment. */
const char *actions_subject(const char *ri);
/* A state has been entered: its action is armed and has its turn. */
void actions_arm(const char *ri);
/* What stood in its way does no longer: it has its turn if its criterion holds now. */
void actions_wake(const char *ri);
void actions_forget(void);

#endif
