/*
 * The events that storage cannot know of (docs/contracts.md): "empty", a RETRIEVE of la or ol that found nothing (net 5), and
 * "attempt", operation monitoring (om). Sent only if a subscription of the target asks; best effort. The subscriptions are
 * read before the answer: who has it may delete them, and is notified nevertheless.
 */
#ifndef TESSERA_EMIT_H
#define TESSERA_EMIT_H

#include "job.h"

/* Sends "empty", if it is wanted, then goes on with `then`. */
void emit_empty(struct job *job, job_step *then);

/* True when emit_prepare() must come first, before the answer or before a DELETE takes the subscriptions away. */
bool emit_needs(const struct job *job);
/* Reads them into job->attempt, if they are wanted and that has not been tried yet, then goes on with `then`. */
void emit_prepare(struct job *job, job_step *then);
/* Part of every answer: sends what was prepared. */
void emit_attempt(struct job *job, int rsc);
void emission_free(struct emission *e);

/* A request said when it was made, and a timeSyncBeacon watches the clock of its originator: tells what it said. */
void emit_clock(const struct job *job);

/* Statistics are collected: every request is told, with its answer, of which `size` bytes are content. */
void emit_request(const struct job *job, int rsc, size_t size);
/* Are they? Not at first. */
void emit_tell_requests(bool tell);

#endif
