/*
 * RETRIEVE with children and discovery, TS-0004 7.3.3.17 and TS-0001 10.2.6: pages of matches from storage, of which the
 * originator sees what its rights allow; bounded by `lim`, by orchestrator.results and by the size of the answer, never cut
 * without saying so (cnst, cnot).
 */
#ifndef TESSERA_DISCOVER_H
#define TESSERA_DISCOVER_H

#include "job.h"

/* As job->plan asks (plan.target, rcn, fc, discover). The content goes to job->text, then `then` goes on. */
void discover(struct job *job, job_step *then);
void discover_free(struct discover *d);

void discover_start(void); /* reads the settings */

#endif
