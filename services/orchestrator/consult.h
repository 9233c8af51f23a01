/* Questions to other services before a commit, docs/contracts.md: to `semantics`, or to the `role` that a task names. */
#ifndef TESSERA_CONSULT_H
#define TESSERA_CONSULT_H

#include "job.h"

/* `reply` is a good one. What else may come is answered here. */
typedef void consult_fn(struct job *job, const struct envelope *reply);
void consult(struct job *job, const char *verb, const char *body, size_t len, consult_fn *then);

/* plan.consult, one task after the other; what they answer goes into the first of plan.ops. Then `next`. */
void consult_plan(struct job *job, job_step *next);

#endif
