/*
 * Resources that a <transaction> has locked, TS-0001 10.2.18: a mark on the resource says that it is (its version tells every
 * plan), and the <transaction> below it in the state LOCKED or EXECUTED holds it. A mark that nobody holds any more, as after the
 * expiration of the <transaction>, means nothing.
 */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "transaction.h"

enum { ALLOW_RETRIEVES = 2 };

/* The <transaction> that holds it, as the CSE itself sees it. Of each version of the resource anew. */
static const struct asked *ask_holder(const struct request *req, struct snapshot *snap, const struct resource *r)
{
    auto_free char *key = xasprintf("lock/%s/%lld", r->ri, (long long)r->v);
    auto_str struct str text = STR_EMPTY;
    struct request question;

    str_addf(&text, "{\"ty\":[%d],\"lvl\":1,\"atr\":[{\"nm\":\"trst\",\"val\":%d},{\"nm\":\"trst\",\"val\":%d}]}", TY_TRANSACTION,
             STATE_LOCKED, STATE_EXECUTED);
    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = r->ri;
    question.fr = cse_id();
    question.rcn = 8;
    question.fc = (struct slice){text.data, text.len};
    return snapshot_ask(snap, req, key, &question, 0);
}

enum rsc find_lock(const struct request *req, struct snapshot *snap, const struct resource *r, bool *locked, bool *readable)
{
    const struct asked *answer;
    json_auto_t *root = NULL;
    const json_t *list;
    void *only;

    *locked = *readable = false;
    if (!(r->subs & MARK_LOCKED))
        return RSC_OK;
    if (!(answer = ask_holder(req, snap, r)))
        return PLAN_WAIT;
    root = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    only = json_object_iter(root);
    list = only ? json_object_get(json_object_iter_value(only), "m2m:trac") : NULL;
    *locked = !rsc_is_success(answer->rsc); /* nobody can tell */
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *a = json_array_get(list, i);

        if (!transaction_holds((int)json_int(a, "trst", 0)))
            continue;
        *locked = true;
        *readable = json_int(a, "tltp", 1) == ALLOW_RETRIEVES;
    }
    return RSC_OK;
}

/* RSC_OK if nobody holds it; then the plan takes the mark away, if it changes anything. */
static enum rsc require_unlocked(const struct request *req, struct snapshot *snap, struct plan *plan, const struct resource *r,
                                 bool reads)
{
    bool locked, readable;
    enum rsc rsc;

    if (plan->holds && strcmp(plan->holds, r->ri) == 0)
        return RSC_OK;
    if ((rsc = find_lock(req, snap, r, &locked, &readable)) != RSC_OK)
        return rsc;
    if (!locked)
        plan->unlock = r->ri;
    if (!locked || (reads && readable))
        return RSC_OK;
    return plan_refuse(plan, RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE, "%s is locked by a transaction", r->ri);
}

/* Not what concerns its transactions, what is sent on to others, or what the CSE itself wants to know. */
static bool is_free(const struct request *req, const struct plan *plan)
{
    if (req->op == OP_NOTIFY || plan_virtual_of(plan->address.virt)->plan)
        return true;
    return (req->op == OP_CREATE && req->ty == TY_TRANSACTION) ||
           (req->op == OP_RETRIEVE && strcmp(plan->originator, cse_id()) == 0);
}

enum rsc check_lock(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    enum rsc rsc;

    if (r->type->instance) { /* it belongs to its container */
        if ((rsc = look_up(snap, r->pi, &r)) != RSC_OK)
            return rsc == PLAN_WAIT ? rsc : RSC_OK;
    }
    if (!(r->subs & MARK_LOCKED) || is_free(req, plan))
        return RSC_OK;
    return require_unlocked(req, snap, plan, r, req->op == OP_RETRIEVE);
}

static bool changes(const json_t *op, const char *ri)
{
    static const char *const names[] = {"update", "delete", "append"};
    const char *name = json_str(op, "op"), *whose = json_str(op, "ri");

    for (size_t i = 0; i < ARRAY_LEN(names) && whose && strcmp(whose, ri) == 0; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* What follows from the request for others must leave alone what is locked, too. */
enum rsc check_follow(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    json_t **ops = plan->kind == PLAN_COMMIT ? &plan->ops : &plan->then;
    enum rsc rsc;

    if (plan->kind != PLAN_COMMIT && plan->kind != PLAN_APPEND)
        return RSC_OK;
    for (int i = 0; i < snap->found_count; i++) {
        const struct resource *r = snap->found[i];

        if (!(r->subs & MARK_LOCKED) || r == plan->target)
            continue;
        for (size_t j = 0; j < json_array_size(*ops); j++)
            if (changes(json_array_get(*ops, j), r->ri) && (rsc = require_unlocked(req, snap, plan, r, false)) != RSC_OK)
                return rsc;
    }
    if (plan->unlock && !plan->deferred) {
        if (!*ops)
            *ops = json_array();
        json_array_append_new(*ops, json_pack("{ss ss si si}", "op", "mark", "ri", plan->unlock, "on", 0, "off", MARK_LOCKED));
    }
    return RSC_OK;
}
