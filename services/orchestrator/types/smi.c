/*
 * <semanticMashupJobProfile>, <semanticMashupInstance> and its virtual child <mashup>, TS-0001 9.6.53 to 9.6.55. The function of
 * a profile is a SPARQL query over what the members are and their values. Results are made here; when they are made
 * periodically, or because a member has changed, the service timing asks for them.
 */
#include "criteria.h"
#include "cse.h"
#include "json.h"
#include "mashup.h"
#include "mem.h"
#include "render.h"
#include "special.h"

enum { RESULTS_MAX = 10 /* of one instance, the newest */ };

/* ---- the profile ---- */

/* What can be seen of the filter and the function without any members. */
static enum rsc check_queries(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *attrs)
{
    json_t *filter = json_object_get(attrs, "mbft"), *function = json_object_get(attrs, "fucd");
    json_auto_t *match = filter ? json_pack("{s[O] s[]}", "smf", filter, "sets") : NULL;
    json_auto_t *mashup = function ? json_pack("{s{sO} s[]}", "fn", "d", function, "members") : NULL;
    const struct asked *ignored;
    enum rsc rsc = match ? ask_semantics(req, snap, plan, "match", "mbft", match, &ignored) : RSC_OK;
    enum rsc other = mashup ? ask_semantics(req, snap, plan, "mashup", "fucd", mashup, &ignored) : RSC_OK;

    return rsc == PLAN_WAIT || other == PLAN_WAIT ? PLAN_WAIT : rsc != RSC_OK ? rsc : other;
}

enum rsc smjp_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    return check_queries(req, snap, plan, a);
}

enum rsc smjp_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    (void)del;
    return check_queries(req, snap, plan, set);
}

/* smiID of the profile, if it is here: `uri` comes, or goes. */
static enum rsc list_at_profile(struct snapshot *snap, struct plan *plan, const char *mjid, const char *uri, bool comes)
{
    const struct resource *profile = NULL;
    struct address address;
    char why[WHY_SIZE];
    enum rsc rsc = RSC_NOT_FOUND;
    json_t *list = json_array();

    if (mjid && address_parse(&address, mjid, why, sizeof why) == 0) {
        if (address.hosted && address.virt == VIRTUAL_NONE)
            rsc = look_up(snap, address.local, &profile);
        address_done(&address);
    }
    for (size_t i = 0; profile && i < json_array_size(json_object_get(profile->a, "miid")); i++) {
        json_t *entry = json_array_get(json_object_get(profile->a, "miid"), i);

        if (strcmp(json_string_value(entry), uri) != 0)
            json_array_append(list, entry);
    }
    if (comes)
        json_array_append_new(list, json_string(uri));
    if (rsc != RSC_OK || !profile || profile->type->ty != TY_MASHUP_PROFILE) {
        json_decref(list);
        return rsc == PLAN_WAIT ? rsc : RSC_OK;
    }
    plan_renew(plan, profile->ri, 0, json_pack("{so}", "miid", list));
    return RSC_OK;
}

static char *uri_of(const char *path)
{
    return xasprintf("%s/%s", cse_id(), path);
}

/* ---- the instance ---- */

static enum rsc check_period(struct plan *plan, const json_t *a)
{
    if (!mashup_generates(a, GENERATE_PERIODICALLY) || json_object_get(a, "prg"))
        return RSC_OK;
    return plan_refuse(plan, RSC_BAD_REQUEST, "prg: mandatory with rgt 3");
}

static enum rsc check_input(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *input)
{
    enum { FORMAT_TURTLE = 5 };
    json_auto_t *body = input ? json_pack("{si sO}", "f", FORMAT_TURTLE, "d", input) : NULL;
    const struct asked *ignored;

    return body ? ask_semantics(req, snap, plan, "check", "jpin", body, &ignored) : RSC_OK;
}

/* Their events are for the service timing. */
static void watch_members(struct mashup *m)
{
    for (size_t i = 0; i < json_array_size(m->subjects) && mashup_generates(m->a, GENERATE_ON_CHANGE); i++) {
        const char *uri = json_str(json_array_get(m->members, i), "uri");
        struct address address;
        char why[WHY_SIZE];

        if (address_parse(&address, uri, why, sizeof why) < 0)
            continue;
        if (address.hosted && address.virt == VIRTUAL_NONE)
            plan_mark(m->plan, json_string_value(json_array_get(m->subjects, i)), MARK_ACTED, true);
        address_done(&address);
    }
}

static void add_op(struct plan *plan, json_t *op)
{
    if (!plan->ops)
        plan->ops = json_array();
    json_array_append_new(plan->ops, op);
}

/* The result at creation. */
static enum rsc first_result(struct mashup *m)
{
    auto_free char *path = xasprintf("%s/%s", m->plan->target->path, json_str(m->a, "rn"));
    json_t *record;
    enum rsc rsc = mashup_generate(m, json_str(m->a, "ri"), path, &record);

    if (rsc != RSC_OK)
        return rsc;
    json_object_set_new(m->a, MASHUP_RESULTS, json_pack("[O]", json_object_get(record, "ri")));
    add_op(m->plan, json_pack("{ss so}", "op", "create", "r", record));
    return RSC_OK;
}

static enum rsc create(struct mashup *m)
{
    auto_free char *path = xasprintf("%s/%s", m->plan->target->path, json_str(m->a, "rn"));
    auto_free char *uri = uri_of(path);
    enum rsc rsc = check_period(m->plan, m->a);

    if (rsc == RSC_OK)
        rsc = check_input(m->req, m->snap, m->plan, json_object_get(m->a, "jpin"));
    if (rsc == RSC_OK)
        rsc = mashup_find_profile(m);
    if (rsc == RSC_OK)
        rsc = mashup_collect(m);
    if (rsc == RSC_OK && mashup_generates(m->a, GENERATE_AT_CREATION))
        rsc = first_result(m);
    if (rsc != RSC_OK)
        return rsc;
    watch_members(m);
    return list_at_profile(m->snap, m->plan, json_str(m->a, "mjid"), uri, true);
}

enum rsc smi_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    struct mashup m;
    enum rsc rsc;

    mashup_init(&m, req, snap, plan, plan->originator, a);
    rsc = create(&m);
    mashup_done(&m);
    return rsc;
}

/* Another profile, members, or type of store: its members are looked at again; without any they are looked for. */
static enum rsc update(struct mashup *m, json_t *set, json_t *del)
{
    static const char *const grounds[] = {"mjid", "msm", "mst", "rgt"};
    const char *old = json_str(m->plan->target->a, "mjid"), *new = json_str(set, "mjid");
    auto_free char *uri = uri_of(m->plan->target->path);
    enum rsc rsc = check_period(m->plan, m->a);
    bool collect = false;

    for (size_t i = 0; i < ARRAY_LEN(grounds); i++)
        collect = collect || update_touches(set, del, grounds[i]);
    if (rsc == RSC_OK)
        rsc = check_input(m->req, m->snap, m->plan, json_object_get(set, "jpin"));
    if (rsc != RSC_OK || !collect)
        return rsc;
    rsc = mashup_find_profile(m);
    if (rsc == RSC_OK)
        rsc = mashup_collect(m);
    if (rsc != RSC_OK)
        return rsc;
    update_keeps(del, "msm");
    json_object_set(set, "msm", json_object_get(m->a, "msm"));
    watch_members(m);
    if (!new || strcmp(old, new) == 0)
        return RSC_OK;
    rsc = list_at_profile(m->snap, m->plan, old, uri, false);
    return rsc == RSC_OK ? list_at_profile(m->snap, m->plan, new, uri, true) : rsc;
}

enum rsc smi_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);
    struct mashup m;
    enum rsc rsc;

    if (json_object_get(set, "mjid") && !json_object_get(set, "msm"))
        json_object_del(a, "msm"); /* those of another profile are others */
    mashup_init(&m, req, snap, plan, plan->target->by ? plan->target->by : plan->originator, a);
    rsc = update(&m, set, del);
    mashup_done(&m);
    return rsc;
}

enum rsc smi_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    auto_free char *uri = uri_of(plan->target->path);

    (void)req;
    return list_at_profile(snap, plan, json_str(plan->target->a, "mjid"), uri, false);
}

/* ---- <mashup> ---- */

static void answer_result(struct plan *plan, const json_t *a)
{
    str_reset(&plan->content);
    render_resource(&plan->content, rtype_by_ty(TY_MASHUP_RESULT), a);
    plan->rsc = RSC_OK;
}

/* No new one is to be made: the newest there is. */
static enum rsc newest_result(struct snapshot *snap, struct plan *plan)
{
    const json_t *list = json_object_get(plan->target->a, MASHUP_RESULTS);

    for (size_t i = json_array_size(list); i > 0; i--) {
        const struct resource *result;
        enum rsc rsc = look_up(snap, json_string_value(json_array_get(list, i - 1)), &result);

        if (rsc == PLAN_WAIT)
            return rsc;
        if (rsc == RSC_OK) {
            plan->kind = PLAN_ANSWER;
            answer_result(plan, result->a);
            return RSC_OK;
        }
    }
    return plan_refuse(plan, RSC_NOT_FOUND, "%s has no result, and its rgt does not let a request make one", plan->target->ri);
}

/* The oldest results go as the new one comes. */
static enum rsc replace_results(struct mashup *m, const char *ri, json_t **list)
{
    const json_t *old = json_object_get(m->plan->target->a, MASHUP_RESULTS);
    size_t count = json_array_size(old), first = count >= RESULTS_MAX ? count - RESULTS_MAX + 1 : 0;

    for (size_t i = 0; i < first; i++) {
        const struct resource *gone;
        enum rsc rsc = look_up(m->snap, json_string_value(json_array_get(old, i)), &gone);

        if (rsc == PLAN_WAIT)
            return rsc;
        if (rsc == RSC_OK)
            add_op(m->plan, json_pack("{ss ss}", "op", "delete", "ri", gone->ri));
    }
    *list = json_array();
    for (size_t i = first; i < count; i++)
        json_array_append(*list, json_array_get(old, i));
    json_array_append_new(*list, json_string(ri));
    return RSC_OK;
}

static enum rsc generate(struct mashup *m)
{
    const struct resource *r = m->plan->target;
    enum rsc rsc = mashup_find_profile(m);
    json_t *record, *list, *shown;

    if (rsc == RSC_OK)
        rsc = mashup_collect(m);
    if (rsc == RSC_OK)
        rsc = mashup_generate(m, r->ri, r->path, &record);
    if (rsc != RSC_OK)
        return rsc;
    add_op(m->plan, json_pack("{ss so}", "op", "create", "r", record));
    rsc = replace_results(m, json_str(record, "ri"), &list);
    if (rsc != RSC_OK)
        return rsc;
    plan_renew(m->plan, r->ri, 0, json_pack("{so sO}", MASHUP_RESULTS, list, "msm", json_object_get(m->a, "msm")));
    shown = json_copy(json_object_get(record, "a"));
    json_object_set(shown, "lt", json_object_get(shown, "ct"));
    answer_result(m->plan, shown);
    json_decref(shown);
    m->plan->kind = PLAN_COMMIT;
    return RSC_OK;
}

enum rsc msp_retrieve(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    json_auto_t *a = NULL;
    struct mashup m;
    enum rsc rsc = require_access(snap, plan, plan->target, ACCESS_RETRIEVE, 0);

    if (rsc != RSC_OK)
        return rsc;
    if (plan->rcn != 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rcn: only 1 for a mashup");
    if (strcmp(plan->originator, cse_id()) != 0 && !mashup_generates(plan->target->a, GENERATE_ON_REQUEST))
        return newest_result(snap, plan);
    a = json_copy(plan->target->a);
    mashup_init(&m, req, snap, plan, plan->target->by ? plan->target->by : cse_id(), a);
    rsc = generate(&m);
    mashup_done(&m);
    return rsc;
}
