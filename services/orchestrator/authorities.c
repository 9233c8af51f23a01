/*
 * Distributed authorization, TS-0001 11.5.4 and 9.6.41 to 43: the policies of a resource name where else a decision (adri),
 * policies (apri), or roles and tokens of the originator (airi) are to be had. Each is asked by an UPDATE of the resource named,
 * whose answer holds what it found. types/auth.c is the side that is asked.
 */
#include "attr.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "token.h"
#include "types/types.h"

enum { TY_DECISION = 35, TY_INFORMATION = 37, PERMIT = 1, STATUS_OK = 1, PERMIT_OVERRIDES = 1 };

/* What is to be decided. */
struct matter {
    struct snapshot *snap;
    struct plan *plan;
    const struct resource *r;
    struct access_case what;
};

/* How this CSE calls the resource towards `place`. The caller frees. */
static char *name_for(const struct resource *r, const char *place)
{
    return strncmp(place, "//", 2) == 0 ? xasprintf("//%s%s/%s", cse_spid(), cse_id(), r->ri)
                                        : xasprintf("%s/%s", cse_id(), r->ri);
}

/*
 * UPDATE of `place` with `attrs` (taken). The attributes in its answer, a new reference; NULL with *rsc PLAN_WAIT, or anything
 * else: there is none.
 */
static json_t *ask_place(const struct matter *m, const char *key, const char *place, json_t *attrs, enum rsc *rsc)
{
    auto_free char *whole =
        xasprintf("%s/%s/%d/%d/%s/%s", key, m->r->ri, (int)m->what.op, m->what.child_ty, m->plan->originator, place);
    json_auto_t *pc = json_pack("{so}", key, attrs);
    auto_str struct str text = STR_EMPTY;
    struct request question;
    const struct asked *answer;
    json_auto_t *content = NULL;
    json_t *found;

    json_write(&text, pc);
    request_init(&question);
    question.op = OP_UPDATE;
    question.to = place;
    question.fr = cse_id();
    question.pc = (struct slice){text.data, text.len};
    if (m->plan->req->deadline > m->snap->now)
        question.deadline = m->snap->now + (m->plan->req->deadline - m->snap->now) / 2; /* time is left to say no */
    answer = snapshot_ask(m->snap, m->plan->req, whole, &question, 0);
    *rsc = answer ? RSC_ORIGINATOR_HAS_NO_PRIVILEGE : PLAN_WAIT;
    if (!answer || answer->rsc != RSC_UPDATED)
        return NULL;
    content = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    found = json_object_get(content, key);
    return json_int(found, "sus", 0) == STATUS_OK ? json_incref(found) : NULL;
}

/* ---- decisions ---- */

/* The operation, and for a discovery that it is one. */
static void set_operation(json_t *attrs, const struct access_case *what)
{
    json_object_set_new(attrs, "op", json_integer(access_operation(what->op)));
    if (what->op == ACCESS_DISCOVER)
        json_object_set_new(attrs, "fu", json_pack("{si}", "fu", 1));
    if (what->child_ty)
        json_object_set_new(attrs, "rrt", json_integer(what->child_ty));
}

static json_t *claimed_roles(const struct request *req)
{
    return req->rids.p ? json_loadb(req->rids.p, req->rids.n, 0, NULL) : NULL;
}

static void set_credentials(json_t *attrs, const struct plan *plan)
{
    json_t *roles = claimed_roles(plan->req), *tokens;

    if (json_array_size(roles) > 0)
        json_object_set(attrs, "rids", roles);
    json_decref(roles);
    if (!plan->tokens)
        return;
    tokens = json_array();
    for (size_t i = 0; i < plan->tokens->count; i++)
        json_array_append_new(tokens, json_string(plan->tokens->tokens[i]->text));
    json_object_set_new(attrs, "tkns", tokens);
}

static enum rsc ask_decision(const struct matter *m, const char *place)
{
    auto_free char *to = name_for(m->r, place);
    auto_free char *fr = originator_outside(m->plan->originator, place);
    json_t *attrs = json_pack("{ss ss so}", "to", to, "fr", fr, "rtm", json_time(m->snap->now));
    enum rsc rsc;

    set_operation(attrs, &m->what);
    set_credentials(attrs, m->plan);
    if (m->plan->peer)
        json_object_set_new(attrs, "oip", json_pack("{ss}", strchr(m->plan->peer, ':') ? "ip6" : "ip4", m->plan->peer));
    json_auto_t *found = ask_place(m, "m2m:auds", place, attrs, &rsc);

    return found && json_int(found, "dec", 0) == PERMIT ? RSC_OK : rsc;
}

/* ---- policies ---- */

/* Any set of rules that permits is enough: the only combining algorithm there is. */
static enum rsc ask_policies(const struct matter *m, const char *place)
{
    auto_free char *to = name_for(m->r, place);
    enum rsc rsc;
    json_auto_t *found = ask_place(m, "m2m:aupy", place, json_pack("{ss}", "to", to), &rsc);
    const json_t *ps = json_object_get(found, "ps"), *list = json_object_get(ps, "pv");
    char why[WHY_SIZE];

    if (!ps || !attr_object_ok(set_of_permissions, ps, why, sizeof why) ||
        json_int(found, "ca", PERMIT_OVERRIDES) != PERMIT_OVERRIDES)
        return rsc;
    for (size_t i = 0; i < json_array_size(list) && rsc != RSC_OK; i++) {
        struct acl *acl = acl_compile(json_array_get(list, i));

        if (acl_permits(acl, &m->plan->who, &m->what))
            rsc = RSC_OK;
        acl_free(acl);
    }
    return rsc;
}

/* ---- roles and tokens ---- */

/* The same check once more, with what has become known. */
static enum rsc judge_again(const struct matter *m, const json_t *roles)
{
    json_auto_t *all = m->plan->roles ? json_copy(m->plan->roles) : json_array();
    struct access_who who = m->plan->who;
    char why[WHY_SIZE];

    json_array_extend(all, (json_t *)roles);
    who.roles = all;
    return verdict_step(access_check(m->snap, &who, m->r, m->what.op, m->what.child_ty, why, sizeof why));
}

static bool are_texts(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_string(json_array_get(list, i)))
            return false;
    return true;
}

static enum rsc ask_information(const struct matter *m, const char *place)
{
    auto_free char *fr = originator_outside(m->plan->originator, place);
    json_t *attrs = json_pack("{ss}", "fr", fr), *roles = claimed_roles(m->plan->req);
    const json_t *ids;
    enum rsc rsc;

    if (json_array_size(roles) > 0)
        json_object_set(attrs, "rids", roles);
    json_decref(roles);
    json_auto_t *found = ask_place(m, "m2m:auif", place, attrs, &rsc);

    if (!found || !are_texts(json_object_get(found, "rids")))
        return rsc;
    ids = json_object_get(found, "tids");
    rsc = RSC_OK;
    for (size_t i = 0; i < json_array_size(ids) && i < TOKENS_MAX; i++)
        if (json_is_string(json_array_get(ids, i)) &&
            take_token_from(m->plan->req, m->snap, m->plan, place, json_string_value(json_array_get(ids, i)), false) == PLAN_WAIT)
            rsc = PLAN_WAIT;
    return rsc == PLAN_WAIT ? rsc : judge_again(m, json_object_get(found, "rids"));
}

/* ---- the whole ---- */

static enum rsc ask_all(const struct matter *m, const struct resource *acp)
{
    static const struct {
        const char *name;
        bool decides;
        enum rsc (*ask)(const struct matter *m, const char *place);
    } rows[] = {
        {"airi", false, ask_information},
        {"apri", false, ask_policies   },
        {"adri", true,  ask_decision   },
    };
    enum rsc rsc, wait = RSC_ORIGINATOR_HAS_NO_PRIVILEGE;

    for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
        const json_t *places = json_object_get(acp->a, rows[n].name);

        if (rows[n].decides && m->plan->deciding) /* whoever is asked decides itself: no circles */
            continue;
        for (size_t i = 0; i < json_array_size(places); i++) {
            const char *place = json_string_value(json_array_get(places, i));

            if (strstr(place, "://"))
                continue;
            rsc = rows[n].ask(m, place);
            if (rsc == RSC_OK)
                return rsc;
            if (rsc == PLAN_WAIT)
                wait = rsc; /* the others can be asked at the same time */
        }
    }
    return wait;
}

enum rsc find_acp(struct snapshot *snap, const char *entry, const struct resource **acp)
{
    struct address address = {0};
    char why[64];
    enum rsc rsc = RSC_NOT_FOUND;

    *acp = NULL;
    if (address_parse(&address, entry, why, sizeof why) < 0)
        return rsc;
    if (address.hosted && address.virt == VIRTUAL_NONE)
        rsc = look_up(snap, address.local, acp);
    address_done(&address);
    return rsc == RSC_OK && (*acp)->type->access != ACCESS_SELF ? RSC_NOT_FOUND : rsc;
}

enum rsc ask_authorities(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty)
{
    const struct matter m = {
        snap, plan, r, {op, r->type->ty, child_ty}
    };
    const struct resource *ruled = r, *acp;
    enum rsc rsc, wait = RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
    const json_t *acpi;

    if (!plan->req || (r->type->ty >= TY_DECISION && r->type->ty <= TY_INFORMATION))
        return wait; /* who may ask is never asked elsewhere */
    if (r->type->access == ACCESS_PARENT && (rsc = look_up(snap, r->pi, &ruled)) != RSC_OK)
        return rsc;
    acpi = json_object_get(ruled->a, "acpi");
    for (size_t i = 0; i < json_array_size(acpi); i++) {
        rsc = find_acp(snap, json_string_value(json_array_get(acpi, i)), &acp);
        if (rsc == RSC_OK)
            rsc = ask_all(&m, acp);
        if (rsc == RSC_OK)
            return rsc;
        if (rsc == PLAN_WAIT)
            wait = rsc;
    }
    return wait;
}
