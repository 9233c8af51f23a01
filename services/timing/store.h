/*
 * Requests to storage, docs/contracts.md, asked until they are answered or forgotten (question.h): the callback is called exactly
 * once, and never from inside the call.
 */
#ifndef TIMING_STORE_H
#define TIMING_STORE_H

#include "envelope.h"

#include <jansson.h>

#define STORE_TENANT "main"

enum store_status {
    STORE_OK,
    STORE_STALE,     /* something that it rests on has changed or is gone: nothing was done */
    STORE_REFUSED,   /* asked wrongly: no use in asking again */
    STORE_FORGOTTEN, /* questions_forget(): nothing is to be done but to free the context */
};

/* `body` is line two of the answer, valid JSON; {NULL,0} unless STORE_OK. Borrowed for the call. */
typedef void store_fn(void *context, enum store_status st, struct slice body);

void store_records(const json_t *addresses, store_fn *fn, void *context);
/* Resources of one type below `root`; `after` NULL = from the first. `since`: instances created from that moment on, 0 = all. */
void store_query(const char *root, int ty, int lvl, int64_t since, const char *after, store_fn *fn, void *context);
void store_kept(const char *name, const char *after, store_fn *fn, void *context);
/* `ops` and `need` ({"ri":version}, or NULL) are taken over. */
void store_commit(json_t *ops, json_t *need, store_fn *fn, void *context);

/* An operation that keeps `value` (taken over; NULL = nothing any more) with a resource. */
json_t *store_keep_op(const char *ri, json_t *value);

/* The rows of a query's answer, one by one: rows_open() once, then rows_next() as long as it is true. */
struct row {
    char *ri, *pi, *path; /* owned */
    int64_t v;            /* 0 of an instance */
    json_t *a;            /* owned */
};
struct rows {
    struct slice rest;
    char *more; /* where to go on, or NULL; owned */
};
bool rows_open(struct rows *rows, struct slice body);
bool rows_next(struct rows *rows, struct row *row);
void row_done(struct row *row);
void rows_done(struct rows *rows);

#endif
