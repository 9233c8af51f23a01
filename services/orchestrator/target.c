/* The target: TS-0004 7.2.2.2 step 7 and 7.3.2.6. */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum rsc look_up(struct snapshot *snap, const char *address, const struct resource **out)
{
    switch (snapshot_get(snap, address, out)) {
    case FOUND:
        return RSC_OK;
    case UNKNOWN_YET:
        return PLAN_WAIT;
    case ABSENT_THERE:
        break;
    }
    return RSC_NOT_FOUND;
}

/* As look_up(), but from storage: for what moves without a new version. What this plan has already loaded is fresh. */
static enum rsc look_up_fresh(struct snapshot *snap, const char *address, const struct resource **out)
{
    struct resource *(*cached)(void *, const char *) = snap->cached;
    enum rsc rsc;

    snap->cached = NULL;
    rsc = look_up(snap, address, out);
    snap->cached = cached;
    return rsc;
}

/* Cuts "#name" off, which asks for one attribute: TS-0001 9.6.1, TS-0004 7.3.3.5. The caller frees. */
static char *take_attribute(const struct request *req, struct plan *plan)
{
    const char *hash = req->op == OP_RETRIEVE ? strchr(req->to, '#') : NULL;

    if (hash && hash[1])
        plan->attributes = json_pack("[s]", hash + 1);
    if (plan->to)
        return xstrdup(plan->to);
    return xstrndup(req->to, plan->attributes ? (size_t)(hash - req->to) : strlen(req->to));
}

static bool has_virtual(const struct resource *r, const char *name)
{
    if (r->type->virtuals_with && !json_object_get(r->a, r->type->virtuals_with))
        return false;
    for (const char *const *v = r->type->virtuals; v && *v; v++)
        if (strcmp(*v, name) == 0)
            return true;
    return false;
}

static enum rsc check_virtual(const struct request *req, struct plan *plan)
{
    const struct plan_virtual *virt = plan_virtual_of(plan->address.virt);
    const char *name = address_virtual_name(plan->address.virt);

    if (!has_virtual(plan->target, name))
        return plan_refuse(plan, RSC_NOT_FOUND, "to: %s has no %s", plan->address.local, name);
    if (!(virt->ops & OP_BIT(req->op)))
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "%s can only be %s", name, virt->may);
    return RSC_OK;
}

/* A DELETE that has asked others to let go may find its target gone with them: a crossResourceSubscription without subscriptions.
 */
static enum rsc not_there(const struct request *req, const struct snapshot *snap, struct plan *plan)
{
    if (req->op != OP_DELETE || snap->asked_count == 0)
        return plan_refuse(plan, RSC_NOT_FOUND, "to: %s does not exist", plan->address.local);
    plan->kind = PLAN_ANSWER;
    plan->rsc = RSC_DELETED;
    return RSC_DELETED;
}

enum rsc find_target(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    auto_free char *to = take_attribute(req, plan);
    char why[WHY_SIZE] = "";
    enum rsc rsc;

    if (address_parse(&plan->address, to, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    if (filter_needs_fresh(plan->fc) && !plan->discover)
        rsc = look_up_fresh(snap, plan->address.local, &plan->target);
    else
        rsc = look_up(snap, plan->address.local, &plan->target);
    if (rsc == RSC_NOT_FOUND)
        return not_there(req, snap, plan);
    if (rsc == RSC_OK && plan->address.virt != VIRTUAL_NONE)
        return check_virtual(req, plan);
    return rsc;
}

/* Criteria with children in the result restrict those, else they decide about the target: TS-0004 7.3.3.17. */
enum rsc check_filter(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    const char *cannot;
    bool matches;
    enum rsc rsc;

    if (!plan->fc || (req->op == OP_RETRIEVE && (plan->discover || plan->rcn != 1)) || plan_virtual_of(plan->address.virt)->plan)
        return RSC_OK;
    if (plan->address.virt != VIRTUAL_NONE) {
        auto_free char *address = xasprintf("%s/%s", plan->address.local, address_virtual_name(plan->address.virt));

        rsc = look_up(snap, address, &r);
        if (rsc == RSC_NOT_FOUND)
            return plan_refuse(plan, rsc, "to: %s is empty", plan->address.local);
        if (rsc != RSC_OK)
            return rsc;
    }
    cannot = filter_test(plan->fc, r, &matches);
    if (cannot)
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "fc.%s is supported in discovery only", cannot);
    if (matches && (rsc = has_rights(snap, plan, r, json_int(plan->fc, "ops", 0))) != RSC_OK) {
        if (rsc == PLAN_WAIT)
            return rsc;
        matches = false;
    }
    if (!matches)
        return plan_refuse(plan, RSC_NOT_FOUND, "fc: %s does not satisfy the filter criteria", r->ri);
    json_decref(plan->fc); /* done with: what else is shown is not filtered */
    plan->fc = NULL;
    return RSC_OK;
}
