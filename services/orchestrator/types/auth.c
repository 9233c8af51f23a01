/*
 * <authorizationDecision>, <authorizationPolicy>, <authorizationInformation>: TS-0001 9.6.41 to 43. An UPDATE is a question, its
 * answer has what this CSE knows: a decision (PDP), policies (PRP), or roles and tokens (PIP). What a question does not mention
 * is not part of it, whatever an earlier one said.
 */
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"
#include "token.h"

enum {
    STATUS_OK = 1,
    NOT_APPLICABLE,
    MISSING_ATTRIBUTE,
    SYNTAX_ERROR,
    WAIT, /* no status: something must be loaded first */
    PERMIT = 1,
    DENY = 2,
    PERMIT_OVERRIDES = 1,
    TY_ROLE = 31,
    TY_TOKEN = 32,
    EVERY_OPERATION = 63,
    FORMS_MAX = 3
};

/* ---- what it is about ---- */

/* The copy of a resource of another CSE, if it has announced it here. */
static enum rsc find_copy(const struct request *req, struct snapshot *snap, const struct address *address, const char *to,
                          const struct resource **out)
{
    const char *name = address->cse ? strrchr(address->cse, '/') + 1 : "";
    auto_free char *root = xasprintf("%s/%sAnnc", cse_name(), name);
    auto_free char *key = xasprintf("copy/%s", to);
    json_auto_t *fc = json_pack("{si si s[{ss ss}]}", "fu", 1, "lim", 1, "atr", "nm", "lnk", "val", to);
    auto_str struct str text = STR_EMPTY;
    struct request question;
    const struct asked *answer;
    json_auto_t *content = NULL;
    const char *path;

    json_write(&text, fc);
    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = root;
    question.fr = cse_id();
    question.fc = (struct slice){text.data, text.len};
    if (!(answer = snapshot_ask(snap, req, key, &question, 0)))
        return PLAN_WAIT;
    content = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    path = json_string_value(json_array_get(json_object_get(content, "m2m:uril"), 0));
    return answer->rsc == RSC_OK && path ? look_up(snap, path, out) : RSC_NOT_FOUND;
}

/* The resource that a question is about: its status, with *out when that is STATUS_OK. */
static int find_subject(const struct request *req, struct snapshot *snap, const char *to, const struct resource **out)
{
    struct address address = {0};
    char why[64];
    enum rsc rsc;

    if (address_parse(&address, to, why, sizeof why) < 0)
        return SYNTAX_ERROR;
    rsc = address.hosted ? look_up(snap, address.local, out) : find_copy(req, snap, &address, to, out);
    address_done(&address);
    if (rsc == PLAN_WAIT)
        return WAIT;
    return rsc == RSC_OK ? STATUS_OK : NOT_APPLICABLE;
}

/* ---- questions and answers ---- */

/* Is it a question at all? Then what it leaves out goes. */
static bool is_question(const struct plan *plan, const char *const *names, const json_t *set, json_t *del)
{
    bool asks = false;

    for (const char *const *name = names; *name; name++)
        asks |= json_object_get(set, *name) != NULL;
    for (const char *const *name = names; asks && *name; name++)
        if (!json_object_get(set, *name) && json_object_get(plan->target->a, *name) && !update_deletes(del, *name))
            json_array_append_new(del, json_string(*name));
    return asks;
}

/* `value` (taken) as the answer; NULL: there is none. */
static void give(const struct plan *plan, json_t *set, json_t *del, const char *name, json_t *value)
{
    if (value) {
        json_object_set_new(set, name, value);
        return;
    }
    json_object_del(set, name);
    if (json_object_get(plan->target->a, name) && !update_deletes(del, name))
        json_array_append_new(del, json_string(name));
}

/*
 * An answer makes no new version, unless somebody watches the resource: many may ask at the same time, and none shall have to
 * wait for another.
 */
static enum rsc answered(const struct plan *plan, json_t *set, json_t *del, int status)
{
    static const char *const changes[] = {"lbl", "et", "acpi", "daci"};
    json_t *op = json_array_get(plan->ops, 0);
    bool changed = plan->target->subs != 0;

    if (status == WAIT)
        return PLAN_WAIT;
    give(plan, set, del, "sus", json_integer(status));
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        changed |= json_object_get(set, changes[i]) || update_deletes(del, changes[i]);
    if (!changed)
        json_object_set_new(op, "op", json_string("count"));
    return RSC_OK;
}

/* ---- decisions ---- */

/* The right that the operation takes, or 0. */
static enum access_op right_of(const json_t *set)
{
    static const enum access_op rights[] = {
        [OP_CREATE] = ACCESS_CREATE, [OP_RETRIEVE] = ACCESS_RETRIEVE, [OP_UPDATE] = ACCESS_UPDATE,
        [OP_DELETE] = ACCESS_DELETE, [OP_NOTIFY] = ACCESS_NOTIFY,
    };
    int64_t op = json_int(set, "op", 0);
    bool discovery = json_int(json_object_get(set, "fu"), "fu", 2) != 2;

    if (op < OP_CREATE || op > OP_NOTIFY)
        return 0;
    return op == OP_RETRIEVE && discovery ? ACCESS_DISCOVER : rights[op];
}

/* A list of the question as a parameter of a request; `memory` lends its text. */
static struct slice parameter(const json_t *set, const char *name, struct str *memory)
{
    const json_t *list = json_object_get(set, name);

    if (list)
        json_write(memory, list);
    return (struct slice){memory->data, memory->len};
}

/* As if the originator named in it had made the request here. Its decision, or WAIT. */
static int judge(const struct request *req, struct snapshot *snap, const json_t *set, const struct resource *r)
{
    auto_str struct str rids = STR_EMPTY;
    auto_str struct str tids = STR_EMPTY;
    auto_str struct str tkns = STR_EMPTY;
    const json_t *oip = json_object_get(set, "oip");
    const char *ip = json_str(oip, "ip4") ? json_str(oip, "ip4") : json_str(oip, "ip6");
    struct request asked = *req;
    struct plan question;
    enum rsc rsc;

    asked.rids = parameter(set, "rids", &rids);
    asked.tids = parameter(set, "tids", &tids);
    asked.tkns = parameter(set, "tkns", &tkns);
    asked.ltids = (struct slice){NULL, 0};
    asked.tqi = ABSENT;
    plan_init(&question);
    question.req = &asked;
    question.deciding = true;
    question.originator = address_originator(json_str(set, "fr"));
    question.peer = ip ? xstrdup(ip) : NULL;
    question.who = (struct access_who){.originator = question.originator, .peer = question.peer, .now = snap->now};
    if (json_str(set, "rtm"))
        clock_parse(json_str(set, "rtm"), &question.who.now);
    rsc = find_roles(&asked, snap, &question);
    if (rsc == RSC_OK)
        rsc = find_tokens(&asked, snap, &question);
    if (rsc == RSC_OK)
        rsc = require_access(snap, &question, r, right_of(set), (int)json_int(set, "rrt", 0));
    plan_done(&question);
    return rsc == PLAN_WAIT ? WAIT : rsc == RSC_OK ? PERMIT : DENY;
}

enum rsc auds_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    static const char *const names[] = {"to", "fr", "op", "rrt", "fu", "rids", "tids", "tkns", "rtm", "olo", "oip", NULL};
    const struct resource *r = NULL;
    int decision = 0, status;

    if (!is_question(plan, names, set, del))
        return RSC_OK;
    if (!json_str(set, "to") || !json_str(set, "fr") || !right_of(set) ||
        (right_of(set) == ACCESS_CREATE && !json_object_get(set, "rrt")))
        status = MISSING_ATTRIBUTE;
    else
        status = find_subject(req, snap, json_str(set, "to"), &r);
    if (status == STATUS_OK && (decision = judge(req, snap, set, r)) == WAIT)
        status = WAIT;
    give(plan, set, del, "dec", decision ? json_integer(decision) : NULL);
    return answered(plan, set, del, status);
}

/* ---- policies ---- */

/* Whom the default policy favours, as a policy. */
static json_t *default_policy(const struct resource *r)
{
    const char *owner = json_str(r->a, "cstn") ? json_str(r->a, "cstn") : r->by;

    return owner ? json_pack("{s[{s[s] si}]}", "acr", "acor", owner, "acop", EVERY_OPERATION) : NULL;
}

/* The privileges that rule over `r`: a new list, or NULL while something must be loaded. */
static json_t *policies_of(struct snapshot *snap, const struct resource *r)
{
    const struct resource *ruled = r, *acp;
    json_t *list = json_array();
    const json_t *acpi;
    bool wait = false;

    if (r->type->access == ACCESS_PARENT)
        wait = look_up(snap, r->pi, &ruled) == PLAN_WAIT;
    acpi = json_object_get(ruled->a, "acpi");
    for (size_t i = 0; i < json_array_size(acpi) && !wait; i++) {
        enum rsc rsc = find_acp(snap, json_string_value(json_array_get(acpi, i)), &acp);

        wait |= rsc == PLAN_WAIT;
        if (rsc == RSC_OK)
            json_array_append(list, json_object_get(acp->a, "pv"));
    }
    if (ruled->type->access == ACCESS_SELF)
        json_array_append(list, json_object_get(ruled->a, "pvs"));
    else if (!acpi)
        json_array_append_new(list, default_policy(ruled));
    if (!wait)
        return list;
    json_decref(list);
    return NULL;
}

enum rsc aupy_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    static const char *const names[] = {"to", NULL};
    const struct resource *r = NULL;
    json_t *policies = NULL;
    int status;

    if (!is_question(plan, names, set, del))
        return RSC_OK;
    status = find_subject(req, snap, json_str(set, "to"), &r);
    if (status == STATUS_OK && !(policies = policies_of(snap, r)))
        status = WAIT;
    give(plan, set, del, "ca", policies ? json_integer(PERMIT_OVERRIDES) : NULL);
    give(plan, set, del, "ps", policies ? json_pack("{so}", "pv", policies) : NULL);
    return answered(plan, set, del, status);
}

/* ---- roles and tokens ---- */

static bool is_valid_role(const json_t *a, const char *holder, int64_t now)
{
    const char *tkhd = json_str(a, "tkhd"), *from = json_str(a, "tknb"), *to = json_str(a, "tkna");
    auto_free char *stem = tkhd ? address_originator(tkhd) : NULL;
    int64_t begin, end;

    return stem && strcmp(stem, holder) == 0 && from && clock_parse(from, &begin) == 0 && to && clock_parse(to, &end) == 0 &&
           begin <= now && now < end;
}

static bool is_valid_token(const json_t *a, const char *holder, int64_t now)
{
    const char *text = json_str(a, "tkob");
    char why[WHY_SIZE];
    struct token *token = text ? token_read(text, strlen(text), why, sizeof why) : NULL;
    bool valid = token && token_holds_for(token, holder, now, why, sizeof why);

    token_free(token);
    return valid;
}

/* The two kinds of what somebody has. */
static const struct possession {
    int ty;
    const char *key, *id;
    const char *answer;
    bool (*is_valid)(const json_t *a, const char *holder, int64_t now);
} possessions[] = {
    {TY_ROLE,  "m2m:rol", "rlid", "rids", is_valid_role },
    {TY_TOKEN, "m2m:tk",  "tkid", "tids", is_valid_token},
};

static bool has_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

/* Adds the ids of those in the answer that are valid, and asked for if any are. */
static void collect(const struct asked *answer, const struct possession *kind, const json_t *asked, const char *holder,
                    int64_t now, json_t *out)
{
    json_auto_t *content = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    const json_t *list = json_object_get(json_object_get(content, "m2m:cb"), kind->key);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *a = json_array_get(list, i);
        const char *id = json_str(a, kind->id);

        if (id && kind->is_valid(a, holder, now) && (!asked || has_text(asked, id)) && !has_text(out, id))
            json_array_append_new(out, json_string(id));
    }
}

/* A holder may be written in three ways. Returns how many; the caller frees each. */
static int holder_forms(const char *stem, char *forms[FORMS_MAX])
{
    int count = 0;

    forms[count++] = xstrdup(stem);
    if (stem[0] != '/') {
        forms[count++] = xasprintf("%s/%s", cse_id(), stem);
        forms[count++] = xasprintf("//%s%s/%s", cse_spid(), cse_id(), stem);
    } else if (stem[1] != '/') {
        forms[count++] = xasprintf("//%s%s", cse_spid(), stem);
    }
    return count;
}

/* The ids of all of a kind that the holder has: a new list, NULL while it must be asked for. */
static json_t *find_possessions(const struct request *req, struct snapshot *snap, const struct possession *kind,
                                const json_t *asked, const char *holder)
{
    char *forms[FORMS_MAX];
    int count = holder_forms(holder, forms);
    json_t *found = json_array();
    bool wait = false;

    while (count > 0) {
        const struct asked *answer = ask_below(req, snap, cse_name(), kind->ty, "tkhd", forms[--count]);

        free(forms[count]);
        wait |= !answer;
        if (answer && answer->rsc == RSC_OK)
            collect(answer, kind, asked, holder, snap->now, found);
    }
    if (!wait)
        return found;
    json_decref(found);
    return NULL;
}

enum rsc auif_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    static const char *const names[] = {"fr", "rids", "tids", NULL};
    auto_free char *holder = NULL;
    int status = STATUS_OK;

    if (!is_question(plan, names, set, del))
        return RSC_OK;
    if (!json_str(set, "fr"))
        return answered(plan, set, del, MISSING_ATTRIBUTE);
    holder = address_originator(json_str(set, "fr"));
    for (size_t i = 0; i < ARRAY_LEN(possessions); i++) {
        const struct possession *kind = &possessions[i];
        json_t *found = find_possessions(req, snap, kind, json_object_get(set, kind->answer), holder);

        if (!found)
            status = WAIT;
        if (json_array_size(found) == 0) {
            json_decref(found);
            found = NULL;
        }
        give(plan, set, del, kind->answer, found);
    }
    return answered(plan, set, del, status);
}
