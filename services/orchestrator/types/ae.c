/*
 * <AE>: registration, TS-0004 7.4.5.2.1. The id was given in identity.c; the IN-CSE gives those of the service provider.
 */
#include "contact.h"
#include "cse.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

/* An id of the CSE's own making is new each time: storage tells if it should ever be taken. */
static bool has_own_id(const struct request *req)
{
    return req->fr && strlen(req->fr) > 1;
}

static enum rsc check_id(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *taken;
    enum rsc rsc = has_own_id(req) ? look_up(snap, plan->originator, &taken) : RSC_NOT_FOUND;

    if (rsc == RSC_OK)
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED, "fr: %s is registered already", plan->originator);
    return rsc == PLAN_WAIT ? rsc : RSC_OK;
}

enum rsc ae_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    bool provided = plan->originator[0] == 'S';
    enum rsc rsc = check_id(req, snap, plan);

    if (rsc == RSC_OK)
        rsc = check_subscription(req, snap, plan, a, cse_id(), plan->originator);
    if (rsc == RSC_OK && provided && has_own_id(req) && cse_type() == CSE_TYPE_IN)
        rsc = aea_leave(req, snap, plan, plan->originator, a);
    if (rsc == RSC_OK && provided && cse_in())
        rsc = contact_register(req, snap, plan, a);
    if (rsc != RSC_OK)
        return rsc;
    if ((rsc = prp_registered(snap, plan, plan->originator)) != RSC_OK)
        return rsc;
    json_object_set_new(a, "aei", json_string(plan->originator));
    return resident_create(snap, plan, a);
}
