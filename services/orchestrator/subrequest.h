/*
 * Sub-requests: the questions of a plan (ask.h) carried out in this process, as jobs of their own whose answer goes to the job
 * that asked instead of the bus. Where they lead to (here, another CSE, an AE) is decided by their own plan.
 */
#ifndef TESSERA_SUBREQUEST_H
#define TESSERA_SUBREQUEST_H

#include "job.h"

/* Setting, once at start: bytes of all answers to one request's questions that are kept at most. */
void subrequests_configure(size_t content_max);
/* Carries out all questions not sent yet, some at a time; then the job is planned again. It has at least one. */
void subrequests_start(struct job *job);
/* Is the job itself one? Then its answer goes here instead of the bus, and it ends. */
void subrequest_answer(struct job *job, const struct response *rsp, struct slice content);
/*
 * Carries out a request of the CSE's own, for no other; it has an id and an rqi, and says whether it may have been carried out
 * before (`again`). `done` gets its answer, maybe before the return. Everything is copied.
 */
typedef void subrequest_done_fn(void *context, int rsc, struct slice content);
void subrequest_run(const struct request *req, subrequest_done_fn *done, void *context);
/* The request failed: takes back what its questions created (ASK_UNDO). Nobody waits for that. */
void subrequests_undo(struct job *job);
/* The request is answered: starts what was to be done after it (ASK_AFTER). */
void subrequests_after(struct job *job);
bool subrequests_idle(void); /* none is under way */

#endif
