/*
 * From a request and what is there to what must happen: pure, no broker, no database. TS-0004 7.2.2 (the order of the
 * checks) and 7.4 (the resource types).
 */
#ifndef TESSERA_PLAN_H
#define TESSERA_PLAN_H

#include "access.h"
#include "address.h"
#include "ask.h"
#include "primitive.h"
#include "region.h"
#include "snapshot.h"

enum plan_kind {
    PLAN_NEED,    /* snapshot.missing must be loaded first, or its questions answered (ask.h) */
    PLAN_ANSWER,  /* answer `rsc` with `content`, or with `text` as m2m:dbg: nothing to do */
    PLAN_GET,     /* RETRIEVE: storage `get` of `target` and `virt`; `attributes` restricts it */
    PLAN_QUERY,   /* RETRIEVE with children or discovery */
    PLAN_APPEND,  /* CREATE of an instance: storage `append` */
    PLAN_COMMIT,  /* storage `commit` of `ops` */
    PLAN_NOTIFY,  /* NOTIFY to an AE here: hand the content to one of its addresses */
    PLAN_RELAY,   /* NOTIFY to a group here: hand the lines of `content`, bodies of events, to the notification service */
    PLAN_FORWARD, /* for another CSE: send the request on to one of its addresses */
    PLAN_POLL,    /* the owner of a polling channel polls or answers: passed on to who keeps its requests */
};

struct plan {
    enum plan_kind kind;
    int rsc;                       /* of PLAN_ANSWER; of the others when they succeed */
    struct str text;               /* debug text of a refusal */
    struct str content;            /* of PLAN_ANSWER, or empty */
    bool partial;                  /* of which something was left out: content status */
    int rcn;                       /* the result content asked for or its default */
    char *originator;              /* stem of the originator; of an AE CREATE the one it was given */
    char *peer;                    /* its ip address, or NULL */
    struct access_who who;         /* both, for the access checks; borrows from the two above and `roles` */
    json_t *roles;                 /* those that the originator claims and has, or NULL */
    struct token_list *tokens;     /* those that came with the request and hold, or NULL */
    struct str tokens_why;         /* why others do not */
    bool deciding;                 /* for whoever asks an <authorizationDecision>: nobody else decides */
    json_t *ati, *tqf;             /* response parameters, or NULL */
    struct place place;            /* where the originator is, if who.place says so */
    const struct request *req;     /* borrowed, while it is planned; `profiled` if there is one */
    bool clock;                    /* a timeSyncBeacon watches the clock of the originator */
    const struct resource *entity; /* the originator's AE, or the remoteCSE it comes by; NULL: the CSE itself, or the admin */
    struct request *profiled;      /* the request as primitive profiles made it (profile.h), or NULL */
    json_t *answers;               /* profiles for the response: a list of their attributes, or NULL */

    char *to;                      /* the target, where it is not what the request says (contact.h); or NULL */
    struct address address;        /* the target's */
    const struct resource *target; /* borrowed from the snapshot; the parent of a CREATE */

    json_t *attributes; /* PLAN_GET: list of names of a partial retrieve, or NULL */
    json_t *readable;   /* of the target only these attributes may be shown (accessControlAttributes), or NULL: all */

    json_t *fc;    /* PLAN_QUERY: filterCriteria, or NULL; otherwise NULL: it has been tested on the target */
    bool discover; /* filterUsage discovery: references only, DISCOVERY right on each */

    json_t *descriptors; /* of a semantic query over a group: [{"f","d"},...] of the members elsewhere; else NULL */

    const char *holds;  /* id of a resource that the request may change although it is locked (lock.c), or NULL; borrowed */
    const char *unlock; /* id of one with the mark of a lock that nobody holds any more, or NULL; borrowed */

    /* PLAN_APPEND */
    const struct rtype *type; /* of what is created (also PLAN_COMMIT) */
    char *rn;                 /* given name, or NULL */
    int64_t et;               /* ms, or 0: with the container */
    size_t size;              /* contentSize */
    bool unique;              /* there may be no other of the same dataGenerationTime, */
    int64_t dgt;              /* in us */
    struct str given;         /* the other attributes as one JSON object, numbers as written */
    json_t *then;             /* operations of a commit that follow from it, or NULL */
    json_t *limits;           /* {"mni":n,"mbs":n} of the container as far as set, or NULL */

    /* PLAN_COMMIT */
    bool deferred;   /* it keeps a non-blocking request: acknowledged with its address */
    json_t *ops;     /* list of operations, docs/contracts.md; the first is the request's own, the others follow from it */
    json_t *along;   /* instance that goes with the first of them, or NULL */
    json_t *verify;  /* subscription: list of {"url":...} or {"ri":...,"poa":[...],"csz":[...]} to be verified first, or NULL */
    json_t *consult; /* list of {"do","about","body","attr","role"}: what another service must be asked before the commit
                        (consult.h), or NULL */
    json_t *sgn;     /* the verification request's m2m:sgn object, without that key */

    /* PLAN_NOTIFY, PLAN_FORWARD */
    json_t *poa; /* list of addresses, in order */
    json_t *csz; /* serializations the AE or CSE prefers, or NULL */
    json_t *via; /* PLAN_FORWARD: CSE-ID of the next hop */

    /* PLAN_FORWARD */
    char *from_outside; /* the originator as the other CSE knows it */
    bool release_1;     /* without parameters that release 1 does not know */
    bool numbered;      /* the other CSE may be told which request it is (forward.c) */

    /* PLAN_POLL */
    char *channel;    /* address of the polling channel */
    const char *verb; /* "poll" or "answer", docs/contracts.md */
    bool aggregate;   /* several requests may be handed out at once */
};

/* Decides. `plan` is fresh (plan_init). */
void plan_request(const struct request *req, struct snapshot *snap, struct plan *plan);
void plan_init(struct plan *plan);
void plan_done(struct plan *plan);

/* Settings, once at start: are notification targets given as URLs verified, too? Not by default (TS-0004 7.4.8.2.1). */
void plan_configure(bool verify_urls);
bool plan_verifies_urls(void);
/* How long the result of a non-blocking request is kept that does not say so itself, ms. */
void plan_set_result_life(int64_t ms);
int64_t plan_result_life_ms(void);

/* Does an AE need a service subscription to register? Not by default. */
void plan_set_subscription_needed(bool needed);
bool plan_subscription_needed(void);
/* How long a transaction may take that does not say so itself, ms. */
void plan_set_transaction_life(int64_t ms);
int64_t plan_transaction_life_ms(void);
/* How many members a group may have. */
void plan_set_group_members(size_t count);
size_t plan_group_members(void);

/* For the type files: a refusal with its explanation. Returns `rsc`. */
__attribute__((format(printf, 3, 4))) enum rsc plan_refuse(struct plan *plan, enum rsc rsc, const char *format, ...);

/*
 * What a resource type adds to the common rules; one row per type in types/table.c. NULL = nothing to add. A function that
 * misses something in the snapshot returns PLAN_WAIT: the plan becomes PLAN_NEED.
 */
#define PLAN_WAIT RSC_ACCEPTED

struct plan_type {
    int ty;
    enum access_op also;            /* right on the parent that a CREATE takes besides CREATE, or 0 */
    const char *const *unsupported; /* attributes of the type that this CSE can do nothing with: 5001; NULL-terminated */
    /*
     * After the common checks. `a` is the complete new representation, to be changed in place. Operations that are to follow the
     * creation may be put into plan->ops (NULL at first).
     */
    enum rsc (*create)(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a);
    /* `set` and `del` are what will change; `op` the operation they are in. */
    enum rsc (*update)(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del);
    enum rsc (*retrieve)(const struct request *req, struct snapshot *snap, struct plan *plan);
    enum rsc (*remove)(const struct request *req, struct snapshot *snap, struct plan *plan);
    /* The whole of a NOTIFY; NULL: only an AE can be notified. */
    enum rsc (*notify)(const struct request *req, struct snapshot *snap, struct plan *plan);
};
extern const struct plan_type plan_types[]; /* ended by ty 0 */

#endif
