/*
 * Rights that do not stand in policies: roles that the originator claims, and dynamic authorization, where a server is asked that
 * a <dynamicAuthorizationConsultation> names. TS-0001 9.6.38, 9.6.40 and 11.5, TS-0004 7.3.3.15 and 6.3.5.46 to 48.
 */
#include "access_match.h"
#include "attr.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "token.h"
#include "types/types.h"

enum { TY_ROLE = 31, TY_CONSULTATION = 34, ROLES_MAX = 16, DAS_REQUEST = 1, DAS_RESPONSE = 2 };

/* The JSON of an answer; the caller owns it. NULL if there is none. */
static json_t *content_of(const struct asked *answer)
{
    return answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
}

/* ---- roles */

const struct asked *ask_below(const struct request *req, struct snapshot *snap, const char *place, int ty, const char *name,
                              const char *value)
{
    auto_free char *key = xasprintf("below/%s/%d/%s/%s", place, ty, name, value);
    json_auto_t *fc = json_pack("{s[i] si s[{ss ss}]}", "ty", ty, "lvl", 2, "atr", "nm", name, "val", value);
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, fc);
    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = place;
    question.fr = cse_id();
    question.rcn = 8;
    if (req->deadline > snap->now) /* time is left to go on without */
        question.deadline = snap->now + (req->deadline - snap->now) / 2;
    question.fc = (struct slice){text.data, text.len};
    return snapshot_ask(snap, req, key, &question, 0);
}

/* Does one of these <role> say that `who` has it now? */
static bool has_role(const json_t *list, const char *role, const struct access_who *who)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *a = json_array_get(list, i);
        const char *id = json_str(a, "rlid"), *holder = json_str(a, "tkhd"), *from = json_str(a, "tknb"),
                   *to = json_str(a, "tkna");
        auto_free char *stem = holder ? address_originator(holder) : NULL;
        int64_t begin, end;

        if (id && strcmp(id, role) == 0 && stem && strcmp(stem, who->originator) == 0 && from && clock_parse(from, &begin) == 0 &&
            to && clock_parse(to, &end) == 0 && begin <= who->now && who->now < end)
            return true;
    }
    return false;
}

/* A role that the originator does not have (any more) gives nothing; the request goes on without it. */
enum rsc find_roles(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    json_auto_t *claimed = req->rids.p ? json_loadb(req->rids.p, req->rids.n, 0, NULL) : NULL;
    enum rsc rsc = RSC_OK;

    if (!req->rids.p)
        return RSC_OK;
    if (!json_is_array(claimed) || json_array_size(claimed) > ROLES_MAX)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rids: not a list of at most %d Role-IDs", ROLES_MAX);
    plan->roles = json_array();
    for (size_t i = 0; i < json_array_size(claimed); i++) {
        const json_t *role = json_array_get(claimed, i);
        const struct asked *answer;

        if (!json_is_string(role))
            return plan_refuse(plan, RSC_BAD_REQUEST, "rids: not a list of texts");
        if (!(answer = ask_below(req, snap, cse_name(), TY_ROLE, "rlid", json_string_value(role)))) {
            rsc = PLAN_WAIT; /* the others can be asked for at the same time */
            continue;
        }
        json_auto_t *content = content_of(answer);

        if (has_role(json_object_get(json_object_get(content, "m2m:cb"), "m2m:rol"), json_string_value(role), &plan->who))
            json_array_append(plan->roles, (json_t *)role);
    }
    plan->who.roles = plan->roles;
    return rsc;
}

/* ---- dynamic authorization */

/* The token-IDs of a list. */
static json_t *token_ids(const struct token_list *list)
{
    json_t *ids = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append(ids, json_object_get(list->tokens[i]->claims, "tkid"));
    return ids;
}

/* m2m:dynAuthDasRequest. */
static json_t *das_request(struct snapshot *snap, const struct plan *plan, const struct resource *dac, const struct resource *r,
                           const struct access_case *what)
{
    json_t *dreq =
        json_pack("{ss si so ss}", "or", plan->originator, "trt", r->type->ty, "rts", json_time(snap->now), "trid", r->path);

    json_object_set_new(dreq, "op", json_integer(access_operation(what->op)));
    if (plan->peer)
        json_object_set_new(dreq, "oip", json_pack("{ss}", strchr(plan->peer, ':') ? "ip6" : "ip4", plan->peer));
    if (plan->tokens)
        json_object_set_new(dreq, "tids", token_ids(plan->tokens));
    if (json_array_size(plan->roles) > 0)
        json_object_set(dreq, "orid", plan->roles);
    if (json_object_get(dac->a, "dal"))
        json_object_set(dreq, "ppl", json_object_get(dac->a, "dal"));
    return dreq;
}

static const struct asked *ask_server(struct snapshot *snap, const struct plan *plan, const struct resource *dac,
                                      const char *server, const struct resource *r, const struct access_case *what)
{
    const struct request *req = plan->req;
    auto_free char *key = xasprintf("das/%s/%s/%d/%s", dac->ri, r->ri, (int)what->op, server);
    json_auto_t *pc = json_pack("{s{si so}}", "m2m:seci", "sit", DAS_REQUEST, "dreq", das_request(snap, plan, dac, r, what));
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, pc);
    request_init(&question);
    question.op = OP_NOTIFY;
    question.to = server;
    question.fr = cse_id();
    question.pc = (struct slice){text.data, text.len};
    if (req->deadline > snap->now)
        question.deadline = snap->now + (req->deadline - snap->now) / 2; /* time is left to say no */
    return snapshot_ask(snap, req, key, &question, 0);
}

/* m2m:dynAuthDasResponse: privileges that hold now? They count for this request alone. */
static bool grants(const json_t *dres, const struct access_who *who, const struct access_case *what)
{
    const json_t *dai = json_object_get(dres, "dai"), *gp = json_object_get(dai, "gp");
    const char *pl = json_str(dai, "pl");
    int64_t until;
    char why[WHY_SIZE];
    struct acl *acl;
    bool permitted;

    if (!gp || !attr_object_ok(set_of_acrs, gp, why, sizeof why))
        return false;
    if (pl && (clock_parse_absrel(pl, who->now, &until) < 0 || until <= who->now))
        return false;
    acl = acl_compile(gp);
    permitted = acl_permits(acl, who, what);
    acl_free(acl);
    return permitted;
}

/* The tokens that a server gave for the originator, TS-0001 11.5.2: do they permit it? RSC_OK, PLAN_WAIT, else no. */
static enum rsc take_tokens(struct snapshot *snap, struct plan *plan, const json_t *tokens, const struct resource *r,
                            const struct access_case *what)
{
    enum rsc wait = RSC_OK;
    char why[WHY_SIZE];

    for (size_t i = 0; i < json_array_size(tokens) && i < TOKENS_MAX; i++) {
        const char *text = json_string_value(json_array_get(tokens, i));

        if (text && take_token(plan->req, snap, plan, "dap", text) == PLAN_WAIT)
            wait = PLAN_WAIT;
    }
    if (wait == PLAN_WAIT || !plan->tokens)
        return wait == PLAN_WAIT ? wait : RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
    return verdict_step(access_check(snap, &plan->who, r, what->op, what->child_ty, why, sizeof why));
}

/* Privileges, tokens, or neither. */
static enum rsc judge_answer(struct snapshot *snap, struct plan *plan, const struct asked *answer, const struct resource *r,
                             const struct access_case *what)
{
    json_auto_t *content = content_of(answer);
    const json_t *seci = json_object_get(content, "m2m:seci"), *dres = json_object_get(seci, "dres");

    if (answer->rsc != RSC_OK || json_int(seci, "sit", 0) != DAS_RESPONSE)
        return RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
    return grants(dres, &plan->who, what) ? RSC_OK : take_tokens(snap, plan, json_object_get(dres, "tkns"), r, what);
}

/* m2m:dynAuthTokenReqInfo: where the originator can ask for a token itself, and for what. */
static void inform(struct snapshot *snap, struct plan *plan, const struct resource *dac, const struct resource *r,
                   const struct access_case *what)
{
    const json_t *server = json_array_get(json_object_get(dac->a, "dap"), 0);

    if (plan->req->tqi != 1 || !server)
        return;
    if (!plan->tqf)
        plan->tqf = json_pack("{s[]}", "dasi");
    json_array_append_new(json_object_get(plan->tqf, "dasi"),
                          json_pack("{sO so}", "uri", server, "dreq", das_request(snap, plan, dac, r, what)));
}

/* The <dynamicAuthorizationConsultation> of that address: RSC_OK, PLAN_WAIT, or RSC_NOT_FOUND. NULL if it is elsewhere. */
static enum rsc find_consultation(struct snapshot *snap, const char *entry, const struct resource **out)
{
    struct address address;
    char why[WHY_SIZE];
    enum rsc rsc = RSC_OK;

    *out = NULL;
    if (address_parse(&address, entry, why, sizeof why) < 0)
        return RSC_NOT_FOUND;
    if (address.hosted)
        rsc = address.virt == VIRTUAL_NONE ? look_up(snap, address.local, out) : RSC_NOT_FOUND;
    address_done(&address);
    if (rsc == RSC_OK && *out && (*out)->type->ty != TY_CONSULTATION) {
        *out = NULL;
        return RSC_NOT_FOUND;
    }
    return rsc;
}

/* The first server that answers decides. RSC_OK: permitted; PLAN_WAIT; else it is not. */
static enum rsc consult_one(struct snapshot *snap, struct plan *plan, const char *entry, const struct resource *r,
                            const struct access_case *what)
{
    const struct resource *dac;
    enum rsc rsc = find_consultation(snap, entry, &dac);
    const json_t *servers;

    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc != RSC_OK || !dac || !json_is_true(json_object_get(dac->a, "dae")))
        return RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
    inform(snap, plan, dac, r, what);
    servers = json_object_get(dac->a, "dap");
    for (size_t i = 0; i < json_array_size(servers); i++) {
        const struct asked *answer = ask_server(snap, plan, dac, json_string_value(json_array_get(servers, i)), r, what);

        if (!answer)
            return PLAN_WAIT;
        if (answer->rsc != RSC_TARGET_NOT_REACHABLE && !answer->late)
            return judge_answer(snap, plan, answer, r, what);
    }
    return RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
}

enum rsc ask_consultations(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty)
{
    const struct access_case what = {op, r->type->ty, child_ty};
    const struct resource *ruled = r;
    enum rsc rsc = RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
    const json_t *list;

    if (!plan->req || plan->deciding)
        return rsc;
    if (r->type->access == ACCESS_PARENT && (rsc = look_up(snap, r->pi, &ruled)) != RSC_OK)
        return rsc;
    list = json_object_get(ruled->a, "daci");
    rsc = RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
    for (size_t i = 0; i < json_array_size(list) && rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE; i++)
        rsc = consult_one(snap, plan, json_string_value(json_array_get(list, i)), r, &what);
    return rsc;
}

enum rsc check_consultations(struct snapshot *snap, struct plan *plan, const json_t *list)
{
    enum rsc wait = RSC_OK;

    if (json_is_array(list) && json_array_size(list) == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "daci: an empty list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *entry = json_string_value(json_array_get(list, i));
        const struct resource *ignored;
        enum rsc rsc = find_consultation(snap, entry, &ignored);

        if (rsc == PLAN_WAIT)
            wait = rsc;
        else if (rsc != RSC_OK)
            return plan_refuse(plan, RSC_BAD_REQUEST, "daci: %.200s is not a dynamicAuthorizationConsultation", entry);
    }
    return wait;
}
