/*
 * Semantic discovery and semantic query, TS-0001 10.2.7 and 10.2.8. Descriptors are read page by page, those that the originator
 * may RETRIEVE, together with what they are related to; `semantics` tests or queries them.
 */
#ifndef TESSERA_SEMANTIC_H
#define TESSERA_SEMANTIC_H

#include "job.h"

/*
 * Of plan.fc: which resources below plan.target does a matching descriptor describe? `smf` becomes `ri`, which storage tests
 * along with the other criteria; then `then` goes on.
 */
void semantic_discover(struct job *job, job_step *then);
/* The result of plan.fc's smf over all descriptors at and below plan.target, as {"m2m:qres":...} in job->text. */
void semantic_query(struct job *job, job_step *then);
/*
 * The same over the descriptors at `addresses` (a list of texts; groups among them stand for their members) and those of
 * plan.descriptors, for <semanticFanOutPoint>.
 */
void semantic_query_of(struct job *job, const json_t *addresses, job_step *then);
void semantic_free(struct semantic *s);

#endif
