/*
 * What the planner's files share: the steps of a decision. Each looks at the request and what is there, and either returns
 * RSC_OK to go on, refuses (plan_refuse), or returns PLAN_WAIT when the snapshot misses something.
 */
#ifndef TESSERA_RULES_H
#define TESSERA_RULES_H

#include "plan.h"

#define WHY_SIZE 512

enum { RCN_SEMANTIC_CONTENT = 10, RCN_PERMISSIONS = 12 };

/* Marks in a resource's `subs`, docs/contracts.md. */
#define MARK_COUNTED (1 << 26)  /* of the CSEBase: statistics are collected about requests */
#define MARK_PROFILED (1 << 14) /* a primitiveProfile may name this entity */
#define MARK_LOCKED (1 << 21)   /* a <transaction> below it has locked it, or had */
#define MARK_CLOCK (1 << 28)    /* a timeSyncBeacon watches the clock of this entity */
#define MARK_MEASURED (1 << 29) /* missing data are detected */
#define MARK_ACTED (1 << 30)    /* an action or a process looks at it */

typedef enum rsc plan_step(const struct request *req, struct snapshot *snap, struct plan *plan);

/* In the order of TS-0004 7.2.2.2. */
plan_step check_mandatory;   /* parameters.c: op, to, rqi, and the form of the simple ones */
plan_step check_times;       /* parameters.c: rqet, rset, oet */
plan_step identify;          /* identity.c: fr, and whether it is registered */
plan_step retarget;          /* retarget.c: for another CSE? Then this was the last step */
plan_step apply_profiles;    /* profile.c: what is added to the request, and left out of it */
plan_step check_operation;   /* parameters.c: ty, fc, rcn of the operation */
plan_step check_release;     /* parameters.c: rvi */
plan_step check_unsupported; /* parameters.c: what this CSE does not do */
plan_step find_roles;        /* authorize.c: rids */
plan_step find_tokens;       /* tokens.c: tkns, tids, ltids */
plan_step find_place;        /* locate.c: where the originator is, if a rule wants to know */
plan_step defer_request;     /* defer.c: a non-blocking request is kept for later */
plan_step find_target;       /* target.c */
plan_step check_group;       /* fanout.c: gid, grtm */
plan_step check_filter;      /* target.c: conditional operation on the target itself */

plan_step check_lock;   /* lock.c: is the target locked by a transaction? */
plan_step check_follow; /* lock.c: behind the operation: is what else it changes? */

/* One per operation; behind all of the above. */
plan_step plan_create, plan_retrieve, plan_update, plan_delete, plan_notify;
plan_step plan_fanout;          /* fanout.c: any operation on a fanOutPoint */
plan_step plan_semantic_fanout; /* fanout_semantic.c: RETRIEVE of a semanticFanOutPoint */
plan_step plan_permissions;     /* permissions.c: RETRIEVE with result content 12 */
plan_step plan_on_demand;       /* ipe.c: what an IPE must be asked first in a discovery */
plan_step plan_append;          /* types/cin.c: CREATE of an instance, after the access check */

/*
 * Virtual children, TS-0001 9.2: what may be done to them; one row each in types/table.c. `plan` is the whole of the operation;
 * NULL: it is done to an instance that the child stands for.
 */
#define OP_BIT(op) (1u << (op))
#define OP_EVERY (OP_BIT(OP_CREATE) | OP_BIT(OP_RETRIEVE) | OP_BIT(OP_UPDATE) | OP_BIT(OP_DELETE) | OP_BIT(OP_NOTIFY))

struct plan_virtual {
    enum address_virtual virt;
    unsigned ops;
    const char *may; /* the same in words */
    plan_step *plan;
};
extern const struct plan_virtual plan_virtuals[]; /* ended by VIRTUAL_NONE */
/* Its row; an empty one for VIRTUAL_NONE. */
const struct plan_virtual *plan_virtual_of(enum address_virtual virt);

/*
 * lock.c: has a <transaction> locked `r`, and may it be retrieved nevertheless? RSC_OK or PLAN_WAIT.
 */
enum rsc find_lock(const struct request *req, struct snapshot *snap, const struct resource *r, bool *locked, bool *readable);

/* The envelope's identity of a request that is carried out later, among the attributes of the <request> (not shown). */
#define REQUEST_IDENTITY "_identity"

/* m2m:responseType of the request, 0 = not given; and is it one that is not waited for? */
int request_response_type(const struct request *req);
bool request_is_deferred(const struct request *req);

/* What a <request> keeps: defer.c. */
struct kept {
    const char *ri, *to, *org, *rqi;
    int op;
    struct slice identity; /* of who sent it */
    int64_t et;            /* ms */
    json_t *mi;            /* taken over */
    json_t *pc;            /* borrowed, or NULL */
};
/* The operation of a commit that keeps it; its event then has it carried out (deferred.c). The caller owns it. */
json_t *request_create_op(const struct kept *kept, const char *by, int64_t now);

/* The row of a type; an empty one for a type that adds nothing. */
const struct plan_type *plan_type_of(int ty);

/* A verdict as a step: RSC_OK, PLAN_WAIT, or 4103 (nothing is refused yet). */
enum rsc verdict_step(enum verdict verdict);
/* access_check() as a step: 4103 with the reason. */
enum rsc require_access(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty);
/*
 * The same where some attributes are enough (partial.c): *names is a new list of those that a rule gives
 * (accessControlAttributes), or NULL: all. require_attributes(): those of the content `attrs` must be among them.
 */
enum rsc require_some(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty,
                      json_t **names);
enum rsc require_attributes(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty,
                            json_t **names);
/*
 * Where an AE or remoteCSE is reached, in order (delivery_addresses()): a new list, perhaps empty, for *out. RSC_OK or PLAN_WAIT.
 */
enum rsc find_addresses(struct snapshot *snap, const struct resource *r, json_t **out);
/*
 * authorize.c: the policies deny it; does a server that the daci of `r` leads to permit it? RSC_OK, PLAN_WAIT, or anything else:
 * no (nothing is refused yet).
 */
enum rsc ask_consultations(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty);
/*
 * tokens.c: a JWS that came for the originator, `from` says where from. If it holds it counts for this request, is kept below the
 * CSEBase, and has a local id in plan->ati. RSC_OK or PLAN_WAIT; one that does not hold is passed over.
 */
enum rsc take_token(const struct request *req, struct snapshot *snap, struct plan *plan, const char *from, const char *text);
/* tokens.c: the <token>s below `place` that have that id; are they kept here, too? RSC_OK, PLAN_WAIT, or RSC_NOT_FOUND. */
enum rsc take_token_from(const struct request *req, struct snapshot *snap, struct plan *plan, const char *place, const char *id,
                         bool keeping);
/* authorize.c: the resources of type `ty` here whose attribute `name` is `value`: as `m2m:cb` shows them. NULL: to be waited for.
 */
const struct asked *ask_below(const struct request *req, struct snapshot *snap, const char *place, int ty, const char *name,
                              const char *value);
/*
 * authorities.c: policies and servers deny it; is it permitted by what the authorities say that the policies of `r` name (adri,
 * apri, airi)? RSC_OK, PLAN_WAIT, or anything else: no (nothing is refused yet).
 */
enum rsc ask_authorities(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty);
/* The policy behind an entry of acpi: RSC_OK, PLAN_WAIT, or RSC_NOT_FOUND. */
enum rsc find_acp(struct snapshot *snap, const char *entry, const struct resource **acp);
/* Each entry of daci is a <dynamicAuthorizationConsultation>; those of other CSEs are taken as they are. NULL is fine. */
enum rsc check_consultations(struct snapshot *snap, struct plan *plan, const json_t *list);
/* A resource found by id or path: RSC_OK, PLAN_WAIT, or RSC_NOT_FOUND (nothing is refused yet). */
enum rsc look_up(struct snapshot *snap, const char *address, const struct resource **out);
/*
 * The remoteCSE through which the CSE `cse` ("/id-mn", "//sp/id-mn") is reached: its own, that of an ancestor, or that of the
 * registrar. RSC_OK, PLAN_WAIT, or RSC_NOT_FOUND.
 */
enum rsc find_cse(struct snapshot *snap, const char *cse, const struct resource **via);
/* The CSE-ID in an originator's stem as in plan.originator: of itself, or of an AE registered there. NULL: registered here. */
char *cse_of_originator(const char *stem);
/*
 * The originator as others see it: SP-relative, and absolute when the address `target` begins with "//": behind the border of the
 * service provider. The caller frees.
 */
char *originator_outside(const char *stem, const char *target);

/*
 * The attributes in the content `{"m2m:cnt":{...}}` of a CREATE or UPDATE; the caller owns them. NULL with `why`
 * when it is no such object.
 */
json_t *content_parse(const struct request *req, const struct rtype *type, char *why, size_t why_size);
/* Attributes that are known, but to be refused with 5001. */
enum rsc check_supported(struct plan *plan, const struct rtype *type, const json_t *attrs);
/* Each entry of the attribute `name` is a policy; those of other CSEs are taken as they are. NULL is fine. */
enum rsc check_policies(struct snapshot *snap, struct plan *plan, const char *name, const json_t *list);
/*
 * The expirationTime in ms to be given below `parent` (NULL: below nothing): `wanted`, or the CSE's own choice if that is
 * NULL; never later than the parent's or the longest time allowed. The past is refused.
 */
enum rsc give_expiry(struct snapshot *snap, struct plan *plan, const struct resource *parent, const char *wanted, int64_t *ms);
/*
 * rules.c: a task for the service semantics as a question (ask.h); `about` names what is refused. RSC_OK and what it answers in
 * `*answer`, PLAN_WAIT, or refused.
 */
enum rsc ask_semantics(const struct request *req, struct snapshot *snap, struct plan *plan, const char *verb, const char *about,
                       const json_t *body, const struct asked **answer);
/* Why a question was refused: the text of its answer, or "". The caller frees. */
char *asked_why(const struct asked *asked);
/*
 * snap->new_id: the same in every round of planning, and when the request comes again, as what it asked elsewhere may refer to
 * it. Another one, if it turns out to be taken.
 */
void give_id(const struct request *req, struct snapshot *snap, const char *sn);
json_t *json_time(int64_t ms);

/*
 * update.c, for the type files. The representation that `set` and `del` lead to: the caller owns it. Is an attribute removed?
 * It is not, after all.
 */
json_t *update_result(const struct resource *r, const json_t *set, const json_t *del);
bool update_deletes(const json_t *del, const char *name);
void update_keeps(json_t *del, const char *name);
/* notificationStatsEnable becomes true: the statistics begin anew, from an empty list. */
void update_restarts_statistics(const struct resource *r, json_t *set);

/* permissions.c: may the originator do all of the operations `ops` to it (m2m:accessControlOperations)? RSC_OK, PLAN_WAIT, else
 * no. */
enum rsc has_rights(struct snapshot *snap, const struct plan *plan, const struct resource *r, int64_t ops);

/* blocking.c: what an UPDATE of `attrs` needs the consent of the target for. As a step. */
enum rsc ask_before_update(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *attrs);
/* The id of the subscription that asks before updates of a resource. The caller frees. */
char *blocking_subscription_ri(const char *resource);

/* filter.c: does `r` satisfy the criteria? NULL, or what this CSE cannot test on a single resource. */
const char *filter_test(const json_t *fc, const struct resource *r, bool *matches);
/* Do the criteria look at what moves without a new version of the resource (times of change, counters)? */
bool filter_needs_fresh(const json_t *fc);
/* What the table of filterCriteria cannot say: which belong together. False with `why`. */
bool filter_check(const json_t *fc, char *why, size_t why_size);
#endif
