/*
 * Tokens that come with a request: whole (tkns), by their ids (tids), or by the ids that this CSE gave them (ltids);
 * TS-0001 11.5.3, TS-0004 7.3.3.15. One that does not hold gives nothing, and the request goes on without it. What holds is kept
 * as a <token> below the CSEBase, whose name is its local id.
 */
#include "address.h"
#include "cse.h"
#include "issuers.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "token.h"

enum { TY_TOKEN = 32, FOUND_MAX = 4 /* tokens of one id */ };

static void note(struct plan *plan, const char *from, const char *why)
{
    str_addf(&plan->tokens_why, "; %.64s: %s", from, why);
}

/* ---- local ids ---- */

static void assign(struct plan *plan, const char *local, const struct token *token)
{
    json_t *list;

    if (!plan->ati)
        plan->ati = json_pack("{s[]}", "ltia");
    list = json_object_get(plan->ati, "ltia");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_str(json_array_get(list, i), "lti"), local) == 0)
            return;
    json_array_append_new(list, json_pack("{ss ss}", "lti", local, "tkid", json_str(token->claims, "tkid")));
}

/* CREATE of its <token>, in the name of the CSE. It ends with the token. */
static const struct asked *ask_to_keep(const struct request *req, struct snapshot *snap, const struct token *token,
                                       const char *local)
{
    auto_free char *key = xasprintf("token/%s", local);
    json_auto_t *pc = json_pack("{s{ss so ss ss}}", "m2m:tk", "rn", local, "et", json_time(token->until), "tkid",
                                json_str(token->claims, "tkid"), "tkob", token->text);
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, pc);
    request_init(&question);
    question.op = OP_CREATE;
    question.ty = TY_TOKEN;
    question.to = cse_name();
    question.fr = cse_id();
    question.rcn = 0;
    question.pc = (struct slice){text.data, text.len};
    return snapshot_ask(snap, req, key, &question, 0);
}

static bool is_kept_as(const struct resource *r, const struct token *token)
{
    const char *text = json_str(r->a, "tkob");

    return r->type->ty == TY_TOKEN && text && strcmp(text, token->text) == 0;
}

/* RSC_OK, or PLAN_WAIT while it is being kept. */
static enum rsc keep(const struct request *req, struct snapshot *snap, struct plan *plan, const struct token *token)
{
    char local[ID_SIZE];
    auto_free char *path = NULL;
    const struct resource *r = NULL;
    const struct asked *answer;
    enum rsc rsc;

    token_local_id(token, local);
    path = xasprintf("%s/%s", cse_name(), local);
    rsc = look_up(snap, path, &r);
    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc == RSC_OK) {
        if (is_kept_as(r, token))
            assign(plan, local, token);
        return RSC_OK;
    }
    if (!(answer = ask_to_keep(req, snap, token, local)))
        return PLAN_WAIT;
    if (rsc_is_success(answer->rsc) || answer->rsc == RSC_CONFLICT) /* at the same time, by another request */
        assign(plan, local, token);
    return RSC_OK;
}

/* RSC_OK or PLAN_WAIT. */
static enum rsc take(const struct request *req, struct snapshot *snap, struct plan *plan, const char *from, const char *text,
                     bool keeping)
{
    char why[WHY_SIZE] = "";
    struct token *token = token_read(text, strlen(text), why, sizeof why);

    if (!token || !token_holds(token, plan->originator, snap->now, why, sizeof why)) {
        note(plan, from, why);
        token_free(token);
        return RSC_OK;
    }
    plan->tokens = token_list_add(plan->tokens, token_ref(token));
    plan->who.tokens = plan->tokens;
    enum rsc rsc = keeping ? keep(req, snap, plan, token) : RSC_OK;

    token_free(token);
    return rsc;
}

enum rsc take_token(const struct request *req, struct snapshot *snap, struct plan *plan, const char *from, const char *text)
{
    return take(req, snap, plan, from, text, true);
}

/* ---- by token-ID ---- */

/* Each of these <token>s that has the id: RSC_OK, PLAN_WAIT, or RSC_NOT_FOUND. */
static enum rsc take_list(const struct request *req, struct snapshot *snap, struct plan *plan, const char *id, const json_t *list,
                          bool keeping)
{
    enum rsc wait = RSC_OK;
    size_t taken = 0;

    for (size_t i = 0; i < json_array_size(list) && taken < FOUND_MAX; i++) {
        const json_t *a = json_array_get(list, i);
        const char *tkid = json_str(a, "tkid"), *text = json_str(a, "tkob");

        if (!tkid || !text || strcmp(tkid, id) != 0)
            continue;
        taken++;
        if (take(req, snap, plan, id, text, keeping) == PLAN_WAIT)
            wait = PLAN_WAIT;
    }
    return taken > 0 ? wait : RSC_NOT_FOUND;
}

/* The root of the answer is whatever is at `place`. */
enum rsc take_token_from(const struct request *req, struct snapshot *snap, struct plan *plan, const char *place, const char *id,
                         bool keeping)
{
    const struct asked *answer = ask_below(req, snap, place, TY_TOKEN, "tkid", id);
    json_auto_t *content = NULL;
    const json_t *list;

    if (!answer)
        return PLAN_WAIT;
    content = answer->rsc == RSC_OK ? json_loadb(str_text(&answer->content), answer->content.len, 0, NULL) : NULL;
    list = json_object_get(json_object_iter_value(json_object_iter(content)), "m2m:tk");
    return take_list(req, snap, plan, id, list, keeping);
}

/* Here, else at all issuers of whom it is known where they keep theirs. */
static enum rsc take_id(const struct request *req, struct snapshot *snap, struct plan *plan, const char *id)
{
    enum rsc rsc = take_token_from(req, snap, plan, cse_name(), id, false), one;
    const char *place;

    if (rsc != RSC_NOT_FOUND)
        return rsc;
    for (size_t i = 0; (place = issuers_place(i)); i++) {
        one = take_token_from(req, snap, plan, place, id, true);
        rsc = one == PLAN_WAIT || rsc == RSC_NOT_FOUND ? one : rsc;
    }
    if (rsc == RSC_NOT_FOUND)
        note(plan, id, "no token of that id is known");
    return rsc == PLAN_WAIT ? rsc : RSC_OK;
}

static enum rsc take_local_id(const struct request *req, struct snapshot *snap, struct plan *plan, const char *local)
{
    auto_free char *path = xasprintf("%s/%s", cse_name(), local);
    const struct resource *r = NULL;
    const char *text;
    enum rsc rsc;

    if (!address_name_valid(local)) {
        note(plan, local, "not a local token-ID");
        return RSC_OK;
    }
    if ((rsc = look_up(snap, path, &r)) == PLAN_WAIT)
        return rsc;
    text = rsc == RSC_OK && r->type->ty == TY_TOKEN ? json_str(r->a, "tkob") : NULL;
    if (!text) {
        note(plan, local, "no token has that local id");
        return RSC_OK;
    }
    return take(req, snap, plan, local, text, false);
}

static enum rsc take_whole(const struct request *req, struct snapshot *snap, struct plan *plan, const char *text)
{
    return take(req, snap, plan, "tkns", text, true);
}

enum rsc find_tokens(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct {
        const char *name;
        struct slice list;
        enum rsc (*take)(const struct request *req, struct snapshot *snap, struct plan *plan, const char *entry);
    } rows[] = {
        {"tkns",  req->tkns,  take_whole   },
        {"tids",  req->tids,  take_id      },
        {"ltids", req->ltids, take_local_id},
    };
    enum rsc wait = RSC_OK;

    for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
        json_auto_t *list = rows[n].list.p ? json_loadb(rows[n].list.p, rows[n].list.n, 0, NULL) : NULL;

        if (!rows[n].list.p)
            continue;
        if (!json_is_array(list) || json_array_size(list) > TOKENS_MAX)
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: not a list of at most %d", rows[n].name, TOKENS_MAX);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *entry = json_string_value(json_array_get(list, i));

            if (!entry)
                return plan_refuse(plan, RSC_BAD_REQUEST, "%s: not a list of texts", rows[n].name);
            if (rows[n].take(req, snap, plan, entry) == PLAN_WAIT)
                wait = PLAN_WAIT;
        }
    }
    return wait;
}
