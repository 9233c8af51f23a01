/*
 * Questions: other requests whose answers a decision needs before it can go on (the members of a group, another CSE, a
 * subscription elsewhere). Planning stays pure: it asks the snapshot; what has no answer yet is noted, the shell has it
 * carried out (subrequest.c) and plans again. Answers outlive the forgetting of what was read: nothing is asked twice.
 */
#ifndef TESSERA_ASK_H
#define TESSERA_ASK_H

#include "primitive.h"
#include "snapshot.h"

enum ask_flags {
    ASK_UNDO = 1,  /* a CREATE that succeeded is deleted again if the request that asked fails in the end */
    ASK_AFTER = 2, /* carried out once the request that asked is answered; nobody waits for its answer */
};

enum asked_state { ASKED_NEW, ASKED_OPEN, ASKED_ANSWERED, ASKED_AFTER };

/* In front of the verb of a task for the service semantics (docs/contracts.md), as the `to` of a question. */
#define ASK_SEMANTICS "semantics:"

/* Where a question leads to: what is slow elsewhere shall not hold up what is here. */
enum ask_place { ASK_HERE, ASK_AWAY, ASK_PLACES };

/* A question, and its answer once there is one. */
struct asked {
    char *key;
    struct str head; /* line one of the primitive as it would travel; becomes the memory of the sub-request */
    struct str own;  /* its content, unless that is the one of the request that asked */
    struct slice pc; /* either */
    char *to, *fr, *rqi;
    int op, flags;
    enum ask_place place;
    int64_t deadline; /* wall clock ms: no later than this; 0 = as long as the request that asked */
    enum asked_state state;
    int rsc;            /* of the answer; a failure to ask is one, too */
    bool late;          /* there is none: the time was over */
    struct str content; /* its content, or empty */
    bool cut;           /* which was left out: all contents together are larger than an answer may be */
    char *loc;          /* address of what it created, or NULL */
    int cnst, cnot;     /* or ABSENT */
};

/*
 * The answer to `question`, or NULL: then it has been noted, and the plan must return PLAN_WAIT, after asking whatever else
 * can be asked at the same time. `key` names the question within the request `req`; the same key is the same question. From
 * `req` come the tenant, the trace and the identity, unless the question has one of its own; `id`, and an `rqi` if the question
 * has none, are derived from both. A `to` that is a URL is sent a NOTIFY directly. Everything is copied but the content of `req`
 * itself, which may be passed on to thousands.
 */
const struct asked *snapshot_ask(struct snapshot *snap, const struct request *req, const char *key,
                                 const struct request *question, int flags);

/* For the shell. Every round of planning begins without questions that were noted but not yet sent. */
void ask_drop_new(struct snapshot *snap);
bool ask_waits(const struct snapshot *snap);                         /* is there any to be sent? */
struct asked *ask_next(struct snapshot *snap, enum ask_place place); /* the first one to be sent, or NULL */
void asked_set_open(struct snapshot *snap, struct asked *asked);     /* it is being sent */
/* `most`: bytes of all contents together (0 = any); a single one always fits. */
void asked_set_answer(struct snapshot *snap, struct asked *asked, int rsc, struct slice content, size_t most);
void ask_done(struct snapshot *snap); /* forgets all */

#endif
