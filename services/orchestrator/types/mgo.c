/* <mgmtObj>, TS-0004 7.4.15: switches of its specializations that exclude each other, TS-0001 annex D. */
#include "mem.h"
#include "rules.h"
#include "special.h"

/* One request cannot ask for both. */
static enum rsc check_switches(struct plan *plan, const struct rtype *type, const json_t *attrs)
{
    static const struct {
        const char *mgd, *one, *other;
    } rows[] = {
        {"1002", "in",  "un" }, /* software: install, uninstall */
        {"1002", "act", "dea"}, /* activate, deactivate */
        {"1008", "ena", "dis"}, /* deviceCapability: enable, disable */
        {"1009", "rbo", "far"}, /* reboot: reboot, factory reset */
        {"1010", "lga", "lgo"}, /* eventLog: start, stop */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(type->selected, rows[i].mgd) == 0 && json_is_true(json_object_get(attrs, rows[i].one)) &&
            json_is_true(json_object_get(attrs, rows[i].other)))
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: not true together with %s", rows[i].one, rows[i].other);
    return RSC_OK;
}

enum rsc mgo_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    (void)req;
    (void)snap;
    return check_switches(plan, plan->type, a);
}

enum rsc mgo_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    (void)req;
    (void)snap;
    (void)del;
    return check_switches(plan, plan->target->type, set);
}
