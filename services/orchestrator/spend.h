/*
 * What a request uses up before it is done: rules of access that count how often they permit something (accessControlLimit), and
 * the retrievals that a contentInstance has left (deletionCnt). Storage counts, in a commit; when nothing is left any more the
 * request is planned again from what is there now.
 */
#ifndef TESSERA_SPEND_H
#define TESSERA_SPEND_H

#include "job.h"

/* Uses up the rules that the decision rests on and that have not been yet, then goes on. Nothing to use up: at once. */
void spend_rights(struct job *job, job_step *then);
/* The same as operations that go along with a commit: added to *ops, which may be NULL. */
void spend_along(struct job *job, json_t **ops);
/* The commit that they went along with is done. */
void spend_done(struct job *job);

/* The attributes of an instance count retrievals (member dcnt of this object). */
bool spend_counts(struct slice attributes);
/* The same with one retrieval less, as the originator sees it. */
void spend_write(struct str *out, struct slice attributes);
/* One retrieval less of each of these instances (list of ids, taken), then goes on. */
void spend_retrievals(struct job *job, json_t *instances, job_step *then);

#endif
