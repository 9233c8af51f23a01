/* CREATE: TS-0004 7.2.2.2 and 7.3.3.3 to 5; what the resource types add is in types/. */
#include "announce.h"
#include "attr.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

/* May there be such a child? */
static enum rsc check_child(const struct request *req, struct plan *plan)
{
    const struct resource *parent = plan->target;

    if (rtype_child_allowed(parent->type, req->ty))
        return RSC_OK;
    if (req->ty == 23)
        return plan_refuse(plan, RSC_TARGET_NOT_SUBSCRIBABLE, "no subscription below a %s", parent->type->name);
    return plan_refuse(plan, RSC_INVALID_CHILD_RESOURCE_TYPE, "no %s below a %s", plan->type->name, parent->type->name);
}

/* An AE or a CSE that registers needs no right to do so, TS-0004 7.4.5.2.1 and 7.4.4.2.1. */
static enum rsc check_rights(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    enum access_op also = plan_type_of(req->ty)->also;
    json_auto_t *names = NULL; /* of attributes, if only some may be given */
    enum rsc rsc;

    if (req->ty == 2 || req->ty == 16)
        return RSC_OK;
    if (req->ty == 6 && plan->originator[0] == '/') /* of a CSE that is known here; of an AE its type refuses it */
        return RSC_OK;
    if (req->ty > TY_ANNOUNCED) {
        bool free_of_rights;

        if ((rsc = announced_check_parent(plan, plan->target, &free_of_rights)) != RSC_OK || free_of_rights)
            return rsc;
    }
    rsc = require_attributes(snap, plan, plan->target, ACCESS_CREATE, req->ty, &names);
    if (rsc == RSC_OK && also)
        rsc = require_access(snap, plan, plan->target, also, 0);
    return rsc;
}

/* That a specialization is not known has a status of its own for flexContainers. */
static enum rsc no_variant(const struct plan *plan)
{
    const char *selector = plan->type->selector;

    return selector && strcmp(selector, "cnd") == 0 ? RSC_SPECIALIZATION_SCHEMA_NOT_FOUND : RSC_BAD_REQUEST;
}

/* The content's root key says which variant is meant: TS-0004 7.4.15.2.1 for mgmtObj, 7.4.37.2.1 for flexContainer. */
static enum rsc choose_variant(const struct request *req, struct plan *plan)
{
    struct json_member root[2];
    const struct rtype *variant;

    if (req->pc.n == 0 || json_members(req->pc.p, req->pc.n, root, 2) != 1)
        return RSC_OK; /* content_parse() says what is wrong */
    auto_free char *key = xstrndup(root[0].name.p, root[0].name.n);
    variant = rtype_by_key(key);
    if (!variant || variant->ty != req->ty || !variant->selected)
        return plan_refuse(plan, no_variant(plan), "pc: %.64s is no specialization of %s", key, plan->type->name);
    plan->type = variant;
    return RSC_OK;
}

/* The attribute that tells variants apart later must fit the root key. */
static enum rsc check_variant(struct plan *plan, const json_t *attrs)
{
    const struct rtype *type = plan->type, *selected = rtype_of(type->ty, attrs);

    /* Without a value of its own it may have any that is nobody's. */
    if (!type->selected || selected == type || (!*type->selected && !selected->selected))
        return RSC_OK;
    return plan_refuse(plan, no_variant(plan), "%s: not that of %s (%s)", type->selector, type->key, type->selected);
}

/* What the CSE gives of its own accord. */
struct chosen {
    const char *ri, *rn; /* the name only if the request has none */
    int64_t et;
};

static json_t *default_value(const struct plan *plan, const struct attr_default *given, const struct chosen *chosen)
{
    if (!given)
        return NULL;
    switch (given->source) {
    case DEFAULT_RI:
        return json_string(chosen->ri);
    case DEFAULT_FROM:
        return json_string(plan->originator);
    case DEFAULT_VALUE:
        break;
    }
    return json_loads(given->json, JSON_DECODE_ANY, NULL);
}

/* The value that the CSE gives to an attribute that the request has not (or must not have). NULL: none. */
static json_t *given_value(const struct plan *plan, const char *name, const struct chosen *chosen, int64_t now)
{
    if (strcmp(name, "rn") == 0)
        return json_string(chosen->rn);
    if (strcmp(name, "ri") == 0)
        return json_string(chosen->ri);
    if (strcmp(name, "ty") == 0)
        return json_integer(plan->type->ty);
    if (strcmp(name, "pi") == 0)
        return json_string(plan->target->ri);
    if (strcmp(name, "ct") == 0)
        return json_time(now);
    if (strcmp(name, "et") == 0)
        return json_time(chosen->et);
    return default_value(plan, rtype_default(plan->type, name), chosen);
}

/* The representation, in the order of the type's attributes. What storage keeps itself is left out. */
static json_t *complete(const struct plan *plan, const json_t *attrs, const struct chosen *chosen, int64_t now)
{
    json_t *a = json_object();

    for (const struct attr *attr = plan->type->attrs; attr->name; attr++) {
        json_t *asked = json_object_get(attrs, attr->name);

        if (strcmp(attr->name, "et") == 0 || !asked)
            asked = given_value(plan, attr->name, chosen, now);
        else if (strcmp(attr->name, "cr") == 0)
            asked = json_string(plan->originator);
        else
            json_incref(asked);
        if (asked)
            json_object_set_new(a, attr->name, asked);
    }
    return a;
}

/* The type's own function may have added some: puts all in order. */
static json_t *in_order(const struct rtype *type, const json_t *a)
{
    json_t *sorted = json_object(), *value;
    const char *name;

    for (const struct attr *attr = type->attrs; attr->name; attr++)
        if (json_object_get(a, attr->name))
            json_object_set(sorted, attr->name, json_object_get(a, attr->name));
    json_object_foreach((json_t *)a, name, value) if (rtype_attr_is_own(name)) json_object_set(sorted, name, value);
    return sorted;
}

static void add_create(struct plan *plan, const json_t *a)
{
    auto_free char *path = xasprintf("%s/%s", plan->target->path, json_str(a, "rn"));
    json_t *record = json_pack("{ss ss si ss ss so}", "ri", json_str(a, "ri"), "pi", plan->target->ri, "ty", plan->type->ty,
                               "path", path, "by", plan->originator, "a", in_order(plan->type, a));
    json_t *op = json_pack("{ss so}", "op", "create", "r", record);

    plan->kind = PLAN_COMMIT;
    plan->rsc = RSC_CREATED;
    if (!plan->ops)
        plan->ops = json_array();
    json_array_insert_new(plan->ops, 0, op);
    if (plan->type->selected)
        json_object_set_new(record, "key", json_string(plan->type->key));
    if (plan->along)
        json_object_set(op, "instance", plan->along);
}

void give_id(const struct request *req, struct snapshot *snap, const char *sn)
{
    if (!snap->new_id[0] && req->id && *req->id)
        id_derived(sn, req->id, snap->new_id);
    else if (!snap->new_id[0])
        id_random(sn, snap->new_id);
}

static enum rsc create_resource(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct plan_type *special = plan_type_of(req->ty);
    char why[WHY_SIZE] = "", id[ID_SIZE];
    struct chosen chosen = {id, id, 0};
    json_auto_t *attrs = NULL;
    json_auto_t *a = NULL;
    auto_free char *lnk = NULL;
    enum rsc rsc;

    if (plan->type->selector && (rsc = choose_variant(req, plan)) != RSC_OK)
        return rsc;
    attrs = content_parse(req, plan->type, why, sizeof why);
    if (!attrs || attr_check_create(plan->type, attrs, why, sizeof why) != RSC_OK)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    if ((rsc = check_variant(plan, attrs)) != RSC_OK)
        return rsc;
    if ((rsc = check_supported(plan, plan->type, attrs)) != RSC_OK)
        return rsc;
    if ((rsc = check_policies(snap, plan, "acpi", json_object_get(attrs, "acpi"))) != RSC_OK)
        return rsc;
    if ((rsc = check_consultations(snap, plan, json_object_get(attrs, "daci"))) != RSC_OK)
        return rsc;
    if ((rsc = give_expiry(snap, plan, plan->target, json_str(attrs, "et"), &chosen.et)) != RSC_OK)
        return rsc;
    give_id(req, snap, plan->type->sn);
    memcpy(id, snap->new_id, ID_SIZE);
    if (req->ty == 2) {
        /* An AE is found by its AE-ID-STEM, TS-0001 9.6.5. Not every one could be a name. */
        chosen.ri = plan->originator;
        chosen.rn = address_name_valid(chosen.ri) && chosen.ri[1] ? chosen.ri : id;
    }
    a = complete(plan, attrs, &chosen, snap->now);
    if (special->create && (rsc = special->create(req, snap, plan, a)) != RSC_OK)
        return rsc;
    if (plan->kind == PLAN_COMMIT) /* it takes the place of what is there already: all is planned */
        return RSC_OK;
    lnk = xasprintf("%s/%s", cse_id(), json_str(a, "ri"));
    if ((rsc = announce_new(req, snap, plan, plan->target, a, lnk)) != RSC_OK)
        return rsc;
    add_create(plan, a);
    return RSC_OK;
}

enum rsc plan_create(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    enum rsc rsc;

    plan->type = rtype_by_ty(req->ty);
    if (!plan->type->create)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a %s is not created by request", plan->type->name);
    if (plan->type->in_only && cse_type() != CSE_TYPE_IN)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a %s is for IN-CSEs only", plan->type->name);
    if ((rsc = check_rights(req, snap, plan)) != RSC_OK)
        return rsc;
    if ((rsc = check_child(req, plan)) != RSC_OK)
        return rsc;
    return plan->type->instance ? plan_append(req, snap, plan) : create_resource(req, snap, plan);
}
