/*
 * <crossResourceSubscription>, TS-0001 10.2.10.22 and TS-0004 7.4.58: it subscribes to its targets, here or on other CSEs, in
 * the name of its creator. What they notify is counted in crs_notify.c.
 */
#include "crs.h"
#include "crs_window.h"

#include "cse.h"
#include "json.h"
#include "mem.h"
#include "special.h"
#include "sub_targets.h"

enum { TY_SUBSCRIPTION = 23 };

char *crs_address(const char *ri)
{
    return xasprintf("%s/%s", cse_id(), ri);
}

char *crs_plain_address(const char *address)
{
    struct address parsed;
    char *plain, why[WHY_SIZE];

    if (address_parse(&parsed, address, why, sizeof why) < 0)
        return xstrdup(address);
    plain = xstrdup(parsed.hosted ? parsed.local : address);
    address_done(&parsed);
    return plain;
}

/* The names of a subscription: those of its record if it is here, else the address that is known. */
static enum rsc add_source(struct snapshot *snap, json_t *sources, const char *address)
{
    auto_free char *plain = crs_plain_address(address);
    const struct resource *sub = NULL;

    if (plain[0] != '/' && look_up(snap, plain, &sub) == PLAN_WAIT)
        return PLAN_WAIT;
    json_array_append_new(sources, sub ? json_pack("[ss]", sub->ri, sub->path) : json_pack("[s]", plain));
    return RSC_OK;
}

/* ---- subscribing ---- */

/* The notification criteria of the rrat entry with that number: its own, or those for all. */
static json_t *criteria_of(const json_t *a, size_t i)
{
    const json_t *list = NULL;
    void *only = json_object_iter(json_object_get(a, "encs"));

    if (only)
        list = json_object_iter_value(only);
    return json_array_get(list, json_array_size(list) == 1 ? 0 : i);
}

static char *subscription(const json_t *a, size_t i)
{
    auto_free char *self = crs_address(json_str(a, "ri"));
    json_auto_t *pc = json_pack("{s{s[s] s[s] sO*}}", "m2m:sub", "nu", self, "acrs", self, "enc", criteria_of(a, i));
    struct str text = STR_EMPTY;

    if (json_object_get(a, "nec"))
        json_object_set(json_object_get(pc, "m2m:sub"), "nec", json_object_get(a, "nec"));
    json_write(&text, pc);
    return str_take(&text);
}

static const struct asked *subscribe(const struct request *req, struct snapshot *snap, const struct plan *plan, const json_t *a,
                                     size_t i)
{
    auto_free char *key = xasprintf("rrat.%zu", i);
    auto_free char *pc = subscription(a, i);
    struct request question;

    request_init(&question);
    question.op = OP_CREATE;
    question.ty = TY_SUBSCRIPTION;
    question.to = json_string_value(json_array_get(json_object_get(a, "rrat"), i));
    question.fr = plan->originator;
    question.pc = (struct slice){pc, strlen(pc)};
    return snapshot_ask(snap, req, key, &question, ASK_UNDO);
}

static const struct asked *ask_about(const struct request *req, struct snapshot *snap, const char *key, int op, const char *to,
                                     const char *fr, const json_t *pc)
{
    auto_str struct str text = STR_EMPTY;
    struct request question;

    request_init(&question);
    question.op = op;
    question.to = to;
    question.fr = fr;
    if (pc) {
        json_write(&text, pc);
        question.pc = (struct slice){text.data, text.len};
    }
    return snapshot_ask(snap, req, key, &question, 0);
}

static enum rsc refuse_target(struct plan *plan, const char *name, const char *address, int rsc)
{
    return plan_refuse(plan, RSC_CROSS_RESOURCE_OPERATION_FAILURE, "%s: %.200s answered %d", name, address, rsc);
}

/* `list` with or without `text`. A new list. */
static json_t *changed_list(const json_t *list, const char *text, bool with)
{
    json_t *changed = json_array(), *item;
    size_t i;

    json_array_foreach((json_t *)list, i, item) if (strcmp(json_string_value(item), text) != 0) json_array_append(changed, item);
    if (with)
        json_array_append_new(changed, json_string(text));
    return changed;
}

/* The UPDATE that puts this crossResourceSubscription into a subscription, or takes it out. NULL: there is nothing to do. */
static json_t *attachment(const struct asked *sub, const char *self, bool with)
{
    json_auto_t *pc = sub->content.len > 0 ? json_loadb(sub->content.data, sub->content.len, 0, NULL) : NULL;
    const json_t *a = json_object_get(pc, "m2m:sub");
    json_t *nu, *acrs;

    if (!a)
        return NULL;
    nu = changed_list(json_object_get(a, "nu"), self, with);
    acrs = changed_list(json_object_get(a, "acrs"), self, with);
    if (json_array_size(nu) == 0) { /* it must tell somebody */
        json_decref(nu);
        json_decref(acrs);
        return NULL;
    }
    return json_pack("{s{so so}}", "m2m:sub", "nu", nu, "acrs",
                     json_array_size(acrs) > 0 ? acrs : (json_decref(acrs), json_null()));
}

/* One step for every srat entry: read it, or attach (detach) to what was read. */
static const struct asked *step_srat(const struct request *req, struct snapshot *snap, const char *fr, const char *self,
                                     const char *address, size_t i, const char *step)
{
    auto_free char *read = xasprintf("srat.%zu", i);
    auto_free char *key = xasprintf("srat.%zu.%s", i, step);
    const struct asked *known = ask_about(req, snap, read, OP_RETRIEVE, address, fr, NULL);
    json_auto_t *pc = NULL;

    if (!known || !*step || !rsc_is_success(known->rsc))
        return known;
    pc = attachment(known, self, strcmp(step, "attach") == 0);
    return pc ? ask_about(req, snap, key, OP_UPDATE, address, fr, pc) : known;
}

/* A step for all of them at once. `failed` is the first that did not succeed, or -1. */
static enum rsc step_all(const struct request *req, struct snapshot *snap, const char *fr, const char *self, const json_t *srat,
                         const char *step, int *failed, int *rsc)
{
    enum rsc result = RSC_OK;

    *failed = -1;
    for (size_t i = 0; i < json_array_size(srat); i++) {
        const struct asked *answer = step_srat(req, snap, fr, self, json_string_value(json_array_get(srat, i)), i, step);

        if (!answer) {
            result = PLAN_WAIT;
        } else if (!rsc_is_success(answer->rsc) && *failed < 0) {
            *failed = (int)i;
            *rsc = answer->rsc;
        }
    }
    return result;
}

static enum rsc subscribe_all(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *a)
{
    const json_t *rrat = json_object_get(a, "rrat");
    enum rsc result = RSC_OK;
    int failed = -1, rsc = 0;

    for (size_t i = 0; i < json_array_size(rrat); i++) {
        const struct asked *answer = subscribe(req, snap, plan, a, i);

        if (!answer) {
            result = PLAN_WAIT;
        } else if (!rsc_is_success(answer->rsc) && failed < 0) {
            failed = (int)i;
            rsc = answer->rsc;
        }
    }
    if (result == PLAN_WAIT || failed < 0)
        return result;
    return refuse_target(plan, "rrat", json_string_value(json_array_get(rrat, (size_t)failed)), rsc);
}

/* What has been attached is detached again when one of them fails. */
static enum rsc attach_all(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *a)
{
    const json_t *srat = json_object_get(a, "srat");
    auto_free char *self = crs_address(json_str(a, "ri"));
    const char *fr = plan->originator;
    int failed, rsc = 0, ignored, ignored_too;

    if (step_all(req, snap, fr, self, srat, "", &failed, &rsc) == PLAN_WAIT)
        return PLAN_WAIT;
    if (failed < 0 && step_all(req, snap, fr, self, srat, "attach", &failed, &rsc) == PLAN_WAIT)
        return PLAN_WAIT;
    if (failed < 0)
        return RSC_OK;
    if (step_all(req, snap, fr, self, srat, "detach", &ignored, &ignored_too) == PLAN_WAIT)
        return PLAN_WAIT;
    return refuse_target(plan, "srat", json_string_value(json_array_get(srat, (size_t)failed)), rsc);
}

/* The SP-relative address of the subscription made for a target. */
static char *created_address(const char *target, const struct asked *answer)
{
    json_auto_t *pc = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    const char *ri = json_str(json_object_get(pc, "m2m:sub"), "ri");
    struct address address;
    char *result, why[WHY_SIZE];

    if (!ri || address_parse(&address, target, why, sizeof why) < 0)
        return xstrdup(answer->loc ? answer->loc : target);
    result = xasprintf("%s/%s", address.hosted ? cse_id() : address.cse, ri);
    address_done(&address);
    return result;
}

/* Notes what was subscribed to, in `rrats` and by the names that notifications will bear. */
static enum rsc note_sources(const struct request *req, struct snapshot *snap, const struct plan *plan, json_t *a)
{
    const json_t *rrat = json_object_get(a, "rrat"), *srat = json_object_get(a, "srat");
    json_auto_t *rrats = json_array();
    json_t *sources = json_array();
    enum rsc result = RSC_OK;

    json_object_set_new(a, CRS_SOURCES, sources);
    for (size_t i = 0; i < json_array_size(rrat); i++) {
        auto_free char *address = created_address(json_string_value(json_array_get(rrat, i)), subscribe(req, snap, plan, a, i));

        json_array_append_new(rrats, json_string(address));
        if (add_source(snap, sources, address) == PLAN_WAIT)
            result = PLAN_WAIT;
    }
    for (size_t i = 0; i < json_array_size(srat); i++)
        if (add_source(snap, sources, json_string_value(json_array_get(srat, i))) == PLAN_WAIT)
            result = PLAN_WAIT;
    if (json_array_size(rrats) > 0)
        json_object_set(a, "rrats", rrats);
    return result;
}

/* A sliding window begins with a notification: not all can be missing. */
static enum rsc check_mode(struct plan *plan, const json_t *a)
{
    if (json_int(a, "twt", 0) == WINDOW_SLIDING && json_int(a, "eem", 0) == MODE_ALL_MISSING)
        return plan_refuse(plan, RSC_BAD_REQUEST, "eem: all events missing is for periodic windows (twt 1) only");
    return RSC_OK;
}

static enum rsc check_attributes(struct plan *plan, const json_t *a)
{
    size_t rrat = json_array_size(json_object_get(a, "rrat")), srat = json_array_size(json_object_get(a, "srat"));
    void *only = json_object_iter(json_object_get(a, "encs"));
    size_t criteria = only ? json_array_size(json_object_iter_value(only)) : 0;

    if (rrat + srat == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rrat: mandatory, missing, as there is no srat");
    if (rrat > 0 && criteria != 1 && criteria != rrat)
        return plan_refuse(plan, RSC_BAD_REQUEST, "encs: must hold criteria for all of rrat, or for each of its entries");
    return check_mode(plan, a);
}

enum rsc crs_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc = check_attributes(plan, a);

    if (rsc == RSC_OK)
        rsc = sub_check_targets(snap, plan, json_str(a, "ri"), json_object_get(a, "nu"), NULL);
    if (rsc == RSC_OK)
        rsc = subscribe_all(req, snap, plan, a);
    if (rsc == RSC_OK)
        rsc = attach_all(req, snap, plan, a);
    return rsc == RSC_OK ? note_sources(req, snap, plan, a) : rsc;
}

enum rsc crs_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;
    json_auto_t *after = update_result(r, set, del);
    enum rsc rsc = check_mode(plan, after);

    (void)req;
    if (rsc != RSC_OK)
        return rsc;
    update_restarts_statistics(r, set);
    if (json_object_get(set, "nu"))
        rsc = sub_check_targets(snap, plan, r->ri, json_object_get(set, "nu"), json_object_get(r->a, "nu"));
    if ((json_object_get(set, "twt") || json_object_get(set, "tws") || json_object_get(set, "eem") ||
         update_deletes(del, "eem")) &&
        json_object_get(r->a, CRS_WINDOW))
        json_array_append_new(del, json_string(CRS_WINDOW));
    return rsc;
}

/* ---- taking back ---- */

enum rsc crs_detach(const struct request *req, struct snapshot *snap, const struct resource *r)
{
    const json_t *rrats = json_object_get(r->a, "rrats");
    auto_free char *self = crs_address(r->ri);
    enum rsc result;
    int failed, rsc;

    result = step_all(req, snap, r->by, self, json_object_get(r->a, "srat"), "detach", &failed, &rsc);
    for (size_t i = 0; i < json_array_size(rrats); i++) {
        auto_free char *key = xasprintf("rrats.%zu", i);

        if (!ask_about(req, snap, key, OP_DELETE, json_string_value(json_array_get(rrats, i)), r->by, NULL))
            result = PLAN_WAIT;
    }
    return result;
}

enum rsc crs_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    return crs_detach(req, snap, plan->target);
}
