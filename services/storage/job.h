/* What is asked of storage and what it answers, between the bus and the tables. */
#ifndef STORAGE_JOB_H
#define STORAGE_JOB_H

#include "envelope.h"
#include "nodes.h"
#include "rsc.h"

#include <jansson.h>

enum answer_st { ST_OK, ST_STALE, ST_EXISTS, ST_NONE, ST_REFUSED, ST_FAILED };

struct answer {
    enum answer_st st;
    struct str head; /* further members, as head_*() write them */
    struct str body;
};

void answer_reset(struct answer *a); /* ok, and empty */
void answer_done(struct answer *a);
void answer_none(struct answer *a);
void answer_exists(struct answer *a, const char *what); /* "ri" or "path" */
void answer_failed(struct answer *a, const char *why);
__attribute__((format(printf, 3, 4))) void answer_refuse(struct answer *a, enum rsc rsc, const char *format, ...);
void answer_gone(struct answer *a, const char *ri); /* stale: it is not there */

/*
 * Are the definition versions those of `need` (a JSON object, or {NULL,0})? 0 with a->st ST_OK or ST_STALE (or ST_REFUSED
 * when it is malformed), -1 when the database failed.
 */
int need_check(struct nodes *nodes, struct db *db, struct slice need, struct answer *a);

/* Who caused a change, for its event and for its repetition. Borrowed. */
struct origin {
    const char *key;  /* of idempotency, or NULL */
    const char *also; /* another name of the answer, or NULL */
    bool again;       /* it may have been done before */
    const char *fr, *rqi, *trace;
    int64_t at;
};

struct append {
    const char *pi;
    const char *rn; /* NULL = generated */
    int ty;
    int64_t cs, et;   /* et NEVER = with the container */
    int64_t dgt;      /* us; no other instance of the container has the same. NEVER = it has none */
    int64_t mni, mbs; /* -1 = no limit */
    struct slice a;   /* the attributes as given, one JSON object */
    json_t *then;     /* operations of a commit that follow from it, or NULL; owned */
};

struct pend {
    json_t *list; /* of pend: owned */
    bool latest;
    int64_t max; /* of a lane, 0 = no bound */
    const char *lane;
    int64_t upto;
};

enum job_kind { JOB_PING, JOB_APPEND, JOB_COMMIT, JOB_PEND, JOB_PENDED, JOB_SWEEP };

/* One thing for the writer to do. Its strings borrow from whoever made it and live until `done` has been called. */
struct job {
    struct job *next;
    enum job_kind kind;
    struct origin origin;
    struct slice need;
    union {
        struct append append;
        struct pend pend;
        json_t *ops; /* of a commit: list, owned */
        int sweep;   /* at most so many; the answer is how many were deleted */
    };
    char *replay; /* the first answer, when it was done before; owned */
    struct answer answer;
    int64_t queued;                /* clock_mono_us() */
    void (*done)(struct job *job); /* on the main thread; frees the job */
    void *context;
};

void job_done(struct job *job); /* frees what it owns */

/*
 * Reads a request of the kinds above. 0; or -1 with job->answer saying what is wrong with it. The job borrows from `e`.
 */
int job_decode(struct job *job, enum job_kind kind, const struct envelope *e);

#endif
