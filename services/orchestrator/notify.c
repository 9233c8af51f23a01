/* NOTIFY: handed on to an AE that is registered here, TS-0004 7.4.5.2.5. */
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { AE = 2 };

/*
 * An AE that has no policies of its own may be notified by the CSEs that this one is connected to: the default policy would
 * keep its subscriptions elsewhere from reaching it.
 */
static bool is_open_to(const struct resource *ae, const char *originator)
{
    auto_free char *cse = cse_of_originator(originator);

    return cse && strcmp(cse, originator) == 0 && json_array_size(json_object_get(ae->a, "acpi")) == 0;
}

/* Does the creator of a subscription have the right to have `ae` notified? TS-0004 7.4.8.2.1, the receiver of a verification. */
static enum rsc check_creator(struct snapshot *snap, struct plan *plan, const struct resource *ae, const char *cr)
{
    auto_free char *stem = address_originator(cr);
    struct access_who who = plan->who;
    char why[WHY_SIZE] = "";
    enum rsc rsc;

    who.originator = stem;
    if (strcmp(stem, ae->ri) == 0)
        return RSC_OK;
    rsc = verdict_step(access_check(snap, &who, ae, ACCESS_NOTIFY, 0, why, sizeof why));
    if (rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE)
        return plan_refuse(plan, RSC_SUBSCRIPTION_CREATOR_HAS_NO_PRIVILEGE, "cr: %s", why);
    return rsc;
}

static enum rsc check_rights(struct snapshot *snap, struct plan *plan, const struct resource *ae, const json_t *content)
{
    const json_t *sgn = json_object_get(content, "m2m:sgn");
    bool verifies = json_is_true(json_object_get(sgn, "vrq"));
    enum rsc rsc = RSC_OK;

    if (!is_open_to(ae, plan->originator))
        rsc = require_access(snap, plan, ae, ACCESS_NOTIFY, 0);
    if (rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE && verifies)
        plan->rsc = rsc = RSC_SUBSCRIPTION_HOST_HAS_NO_PRIVILEGE;
    if (rsc == RSC_OK && verifies && json_str(sgn, "cr"))
        rsc = check_creator(snap, plan, ae, json_str(sgn, "cr"));
    return rsc;
}

enum rsc plan_notify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    const struct plan_type *special = plan_type_of(r->type->ty);
    json_auto_t *addresses = NULL;
    char why[WHY_SIZE] = "";
    json_auto_t *content = NULL;
    enum rsc rsc;

    if (special->notify)
        return special->notify(req, snap, plan);
    if (r->type->ty != AE)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a %s cannot be notified", r->type->name);
    content = req->pc.n > 0 ? json_parse(req->pc.p, req->pc.n, why, sizeof why) : NULL;
    if ((rsc = check_rights(snap, plan, r, content)) != RSC_OK)
        return rsc;
    if (req->pc.n == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: mandatory, missing");
    if (json_object_size(content) != 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: %s", content ? "not an object with one member" : why);
    if ((rsc = find_addresses(snap, r, &addresses)) != RSC_OK)
        return rsc;
    plan->kind = PLAN_NOTIFY;
    plan->rsc = RSC_OK;
    plan->poa = json_incref(addresses);
    plan->csz = json_incref(json_object_get(r->a, "csz"));
    return RSC_OK;
}
