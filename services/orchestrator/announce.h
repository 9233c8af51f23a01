/*
 * Announcement, TS-0001 10.2.18 and TS-0004 7.4.26.2: pure. What a CREATE or an UPDATE announces is announced before it is
 * carried out, as its answer tells where; later changes follow by events (announcer.h).
 */
#ifndef TESSERA_ANNOUNCE_H
#define TESSERA_ANNOUNCE_H

#include "plan.h"

#define TY_ANNOUNCED 10000
#define MARK_ANNOUNCED (1U << 27) /* bit of a record's `subs`: events about it are told to the announcer */

/*
 * CREATE: `at` of `a` becomes the addresses of the announced resources; what cannot be announced drops out. `lnk` is the
 * address that the original will have, `parent` where it will be. As a step.
 */
enum rsc announce_new(const struct request *req, struct snapshot *snap, struct plan *plan, const struct resource *parent,
                      json_t *a, const char *lnk);
/* UPDATE: `set` and `del` are what will change. Copies come and go with `at`. As a step. */
enum rsc announce_changed(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del);
/* DELETE of an instance, which makes no event of its own for the announcer. As a step; failures do not matter. */
enum rsc announce_ended(const struct request *req, struct snapshot *snap, const struct resource *r);

/* The content {"m2m:cntA":{...}} of a copy of `a`, linked to `lnk`. The caller owns it. */
json_t *announced_copy(const struct rtype *type, const json_t *a, const char *lnk);
/* Adds the mark to the plan: what happens to the resource `ri` is told to the announcer. */
void plan_mark_announced(struct plan *plan, const char *ri);
/*
 * The content of an UPDATE that makes a copy what its original is now: those attributes that `mod` names (all if NULL). `a` is
 * the original's representation. NULL if none of them is announced. The caller owns it.
 */
json_t *announced_update(const struct rtype *type, const json_t *a, const json_t *mod);

/* On the side of the copies: who may create, change or delete them. RSC_OK, or a refusal. */
enum rsc announced_check_parent(struct plan *plan, const struct resource *parent, bool *free);
/*
 * Does another CSE ask for the id of an AE that registers there, as the "/id-mn/S..." that it is to be? Its <AEAnnc> follows
 * rules of its own, contact.h.
 */
bool announced_asks_id(int ty, const char *originator);
bool announced_is_of(const struct resource *r, const char *originator);
/* RETRIEVE with rcn 7, and UPDATE of a copy with ast 2 by anybody else: the original does it. As steps. */
enum rsc announced_original(const struct request *req, struct snapshot *snap, struct plan *plan);

#endif
