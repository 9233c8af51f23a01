/* <AE>: registration, TS-0004 7.4.5.2.1. The id was given in identity.c. */
#include "mem.h"
#include "rules.h"
#include "special.h"

enum rsc ae_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    const struct resource *taken;
    enum rsc rsc = look_up(snap, plan->originator, &taken);

    (void)req;
    if (rsc == RSC_OK)
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED, "fr: %s is registered already", plan->originator);
    if (rsc == PLAN_WAIT)
        return rsc;
    json_object_set_new(a, "aei", json_string(plan->originator));
    return RSC_OK;
}
