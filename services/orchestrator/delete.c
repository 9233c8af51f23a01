/* DELETE: TS-0004 7.2.2.2 and 7.3.3.9. The subtree goes along, in storage. */
#include "announce.h"
#include "mem.h"
#include "rules.h"

enum rsc plan_delete(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    const struct plan_type *special = plan_type_of(r->type->ty);
    json_t *op;
    enum rsc rsc;

    if (!r->type->del)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a %s cannot be deleted", r->type->name);
    if (r->type->ty > TY_ANNOUNCED && !announced_is_of(r, plan->originator))
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "%s is deleted by the CSE of its original only", r->ri);
    if (r->type->ty < TY_ANNOUNCED && (rsc = require_access(snap, plan, r, ACCESS_DELETE, 0)) != RSC_OK)
        return rsc;
    if (r->type->instance && (rsc = announce_ended(req, snap, r)) != RSC_OK)
        return rsc;
    if (special->remove && (rsc = special->remove(req, snap, plan)) != RSC_OK)
        return rsc;
    op = json_pack("{ss ss}", "op", "delete", "ri", r->ri);
    if (plan->address.virt != VIRTUAL_NONE)
        json_object_set_new(op, "virt", json_string(address_virtual_name(plan->address.virt)));
    plan->kind = PLAN_COMMIT;
    plan->rsc = RSC_DELETED;
    if (!plan->ops)
        plan->ops = json_array();
    json_array_insert_new(plan->ops, 0, op); /* what follows from it may be there already */
    return RSC_OK;
}
