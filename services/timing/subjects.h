/*
 * Resources that somebody looks at: the subjects of actions and of conditions. Storage marks them (docs/contracts.md), so that
 * their events come here; what comes of a change is up to actions.h and processes.h.
 */
#ifndef TIMING_SUBJECTS_H
#define TIMING_SUBJECTS_H

#include "change.h"

enum subject_user { USER_ACTION, USER_PROCESS, USER_MASHUP };

/* `user` (an id) looks at `subject` from now on, or no longer. */
void subjects_add(const char *subject, enum subject_user kind, const char *user);
void subjects_remove(const char *subject, enum subject_user kind, const char *user);
/* A resource changed, or a child of it came or went (`pi`). A mark that nobody needs any more is taken away. */
void subjects_on_change(const struct change *change, struct source *source);
/* It changed without an event: its attributes are to be read. */
void subjects_changed(const char *subject);
void subjects_forget(void);

#endif
