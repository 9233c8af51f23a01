/* UPDATE: TS-0004 7.2.2.2 and 7.3.3.7; what the resource types add is in types/. */
#include "announce.h"
#include "attr.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

/* A request to change acpi is ruled by the selfPrivileges of the policies in force, TS-0001 9.6.2.1. */
static enum rsc check_rights(struct snapshot *snap, struct plan *plan, const json_t *attrs)
{
    char why[WHY_SIZE] = "";
    enum rsc rsc;

    if (plan->target->type->ty > TY_ANNOUNCED) /* the CSE of the original */
        return RSC_OK;

    if (!json_object_get(attrs, "acpi"))
        return require_attributes(snap, plan, plan->target, ACCESS_UPDATE, 0, &plan->readable);
    rsc = verdict_step(access_check_acpi(snap, &plan->who, plan->target, why, sizeof why));
    return rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE ? plan_refuse(plan, rsc, "acpi: %s", why) : rsc;
}

static void split(const json_t *attrs, json_t *set, json_t *del)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)attrs, name, value)
    {
        if (json_is_null(value))
            json_array_append_new(del, json_string(name));
        else
            json_object_set(set, name, value);
    }
}

/* Where `name` is in the list; its size when it is not. */
static size_t find_name(const json_t *names, const char *name)
{
    size_t i = 0;

    while (i < json_array_size(names) && strcmp(json_string_value(json_array_get(names, i)), name) != 0)
        i++;
    return i;
}

bool update_deletes(const json_t *del, const char *name)
{
    return find_name(del, name) < json_array_size(del);
}

void update_keeps(json_t *del, const char *name)
{
    json_array_remove(del, find_name(del, name));
}

void update_restarts_statistics(const struct resource *r, json_t *set)
{
    if (json_is_true(json_object_get(set, "nse")) && !json_is_true(json_object_get(r->a, "nse")))
        json_object_set_new(set, "nsi", json_array());
}

json_t *update_result(const struct resource *r, const json_t *set, const json_t *del)
{
    json_t *a = json_copy(r->a);

    json_object_update(a, (json_t *)set);
    for (size_t i = 0; i < json_array_size(del); i++)
        json_object_del(a, json_string_value(json_array_get(del, i)));
    return a;
}

/* expirationTime: null asks the CSE for a new one. A child that lives longer refuses it, in storage. */
static enum rsc change_expiry(struct snapshot *snap, struct plan *plan, const json_t *attrs, json_t *set, json_t *del, json_t *op)
{
    const struct resource *parent = NULL;
    int64_t et;
    enum rsc rsc;

    if (!json_object_get(attrs, "et"))
        return RSC_OK;
    rsc = look_up(snap, plan->target->pi, &parent);
    if (rsc == PLAN_WAIT)
        return rsc;
    rsc = give_expiry(snap, plan, parent, json_str(attrs, "et"), &et);
    if (rsc != RSC_OK)
        return rsc;
    update_keeps(del, "et");
    json_object_set_new(set, "et", json_time(et));
    json_object_set_new(op, "min_et", json_integer(et));
    return RSC_OK;
}

static enum rsc check_content(struct snapshot *snap, struct plan *plan, const json_t *attrs)
{
    char why[WHY_SIZE] = "";
    enum rsc rsc;

    if (attr_check_update(plan->target->type, attrs, why, sizeof why) != RSC_OK)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    if (json_object_get(attrs, "acpi") && json_object_size(attrs) > 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "acpi: must be the only attribute of its UPDATE");
    rsc = check_supported(plan, plan->target->type, attrs);
    if (rsc == RSC_OK)
        rsc = check_consultations(snap, plan, json_object_get(attrs, "daci"));
    return rsc == RSC_OK ? check_policies(snap, plan, "acpi", json_object_get(attrs, "acpi")) : rsc;
}

/* A copy is changed by whoever has the original; if changes go both ways, the original is asked for them. TS-0001 9.6.26. */
static enum rsc update_copy(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    enum { BIDIRECTIONAL = 2 };

    if (json_int(plan->target->a, "ast", 0) != BIDIRECTIONAL)
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "%s is changed by the CSE of its original only",
                           plan->target->ri);
    return announced_original(req, snap, plan);
}

enum rsc plan_update(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    const struct plan_type *special = plan_type_of(r->type->ty);
    char why[WHY_SIZE] = "";
    json_auto_t *attrs = content_parse(req, r->type, why, sizeof why);
    json_t *set, *del, *op;
    enum rsc rsc;

    if (!r->type->update)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a %s cannot be updated", r->type->name);
    if (r->type->ty > TY_ANNOUNCED && !announced_is_of(r, plan->originator))
        return update_copy(req, snap, plan);
    if ((rsc = check_rights(snap, plan, attrs)) != RSC_OK)
        return rsc;
    if (!attrs)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    if ((rsc = check_content(snap, plan, attrs)) != RSC_OK)
        return rsc;
    set = json_object();
    del = json_array();
    op = json_pack("{ss ss so so}", "op", "update", "ri", r->ri, "set", set, "del", del);
    plan->ops = json_pack("[o]", op);
    split(attrs, set, del);
    if ((rsc = change_expiry(snap, plan, attrs, set, del, op)) != RSC_OK)
        return rsc;
    if (special->update && (rsc = special->update(req, snap, plan, set, del)) != RSC_OK)
        return rsc;
    if (plan->along)
        json_object_set(op, "instance", plan->along);
    if ((rsc = announce_changed(req, snap, plan, set, del)) != RSC_OK)
        return rsc;
    if ((rsc = ask_before_update(req, snap, plan, attrs)) != RSC_OK)
        return rsc;
    plan->kind = PLAN_COMMIT;
    plan->rsc = RSC_UPDATED;
    return RSC_OK;
}
