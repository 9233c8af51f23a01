/* RETRIEVE: of a resource or some of its attributes, with children, or discovery. TS-0004 7.3.3.5 and 7.3.3.17. */
#include "announce.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

/* m2m:attributeList in the content: these attributes only. */
static enum rsc read_attribute_list(const struct request *req, struct plan *plan)
{
    char why[WHY_SIZE] = "";
    json_auto_t *root = NULL;
    json_t *list;

    if (req->pc.n == 0)
        return RSC_OK;
    root = json_parse(req->pc.p, req->pc.n, why, sizeof why);
    if (!root)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: %s", why);
    list = json_object_get(root, "m2m:atrl");
    if (json_object_size(root) != 1 || json_array_size(list) == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: a RETRIEVE has no content but a list of attributes, m2m:atrl");
    if (plan->attributes)
        return plan_refuse(plan, RSC_BAD_REQUEST, "to: names an attribute, and m2m:atrl is there");
    plan->attributes = json_incref(list);
    return RSC_OK;
}

static enum rsc check_attribute_names(struct plan *plan, const struct rtype *type)
{
    for (size_t i = 0; i < json_array_size(plan->attributes); i++) {
        const char *name = json_string_value(json_array_get(plan->attributes, i));

        if (!name)
            return plan_refuse(plan, RSC_BAD_REQUEST, "m2m:atrl: not a list of attribute names");
        if (!rtype_attr(type, name))
            return plan_refuse(plan, RSC_BAD_REQUEST, "%.64s is no attribute of %s", name, type->name);
    }
    if (plan->attributes && plan->rcn != 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rcn: only 1 for a list of attributes");
    return RSC_OK;
}

/* Whoever may see some attributes only asks for no others, and for no more than attributes. */
static enum rsc check_readable(struct snapshot *snap, struct plan *plan, const struct resource *r)
{
    enum { ORIGINAL = 7 };

    if (plan->readable && (plan->rcn == ORIGINAL || plan->rcn == RCN_SEMANTIC_CONTENT))
        return require_access(snap, plan, r, ACCESS_RETRIEVE, 0);
    for (size_t i = 0; plan->readable && i < json_array_size(plan->attributes); i++) {
        const json_t *name = json_array_get(plan->attributes, i);

        if (!json_list_has(plan->readable, name))
            return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "%.64s: the rules of %s give %s other attributes only",
                               json_string_value(name), r->ri, plan->originator);
    }
    return RSC_OK;
}

static enum rsc plan_get(struct plan *plan)
{
    plan->kind = PLAN_GET;
    plan->rcn = 1;
    plan->rsc = RSC_OK;
    return RSC_OK;
}

static enum rsc plan_query(struct plan *plan)
{
    plan->kind = PLAN_QUERY;
    plan->rsc = RSC_OK;
    return RSC_OK;
}

/* An instance has no children: with them or without is the same. */
static enum rsc plan_childless(struct plan *plan)
{
    if (plan->rcn == 4 || plan->rcn == 5)
        return plan_get(plan);
    return plan_refuse(plan, RSC_BAD_REQUEST, "rcn: %d asks for children, which an instance cannot have", plan->rcn);
}

enum rsc plan_retrieve(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    bool instance = r->type->instance || plan->address.virt != VIRTUAL_NONE;
    const struct plan_type *special = plan_type_of(r->type->ty);
    enum rsc rsc;

    /* What is found must be visible by its own rules; the root of the search needs no right. */
    if (plan->discover && (rsc = plan_on_demand(req, snap, plan)) != RSC_OK)
        return rsc;
    if (plan->discover)
        return plan->address.virt == VIRTUAL_NONE ? plan_query(plan)
                                                  : plan_refuse(plan, RSC_BAD_REQUEST, "nothing to discover below an instance");
    if ((rsc = require_some(snap, plan, r, ACCESS_RETRIEVE, 0, &plan->readable)) != RSC_OK)
        return rsc;
    if (plan->rcn == RCN_PERMISSIONS)
        return plan_permissions(req, snap, plan);
    if (plan->rcn == 7 && r->type->ty > TY_ANNOUNCED && !plan->readable)
        return announced_original(req, snap, plan);
    if (plan->rcn == 7)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rcn: 7 is for announced resources");
    if ((rsc = read_attribute_list(req, plan)) != RSC_OK)
        return rsc;
    if ((rsc = check_attribute_names(plan, plan->address.virt != VIRTUAL_NONE ? rtype_instance(r->type) : r->type)) != RSC_OK)
        return rsc;
    if ((rsc = check_readable(snap, plan, r)) != RSC_OK)
        return rsc;
    if (special->retrieve && (rsc = special->retrieve(req, snap, plan)) != RSC_OK)
        return rsc;
    if (plan->rcn == 1)
        return plan_get(plan);
    return instance ? plan_childless(plan) : plan_query(plan);
}
