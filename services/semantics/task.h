/*
 * What can be asked of this service, docs/contracts.md: a verb and a JSON text, answered with another one. Has no side effects;
 * it may take long or much memory, which is the worker's business.
 */
#ifndef SEMANTICS_TASK_H
#define SEMANTICS_TASK_H

#include "rsc.h"
#include "str.h"

struct task_answer {
    enum rsc rsc; /* RSC_OK, or why it is refused */
    char why[300];
    struct str body;
};

bool task_known(const char *verb);
void task_run(const char *verb, struct slice body, struct task_answer *answer);
void task_done(struct task_answer *answer);

#endif
