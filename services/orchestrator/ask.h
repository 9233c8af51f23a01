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
    ASK_UNDO = 1, /* a CREATE that succeeded is deleted again if the request that asked fails in the end */
};

enum asked_state { ASKED_NEW, ASKED_OPEN, ASKED_ANSWERED };

/* A question, and its answer once there is one. */
struct asked {
    char *key;
    struct str text; /* the primitive as it would travel; becomes the memory of the sub-request */
    char *to, *fr, *rqi;
    int op, flags;
    enum asked_state state;
    int rsc;            /* of the answer; a failure to ask is one, too */
    struct str content; /* its content, or empty */
    char *loc;          /* address of what it created, or NULL */
    int cnst, cnot;     /* or ABSENT */
};

/*
 * The answer to `question`, or NULL: then it has been noted, and the plan must return PLAN_WAIT, after asking whatever else
 * can be asked at the same time. `key` names the question within the request `req`; the same key is the same question. From
 * `req` come the tenant, the trace and the identity; `id` and `rqi` are derived from both. A `to` that is a URL is sent a NOTIFY
 * directly. Everything is copied.
 */
const struct asked *snapshot_ask(struct snapshot *snap, const struct request *req, const char *key,
                                 const struct request *question, int flags);

/* For the shell. Every round of planning begins without questions that were noted but not yet sent. */
void ask_drop_new(struct snapshot *snap);
struct asked *ask_next(struct snapshot *snap); /* the first one to be sent, or NULL */
void asked_set_answer(struct asked *asked, int rsc, struct slice content, const char *loc, int cnst, int cnot);
void ask_done(struct snapshot *snap); /* forgets all */

#endif
