/*
 * The events that storage cannot know of (docs/contracts.md): "empty", a RETRIEVE of la or ol that found nothing (net 5), and
 * "attempt", operation monitoring (om). Sent only if a subscription of the target asks; best effort, never awaited.
 */
#ifndef TESSERA_EMIT_H
#define TESSERA_EMIT_H

#include "job.h"

void emit_empty(const struct job *job);
/* Part of every answer. */
void emit_attempt(struct job *job, int rsc);

/* Before a DELETE takes the subscriptions away: reads them into job->attempt, then goes on with `then`. */
void emit_prepare(struct job *job, job_step *then);
void emission_free(struct emission *e);

#endif
