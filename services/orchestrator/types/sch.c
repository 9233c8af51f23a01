/* <schedule>, TS-0001 9.6.9, TS-0004 7.4.9. */
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { TY_NODE = 14, TY_SUBSCRIPTION = 23, TY_CROSS_SUBSCRIPTION = 48 };

#define FIXED_NAME "notificationSchedule"

static enum rsc check_coordination(struct plan *plan, const json_t *nco, const struct resource *parent)
{
    if (nco && parent->type->ty != TY_NODE)
        return plan_refuse(plan, RSC_CONTENTS_UNACCEPTABLE, "nco: only below a node");
    if (json_is_true(nco))
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "nco: there is no network to coordinate with");
    return RSC_OK;
}

/* Below a subscription there is one, and its name is given by the standard. */
static enum rsc fix_name(struct plan *plan, json_t *a)
{
    int parent = plan->target->type->ty;
    const char *rn = json_str(a, "rn");

    if (parent != TY_SUBSCRIPTION && parent != TY_CROSS_SUBSCRIPTION)
        return RSC_OK;
    if (strcmp(rn, json_str(a, "ri")) == 0) /* none was given */
        json_object_set_new(a, "rn", json_string(FIXED_NAME));
    else if (strcmp(rn, FIXED_NAME) != 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rn: below a subscription it is " FIXED_NAME);
    return RSC_OK;
}

enum rsc sch_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc = check_coordination(plan, json_object_get(a, "nco"), plan->target);

    (void)req;
    (void)snap;
    return rsc == RSC_OK ? fix_name(plan, a) : rsc;
}

enum rsc sch_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *parent;
    enum rsc rsc;

    (void)req;
    (void)del;
    if (!json_object_get(set, "nco"))
        return RSC_OK;
    rsc = look_up(snap, plan->target->pi, &parent);
    return rsc == RSC_OK ? check_coordination(plan, json_object_get(set, "nco"), parent) : rsc;
}
