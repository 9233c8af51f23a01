/*
 * IPE on-demand discovery, filterUsage 3: TS-0001 10.2.6, TS-0004 7.3.3.17. What is there already is found as in any discovery.
 * If nothing is, the interworking proxy is asked to look for it on its side and make resources of it; then it is looked for
 * again.
 */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { TY_AE = 2, ON_DEMAND = 3 };

/* TS-0033: the AE of a proxy says in its labels what it works with. */
static bool is_proxy(const struct resource *r)
{
    static const char *const keys[] = {"Iwked-Technology", "IPE"};
    const json_t *lbl = json_object_get(r->a, "lbl");

    for (size_t i = 0; i < json_array_size(lbl) && r->type->ty == TY_AE; i++) {
        const char *label = json_string_value(json_array_get(lbl, i));
        size_t len = label ? strcspn(label, ":") : 0;

        for (size_t k = 0; k < ARRAY_LEN(keys); k++)
            if (label && slice_is((struct slice){label, len}, keys[k]))
                return true;
    }
    return false;
}

/* Is there anything? The answer to a discovery of one. NULL: not known yet. */
static const struct asked *look(const struct request *req, struct snapshot *snap, const struct plan *plan)
{
    json_auto_t *fc = json_copy(plan->fc);
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_object_set_new(fc, "fu", json_integer(1));
    json_object_set_new(fc, "lim", json_integer(1));
    json_object_del(fc, "ofst");
    json_write(&text, fc);
    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = req->to;
    question.fr = req->fr;
    question.fc = (struct slice){text.data, text.len};
    return snapshot_ask(snap, req, "found", &question, 0);
}

static bool is_empty(const struct asked *found)
{
    json_auto_t *content = found->content.len > 0 ? json_loadb(found->content.data, found->content.len, 0, NULL) : NULL;

    return json_array_size(json_object_get(content, "m2m:uril")) == 0;
}

/* IPEDiscoveryRequest, TS-0004 6.3.5.13. */
static const struct asked *ask_proxy(const struct request *req, struct snapshot *snap, const struct plan *plan)
{
    auto_str struct str text = STR_EMPTY;
    struct request question;

    str_puts(&text, "{\"m2m:sgn\":{\"idr\":{\"or\":");
    str_json(&text, plan->originator);
    str_puts(&text, ",\"fc\":");
    json_write(&text, plan->fc);
    str_puts(&text, "}}}");
    request_init(&question);
    question.op = OP_NOTIFY;
    question.to = plan->target->ri;
    question.fr = cse_id();
    question.pc = (struct slice){text.data, text.len};
    return snapshot_ask(snap, req, "ipe", &question, 0);
}

enum rsc plan_on_demand(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct asked *answer;
    enum rsc rsc;

    if (json_int(plan->fc, "fu", 0) != ON_DEMAND)
        return RSC_OK;
    if (!is_proxy(plan->target))
        return plan_refuse(plan, RSC_BAD_REQUEST, "fc.fu: 3 is for the AE of an IPE (label Iwked-Technology or IPE)");
    if ((rsc = require_access(snap, plan, plan->target, ACCESS_DISCOVER, 0)) != RSC_OK)
        return rsc;
    if (!(answer = look(req, snap, plan)))
        return PLAN_WAIT;
    if (!rsc_is_success(answer->rsc))
        return plan_refuse(plan, (enum rsc)answer->rsc, "fc: %.200s", str_text(&answer->content));
    if (!is_empty(answer))
        return RSC_OK;
    if (!(answer = ask_proxy(req, snap, plan)))
        return PLAN_WAIT;
    if (answer->rsc == RSC_TARGET_NOT_REACHABLE || answer->rsc == RSC_REQUEST_TIMEOUT)
        return plan_refuse(plan, (enum rsc)answer->rsc, "the IPE does not answer");
    if (!rsc_is_success(answer->rsc))
        return plan_refuse(plan, RSC_DISCOVERY_DENIED_BY_IPE, "the IPE answers %d", answer->rsc);
    return RSC_OK;
}
