/*
 * Requests to storage and to the orchestrator, docs/contracts.md, asked until they are answered or forgotten (question.h): the
 * callback is called exactly once, and never from inside the call.
 */
#ifndef NETWORK_CALLS_H
#define NETWORK_CALLS_H

#include "str.h"

#include <jansson.h>

#define CALLS_TENANT "main"

enum call_status {
    CALL_OK,
    CALL_REFUSED,   /* also: what it is about is gone */
    CALL_FORGOTTEN, /* questions_forget(): nothing is to be done but to free the context */
};

/* `body` is line two of the answer, or NULL; borrowed. */
typedef void call_fn(void *context, enum call_status st, const json_t *body);

/* The record of a resource: a list of one, null if there is none. */
void calls_record(const char *ri, call_fn *fn, void *context);
/* Resources of one type, {"rows":[...],"more":...}; `after` NULL = from the first. */
void calls_query(int ty, const char *after, call_fn *fn, void *context);
/* One operation of a commit (taken). */
void calls_commit(json_t *op, call_fn *fn, void *context);
/* A contentInstance named `rn` of a container; that there is one already is well. `content` is borrowed. */
void calls_store(const char *container, const char *rn, const json_t *content, call_fn *fn, void *context);

#endif
