/* <container>, TS-0004 7.4.6, and its virtual children <latest> and <oldest>, 7.4.27 and 7.4.28. */
#include "mem.h"
#include "rules.h"
#include "special.h"

/* disableRetrieval from true to false: what was hidden does not come to light, TS-0001 9.6.6. */
enum rsc cnt_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;
    bool ends = json_is_false(json_object_get(set, "disr")) || update_deletes(del, "disr");

    (void)req;
    (void)snap;
    if (ends && json_is_true(json_object_get(r->a, "disr")))
        json_object_set_new(json_array_get(plan->ops, 0), "purge", json_true());
    return RSC_OK;
}

enum rsc cnt_virtual(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    (void)req;
    (void)snap;
    if (plan->address.virt != VIRTUAL_NONE && json_is_true(json_object_get(plan->target->a, "disr")))
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "the instances of %s are hidden: its disr is true", plan->target->ri);
    return RSC_OK;
}
