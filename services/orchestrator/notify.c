/* NOTIFY: handed on to an AE that is registered here, TS-0004 7.4.5.2.5. */
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { AE = 2 };

enum rsc plan_notify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    const struct plan_type *special = plan_type_of(r->type->ty);
    const json_t *poa = json_object_get(r->a, "poa");
    char why[WHY_SIZE] = "";
    json_auto_t *content = NULL;
    enum rsc rsc;

    if (special->notify)
        return special->notify(req, snap, plan);
    if (r->type->ty != AE)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a %s cannot be notified", r->type->name);
    if ((rsc = require_access(snap, plan, r, ACCESS_NOTIFY, 0)) != RSC_OK)
        return rsc;
    if (req->pc.n == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: mandatory, missing");
    content = json_parse(req->pc.p, req->pc.n, why, sizeof why);
    if (json_object_size(content) != 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: %s", content ? "not an object with one member" : why);
    if (json_is_false(json_object_get(r->a, "rr")) || json_array_size(poa) == 0)
        return plan_refuse(plan, RSC_TARGET_NOT_REACHABLE, "%s is not reachable: %s", r->ri,
                           json_array_size(poa) == 0 ? "it has no point of access" : "its rr is false");
    plan->kind = PLAN_NOTIFY;
    plan->rsc = RSC_OK;
    plan->poa = json_incref((json_t *)poa);
    plan->csz = json_incref(json_object_get(r->a, "csz"));
    return RSC_OK;
}
