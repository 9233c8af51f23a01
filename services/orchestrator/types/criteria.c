#include "criteria.h"

#include "attr.h"
#include "json.h"
#include "mem.h"

enum rsc find_reference(struct snapshot *snap, struct plan *plan, const char *name, const char *address, enum rsc wrong,
                        const struct resource **out)
{
    struct address parsed;
    char why[WHY_SIZE] = "";
    enum rsc rsc = RSC_NOT_FOUND;

    if (address_parse(&parsed, address, why, sizeof why) < 0)
        return plan_refuse(plan, wrong, "%s: %s: %s", name, address, why);
    if (parsed.hosted && parsed.virt == VIRTUAL_NONE)
        rsc = look_up(snap, parsed.local, out);
    address_done(&parsed);
    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc != RSC_OK)
        return plan_refuse(plan, wrong, "%s: %s is no resource of this CSE", name, address);
    rsc = verdict_step(access_check(snap, &plan->who, *out, ACCESS_RETRIEVE, 0, why, sizeof why));
    if (rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE)
        return plan_refuse(plan, wrong, "%s: %s may not be retrieved: %s", name, address, why);
    return rsc;
}

enum rsc find_child(struct snapshot *snap, struct plan *plan, const char *name, const char *address, int ty, const char *pi,
                    enum rsc wrong, const struct resource **out)
{
    enum rsc rsc = find_reference(snap, plan, name, address, wrong, out);

    if (rsc == RSC_OK && ((*out)->type->ty != ty || strcmp((*out)->pi, pi) != 0))
        return plan_refuse(plan, wrong, "%s: %s is no %s below %s", name, address, rtype_by_ty(ty)->name, pi);
    return rsc;
}

/* Kinds of which one value is less than another. */
static bool is_ordered(int kind)
{
    switch (kind) {
    case UINT:
    case POSINT:
    case INT:
    case FLOAT:
    case TIMESTAMP:
    case ABSREL:
    case DURATION:
    case ENUM:
    case ANY: /* of what kind it is will be seen */
        return true;
    default:
        return false;
    }
}

enum rsc check_criterion(struct plan *plan, const char *name, const json_t *evc, const struct resource *subject, enum rsc wrong)
{
    enum { EQUAL = 1, NOT_EQUAL };
    const char *sbjt = json_str(evc, "sbjt");
    const struct attr *attr = sbjt ? rtype_attr(subject->type, sbjt) : NULL;
    int64_t optr = json_int(evc, "optr", EQUAL);
    struct attr plain;
    char why[WHY_SIZE] = "";

    if (!attr)
        return plan_refuse(plan, wrong, "%s.sbjt: a %s has no attribute %s", name, subject->type->name, sbjt ? sbjt : "");
    if (optr != EQUAL && optr != NOT_EQUAL && !is_ordered(attr->kind))
        return plan_refuse(plan, wrong, "%s.optr: values of %s can only be equal or not", name, sbjt);
    plain = *attr;
    plain.check = NULL; /* which values may be given does not matter, only which there are */
    if (!attr_value_ok(&plain, json_object_get(evc, "thld"), why, sizeof why))
        return plan_refuse(plan, wrong, "%s.thld: %s", name, why);
    return RSC_OK;
}

void plan_mark(struct plan *plan, const char *ri, int mark, bool on)
{
    if (!plan->ops)
        plan->ops = json_array();
    json_array_append_new(plan->ops, json_pack("{ss ss si}", "op", "mark", "ri", ri, on ? "on" : "off", mark));
}

void plan_renew(struct plan *plan, const char *ri, int mark, json_t *set)
{
    if (!plan->ops)
        plan->ops = json_array();
    json_array_append_new(plan->ops, json_pack("{ss ss si sb}", "op", "mark", "ri", ri, "on", mark, "fresh", 1));
    json_array_append_new(plan->ops, json_pack("{ss ss so}", "op", "count", "ri", ri, "set", set));
}

bool update_touches(const json_t *set, const json_t *del, const char *name)
{
    return json_object_get(set, name) || update_deletes(del, name);
}
