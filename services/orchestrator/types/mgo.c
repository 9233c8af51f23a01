/*
 * <mgmtObj>, TS-0004 7.4.15 and TS-0001 annex D: switches of its specializations. What a switch starts is done by the device,
 * which learns of it as a subscriber: the CSE notes the action as under way, the device reports its end by an UPDATE of the
 * status.
 */
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

/* Whose switch was set true: an action begins, TS-0004 6.3.5.14. What the request itself says of its status stands. */
static void begin_actions(const struct rtype *type, const json_t *asked, json_t *a)
{
    enum { IN_PROCESS = 3 };
    static const struct {
        const char *mgd, *trigger, *status;
    } rows[] = {
        {"1001", "ud",  "uds" }, /* firmware: update */
        {"1002", "in",  "ins" },
        {"1002", "un",  "ins" },
        {"1002", "act", "acts"},
        {"1002", "dea", "acts"},
        {"1008", "ena", "cas" },
        {"1008", "dis", "cas" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(type->selected, rows[i].mgd) == 0 && json_is_true(json_object_get(asked, rows[i].trigger)) &&
            !json_object_get(asked, rows[i].status))
            json_object_set_new(a, rows[i].status, json_pack("{ss si}", "acn", rows[i].trigger, "sus", IN_PROCESS));
}

enum rsc mgo_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc = check_switches(plan, plan->type, a);
    json_auto_t *asked = json_copy(a);

    (void)req;
    (void)snap;
    json_object_del(asked, "uds"); /* not the request's: its default */
    if (rsc == RSC_OK)
        begin_actions(plan->type, asked, a);
    return rsc;
}

enum rsc mgo_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    enum rsc rsc = check_switches(plan, plan->target->type, set);
    json_auto_t *asked = json_copy(set);

    (void)req;
    (void)snap;
    (void)del;
    if (rsc == RSC_OK)
        begin_actions(plan->target->type, asked, set);
    return rsc;
}
