/* <action> and <dependency>, resource types of release 4. The service timing evaluates them. */
#include "criteria.h"
#include "json.h"
#include "mem.h"
#include "special.h"

enum { EVAL_ONCE = 1, TY_DEPENDENCY = 66 };

static enum rsc check_mode(struct plan *plan, const json_t *a)
{
    int64_t evm = json_int(a, "evm", 0);

    if (evm <= EVAL_ONCE && json_object_get(a, "ecp"))
        return plan_refuse(plan, RSC_BAD_REQUEST, "ecp: not with evm %lld", (long long)evm);
    return RSC_OK;
}

/* The resource that is looked at: sri, else the parent. Its id is put into `out`; it is marked. */
static enum rsc check_subject(struct snapshot *snap, struct plan *plan, const json_t *a, const char *pi, json_t *out)
{
    const char *sri = json_str(a, "sri");
    const struct resource *subject;
    enum rsc rsc = find_reference(snap, plan, sri ? "sri" : "sri (the parent)", sri ? sri : pi, RSC_BAD_REQUEST, &subject);

    if (rsc == RSC_OK)
        rsc = check_criterion(plan, "evc", json_object_get(a, "evc"), subject, RSC_BAD_REQUEST);
    if (rsc != RSC_OK)
        return rsc;
    if (sri)
        json_object_set_new(out, "sri", json_string(subject->ri));
    plan_mark(plan, subject->ri, MARK_ACTED, true);
    return RSC_OK;
}

/* An address as it is known here: the id and, behind it, a virtual child. False if it is another CSE's. */
static enum rsc resolve(struct snapshot *snap, struct plan *plan, const char *name, const char *address, char **id)
{
    const struct resource *r = NULL;
    struct address parsed;
    char why[WHY_SIZE] = "";
    enum rsc rsc = RSC_OK;

    *id = NULL;
    if (address_parse(&parsed, address, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: %s: %s", name, address, why);
    if (parsed.hosted)
        rsc = look_up(snap, parsed.local, &r);
    if (!parsed.hosted)
        *id = xstrdup(address);
    else if (rsc == RSC_OK && parsed.virt == VIRTUAL_NONE)
        *id = xstrdup(r->ri);
    else if (rsc == RSC_OK)
        *id = xasprintf("%s/%s", r->ri, address_virtual_name(parsed.virt));
    address_done(&parsed);
    if (rsc == RSC_NOT_FOUND)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: %s does not exist", name, address);
    return rsc;
}

/*
 * The request that is to be sent: to where `orc` says, as the one who says so. Nobody else's name can be put into it, nor can it
 * be sent elsewhere by anybody else.
 */
static enum rsc check_primitive(struct snapshot *snap, struct plan *plan, const json_t *a, json_t *out)
{
    const json_t *apv = json_object_get(a, "apv");
    const char *fr = json_str(apv, "fr"), *to = json_str(apv, "to"), *orc = json_str(a, "orc");
    auto_free char *stem = fr ? address_originator(fr) : NULL, *object = NULL, *target = NULL;
    enum rsc rsc;

    if (!stem || strcmp(stem, plan->originator) != 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "apv.fr: must be %s, who asks for it", plan->originator);
    rsc = resolve(snap, plan, "orc", orc, &object);
    if (rsc == RSC_OK && to)
        rsc = resolve(snap, plan, "apv.to", to, &target);
    if (rsc != RSC_OK)
        return rsc;
    if (target && object && strcmp(target, object) != 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "apv.to: not the same as orc, %s", orc);
    json_object_set_new(out, "orc", json_string(object));
    return RSC_OK;
}

/*
 * The input: each text `cstr` in the content of apv becomes the value that the attribute `raid` of the resource `rsid` has when
 * the request is made. Whoever asks for it must be allowed to see it.
 */
static enum rsc check_input(struct snapshot *snap, struct plan *plan, const json_t *ipu, json_t *out)
{
    const char *cstr = json_str(ipu, "cstr"), *rsid = json_str(ipu, "rsid"), *raid = json_str(ipu, "raid");
    const struct resource *r = NULL;
    json_t *input;
    enum rsc rsc;

    if (!ipu)
        return RSC_OK;
    if (!cstr || !rsid || !raid)
        return plan_refuse(plan, RSC_BAD_REQUEST, "ipu: needs cstr, rsid and raid");
    rsc = find_reference(snap, plan, "ipu.rsid", rsid, RSC_BAD_REQUEST, &r);
    if (rsc != RSC_OK)
        return rsc;
    if (!rtype_attr(r->type, raid))
        return plan_refuse(plan, RSC_BAD_REQUEST, "ipu.raid: %.64s is no attribute of a %s", raid, r->type->name);
    input = json_copy((json_t *)ipu);
    json_object_set_new(input, "rsid", json_string(r->ri));
    json_object_set_new(out, "ipu", input);
    return RSC_OK;
}

enum rsc actr_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc = check_mode(plan, a);

    (void)req;
    if (rsc == RSC_OK)
        rsc = check_subject(snap, plan, a, plan->target->ri, a);
    if (rsc == RSC_OK)
        rsc = check_primitive(snap, plan, a, a);
    return rsc == RSC_OK ? check_input(snap, plan, json_object_get(a, "ipu"), a) : rsc;
}

/* Only what is among its own children can be a dependency. */
static enum rsc check_dependencies(struct snapshot *snap, struct plan *plan, json_t *set)
{
    json_t *dep = json_object_get(set, "dep"), *ids = json_array();
    const struct resource *child;
    enum rsc rsc = RSC_OK;

    for (size_t i = 0; i < json_array_size(dep) && rsc == RSC_OK; i++) {
        rsc = find_child(snap, plan, "dep", json_string_value(json_array_get(dep, i)), TY_DEPENDENCY, plan->target->ri,
                         RSC_BAD_REQUEST, &child);
        if (rsc == RSC_OK)
            json_array_append_new(ids, json_string(child->ri));
    }
    if (rsc == RSC_OK && dep)
        json_object_set(set, "dep", ids);
    json_decref(ids);
    return rsc;
}

/* Tells the service timing that the action begins anew, TS-0001 <action>: evalMode, be it as it was. */
static void plan_arm(struct plan *plan)
{
    json_array_append_new(plan->ops,
                          json_pack("{ss ss ss s[] s{}}", "op", "report", "ri", plan->target->ri, "event", "armed", "to", "rep"));
}

enum rsc actr_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);
    enum rsc rsc = RSC_OK;

    (void)req;
    if (update_touches(set, del, "evm") || update_touches(set, del, "ecp")) {
        plan_arm(plan);
        rsc = check_mode(plan, a);
    }
    if (rsc == RSC_OK && (update_touches(set, del, "evc") || update_touches(set, del, "sri")))
        rsc = check_subject(snap, plan, a, plan->target->pi, set);
    if (rsc == RSC_OK && (update_touches(set, del, "orc") || update_touches(set, del, "apv")))
        rsc = check_primitive(snap, plan, a, set);
    if (rsc == RSC_OK)
        rsc = check_input(snap, plan, json_object_get(set, "ipu"), set);
    return rsc == RSC_OK ? check_dependencies(snap, plan, set) : rsc;
}

/* <dependency> */

static enum rsc check_referenced(struct snapshot *snap, struct plan *plan, const json_t *a, json_t *out)
{
    const struct resource *referenced;
    enum rsc rsc = find_reference(snap, plan, "rri", json_str(a, "rri"), RSC_BAD_REQUEST, &referenced);

    if (rsc == RSC_OK)
        rsc = check_criterion(plan, "evc", json_object_get(a, "evc"), referenced, RSC_BAD_REQUEST);
    if (rsc == RSC_OK)
        json_object_set_new(out, "rri", json_string(referenced->ri));
    return rsc;
}

enum rsc depr_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    (void)req;
    return check_referenced(snap, plan, a, a);
}

enum rsc depr_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);

    (void)req;
    return update_touches(set, del, "evc") || update_touches(set, del, "rri") ? check_referenced(snap, plan, a, set) : RSC_OK;
}
