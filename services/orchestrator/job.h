/*
 * One request while it is worked on. The life of a job is in shell.c, what a plan asks to be done in perform.c, what is said
 * in the end in answer.c. A job waits for one thing at a time; whoever waits owns the next step.
 */
#ifndef TESSERA_JOB_H
#define TESSERA_JOB_H

#include "bus.h"
#include "cache.h"
#include "cmdh.h"
#include "loop.h"
#include "plan.h"
#include "store.h"

struct semantic;
struct job;
typedef void job_step(struct job *job);

struct job {
    struct bus_delivery *delivery; /* owned until answered; `req` borrows from it */
    struct sub *sub;               /* of a request that another one asked (subrequest.h), or NULL */
    int subs_open[ASK_PLACES];     /* requests that this one waits for */
    bool subs_starting;
    struct request asked;        /* as it came */
    struct request req;          /* as it is carried out: primitive profiles may have changed it (profile.h) */
    char *number;                /* of a request that another Tessera has passed on: it may come twice; or NULL */
    struct cmdh_texts completed; /* what the policy has given to it (cmdh.h) */
    struct snapshot snap;
    struct plan plan;
    bool from_cache;    /* the snapshot holds what may be out of date */
    bool confirmed;     /* and storage has said that it is not */
    int rounds, stales; /* of planning since the snapshot was emptied; of emptying it */
    int64_t answer_by;  /* wall clock ms */
    int64_t started;    /* clock_mono_us() */

    struct store_call call; /* the one storage call under way */
    void (*on_reply)(struct job *job, const struct store_reply *reply);
    const char *stage;           /* what it counts as in the metrics */
    int64_t called;              /* clock_mono_us() */
    char *loading[SNAPSHOT_MAX]; /* addresses asked for */
    int loading_count;
    struct loop_timer *pause; /* NULL until it is first needed */
    struct loop_timer *start; /* likewise: until operationExecutionTime */

    struct discover *discover; /* while it runs */
    struct semantic *semantic; /* likewise */
    struct str text;           /* response content made here */
    struct emission *attempt;  /* gathered before the answer, or a deletion, takes away whom to tell; or NULL */
    bool gathered;             /* that has been tried */
    int rsc;                   /* of an answer that waits for it; its content is in `text` */
    bool verified;             /* plan.verify has been done */
    size_t consulted;          /* tasks of plan.consult that have been done */
    void (*on_consulted)(struct job *job, const struct envelope *reply);
    job_step *after_consult;
    json_t *spent; /* names of the rules whose use has been counted (spend.h), or NULL; stays when the rest is forgotten */
    job_step *after_spending;
    int cnst, cnot, retry; /* response parameters, or ABSENT */
    char *loc;             /* address of what was created, or NULL */
    int poa_next;          /* of PLAN_NOTIFY: the address to try next */

    const struct response *passed; /* during answer_response(): what another CSE answered */
};

/* shell.c */
/* `sub` is NULL for a request from the bus. job_run() does it; the answer ends it. */
struct job *job_new(struct bus_delivery *delivery, const struct request *req, struct sub *sub);
void job_run(struct job *job);
struct cache *job_cache(void);    /* the process's */
void job_plan(struct job *job);   /* decide, or load what is missing first */
void job_replan(struct job *job); /* forget everything read, and decide again; gives up after some times */
void job_end(struct job *job);    /* after the answer: frees */
/* Room for the `need` of the call about to be made; valid until the next use. */
const struct str *job_need(const struct job *job);
/*
 * Before a storage call: who gets its reply. The call's result goes to job_called(), which answers 5103 when nothing could be
 * sent. 4008 is answered here when the time is over: false then.
 */
bool job_calls(struct job *job, const char *stage, void (*on_reply)(struct job *job, const struct store_reply *reply));
void job_called(struct job *job, int sent);
/* True when the reply is `ok`. Otherwise the job has been answered or is planned again. */
bool job_reply_ok(struct job *job, const struct store_reply *reply);
/* Likewise, when its content is a list: for list_next(). */
bool job_reply_list(struct job *job, const struct store_reply *reply, struct slice *list);

/* perform.c */
void perform(struct job *job);
/* A request delivered again: what storage remembers of the first time is the answer. */
void perform_recall(struct job *job);

/* forward.c: PLAN_FORWARD */
void forward(struct job *job);
/* A request that another CSE has passed on: if it says which one it is, that is what it is known by here. */
void forward_recognize(struct job *job);

/* answer.c: each ends the job. */
void answer_response(struct job *job, const struct response *rsp); /* as another CSE has answered */
void answer(struct job *job, int rsc, struct slice content);
__attribute__((format(printf, 3, 4))) void answer_error(struct job *job, int rsc, const char *format, ...);
/* The request is passed on to `role`, which answers it: with the parameters of `req`, `more` members, and the content. */
void answer_elsewhere(struct job *job, const char *role, const struct request *req, const struct str *more);
__attribute__((format(printf, 2, 3))) void answer_later(struct job *job, const char *format, ...); /* 5103, try again */
/* How this originator sees addresses of this CSE: "" for those registered here, else "/id-in/" or "//sp/id-in/". */
const char *answer_prefix(const char *originator);
/* A request that never became a job. */
__attribute__((format(printf, 4, 5))) void answer_refuse(struct bus_delivery *delivery, const struct request *req, int rsc,
                                                         const char *format, ...);

#endif
