/*
 * Blocking update, TS-0001 10.2.10.20 and TS-0004 7.4.8.2.1: the one target of a subscription with event type 7 is asked
 * before an UPDATE is carried out. There is at most one such subscription per resource, and its id says of which.
 */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { NET_BLOCKING_UPDATE = 7 };

char *blocking_subscription_ri(const char *resource)
{
    return xasprintf("sub7.%s", resource);
}

static bool is_listed(const json_t *names, const char *name)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
            return true;
    return false;
}

/* Does the UPDATE touch an attribute that its target wants to be asked about? All, unless it names some. */
static bool is_wanted(const json_t *sub, const json_t *attrs)
{
    const json_t *atr = json_object_get(json_object_get(sub, "enc"), "atr");
    const char *name;
    json_t *value;

    if (!atr)
        return true;
    json_object_foreach((json_t *)attrs, name, value) if (is_listed(atr, name)) return true;
    return false;
}

/* What is asked: the attributes as the originator would have them. */
static char *notification(const struct resource *r, const struct resource *sub, const json_t *attrs)
{
    auto_free char *sur = xasprintf("%s/%s", cse_id(), sub->path);
    json_auto_t *pc =
        json_pack("{s{s{s{sO} si} ss}}", "m2m:sgn", "nev", "rep", r->type->key, attrs, "net", NET_BLOCKING_UPDATE, "sur", sur);
    struct str text = STR_EMPTY;

    json_write(&text, pc);
    return str_take(&text);
}

/* Of each version of the resource anew: what was agreed to is this change of this state. */
static const struct asked *ask_target(const struct request *req, struct snapshot *snap, const struct resource *r,
                                      const struct resource *sub, const json_t *attrs)
{
    auto_free char *key = xasprintf("blocking.%lld", (long long)r->v);
    auto_free char *pc = notification(r, sub, attrs);
    struct request question;

    request_init(&question);
    question.op = OP_NOTIFY;
    question.to = json_string_value(json_array_get(json_object_get(sub->a, "nu"), 0));
    question.fr = cse_id();
    question.pc = (struct slice){pc, strlen(pc)};
    return snapshot_ask(snap, req, key, &question, 0);
}

enum rsc ask_before_update(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *attrs)
{
    const struct resource *r = plan->target, *sub = NULL;
    auto_free char *ri = blocking_subscription_ri(r->ri);
    const struct asked *answer;
    enum rsc rsc;

    if (!(r->subs & 1U << NET_BLOCKING_UPDATE))
        return RSC_OK;
    if ((rsc = look_up(snap, ri, &sub)) != RSC_OK)
        return rsc == PLAN_WAIT ? rsc : RSC_OK;
    if (!is_wanted(sub->a, attrs))
        return RSC_OK;
    if (!(answer = ask_target(req, snap, r, sub, attrs)))
        return PLAN_WAIT;
    if (rsc_is_success(answer->rsc))
        return RSC_OK;
    if (answer->rsc == RSC_TARGET_NOT_REACHABLE || answer->rsc == RSC_REQUEST_TIMEOUT || answer->late)
        return plan_refuse(plan, RSC_REMOTE_ENTITY_NOT_REACHABLE, "the target of %s, which must agree, cannot be reached", ri);
    return plan_refuse(plan, RSC_OPERATION_DENIED_BY_REMOTE_ENTITY, "the target of %s, which must agree, answered %d", ri,
                       answer->rsc);
}
