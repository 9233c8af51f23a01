/*
 * Calls to `storage`, docs/contracts.md. One struct store_call per asker and one call at a time: `done` is called exactly
 * once for each call that returned 0, never from inside it. -1: nothing was sent, the bus is away or full.
 */
#ifndef TESSERA_STORE_H
#define TESSERA_STORE_H

#include "bus.h"
#include "plan.h"

enum store_status {
    STORE_OK,
    STORE_STALE, /* the body is {"ri":version or null,...} */
    STORE_EXISTS,
    STORE_NONE,
    STORE_REFUSED,
    STORE_FAILED,  /* nothing was done */
    STORE_TIMEOUT, /* these two: whether something was done is not known */
    STORE_LOST,
};

struct store_reply {
    enum store_status st;
    const struct envelope *e; /* NULL when there was no answer */
};

struct store_call {
    void (*done)(void *context, const struct store_reply *reply);
    void *context;
    const char *tenant;
    const char *trace; /* or NULL */
    int64_t deadline;  /* wall clock ms */
};

/* `need` (snapshot_need) may be NULL. Everything is copied before the return. */
int store_records(struct store_call *call, char *const *addresses, int count, const struct str *need);
int store_get(struct store_call *call, const char *to, enum address_virtual virt, const struct str *need);

struct store_query {
    const char *root;
    bool full;        /* with attributes */
    const json_t *fc; /* criteria that storage tests, or NULL */
    bool active;      /* without inactive AEs and what is below them */
    int64_t lvl;      /* 0 = all */
    const char *after;
    int max;
};

int store_query(struct store_call *call, const struct store_query *query, const struct str *need);
int store_append(struct store_call *call, const struct request *req, const struct plan *plan, int64_t now,
                 const struct str *need);
int store_commit(struct store_call *call, const struct request *req, const char *originator, const json_t *ops, int64_t now,
                 const struct str *need);
/*
 * Has this request been carried out before? STORE_OK with the first answer, STORE_STALE if not. Changes nothing. `parent`: of
 * the CREATE of an instance (as store_append), NULL for what is committed.
 */
int store_recall(struct store_call *call, const struct request *req, const struct resource *parent);
int store_ping(struct store_call *call);

/* One record of a reply as JSON. What is no JSON for jansson (numbers beyond its range in an instance) is left out. The caller
 * owns it. */
json_t *store_record(struct slice text);

#endif
