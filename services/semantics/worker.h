/*
 * A task in a process of its own: it can open nothing, has so much memory and so much time, and what it does to itself stays
 * there. The process is a copy of this one that ends with the answer.
 */
#ifndef SEMANTICS_WORKER_H
#define SEMANTICS_WORKER_H

#include "task.h"

#include <stdint.h>

struct worker_limits {
    int64_t time;   /* ms */
    int64_t memory; /* bytes, beyond what the service itself has */
};

/* `answer` is NULL when there is none: `why` says what happened to the process. Called once, never from inside worker_start(). */
typedef void worker_fn(void *context, const struct task_answer *answer, const char *why);

/* Copies what it needs. 0, or -1 when no process can be made: `done` is not called then. */
int worker_start(const char *verb, struct slice body, const struct worker_limits *limits, worker_fn *done, void *context);

#endif
