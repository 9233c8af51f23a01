/*
 * <pollingChannel>, TS-0001 10.2.13 and TS-0004 7.4.21, and its virtual child <pollingChannelURI>, 7.4.22. The id of a channel
 * follows from its owner's: so there is one at most, and whoever has something for the owner finds it.
 */
#include "delivery.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { AE = 2 };

/* Of the parent: an AE calls itself by its id, a CSE by its CSE-ID. */
static const char *owner_of(const struct resource *parent)
{
    return parent->type->ty == AE ? parent->ri : json_str(parent->a, "csi");
}

enum rsc pch_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    const struct resource *parent = plan->target, *taken;
    const char *owner = owner_of(parent);
    auto_free char *ri = delivery_channel_id(parent->ri);
    enum rsc rsc;

    (void)req;
    if (!owner || strcmp(plan->originator, owner) != 0)
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "only %s itself may create its pollingChannel", parent->ri);
    rsc = look_up(snap, ri, &taken);
    if (rsc == RSC_OK)
        return plan_refuse(plan, RSC_CONFLICT, "%s has a pollingChannel already", parent->ri);
    if (rsc == PLAN_WAIT)
        return rsc;
    json_object_set_new(a, "ri", json_string(ri));
    return RSC_OK;
}

enum rsc find_addresses(struct snapshot *snap, const struct resource *r, json_t **out)
{
    auto_free char *ri = delivery_channel_id(r->ri);
    const struct resource *channel = NULL;

    if (look_up(snap, ri, &channel) == PLAN_WAIT)
        return PLAN_WAIT;
    *out = delivery_addresses(r->a, r->ri, channel ? channel->ri : NULL);
    return RSC_OK;
}

/* RETRIEVE: the next request for the owner. */
static enum rsc poll(const struct request *req, struct plan *plan)
{
    if (plan->fc || plan->attributes || req->pc.n > 0 || plan->rcn != 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pcu: a poll has neither filter criteria nor content, and rcn 1 if any");
    plan->verb = "poll";
    plan->aggregate = json_is_true(json_object_get(plan->target->a, "rqag"));
    return RSC_OK;
}

/* NOTIFY: the owner's response to one. */
static enum rsc answer(const struct request *req, struct plan *plan)
{
    char why[WHY_SIZE] = "mandatory, missing";
    json_auto_t *content = req->pc.n > 0 ? json_parse(req->pc.p, req->pc.n, why, sizeof why) : NULL;
    const json_t *rsp = json_object_get(content, "m2m:rsp");

    if (!content)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: %s", why);
    if (json_object_size(content) != 1 || !json_is_object(rsp))
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: not an object with one member m2m:rsp, itself an object");
    if (!json_str(rsp, "rqi"))
        return plan_refuse(plan, RSC_BAD_REQUEST, "m2m:rsp: rqi is no text, or missing");
    if (json_int(rsp, "rsc", 0) < RSC_ACCEPTED || json_int(rsp, "rsc", 0) > 9999)
        return plan_refuse(plan, RSC_BAD_REQUEST, "m2m:rsp: rsc is no response status code, or missing");
    plan->verb = "answer";
    return RSC_OK;
}

enum rsc pch_uri(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    enum rsc rsc;

    (void)snap;
    if (!r->by || strcmp(plan->originator, r->by) != 0)
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "only %s may use %s", r->by ? r->by : "its owner", r->ri);
    rsc = req->op == OP_RETRIEVE ? poll(req, plan) : answer(req, plan);
    if (rsc != RSC_OK)
        return rsc;
    plan->kind = PLAN_POLL;
    plan->rsc = RSC_OK;
    plan->channel = delivery_channel_url(r->ri);
    return RSC_OK;
}
