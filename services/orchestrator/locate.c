/*
 * Where the originator is, for rules with a circle (accessControlLocationRegion, TS-0001 9.6.2): the newest position in the
 * container of the <locationPolicy> that names it (locationTargetID), else the `loc` of its <AE>. Looked for only when a rule
 * asks.
 */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { TY_AE = 2, TY_LOCATION_POLICY = 10, CHILDREN = 8 };

static const struct asked *ask_policies(const struct request *req, struct snapshot *snap, const char *originator)
{
    json_auto_t *fc = json_pack("{s[i] s[{ss ss}]}", "ty", TY_LOCATION_POLICY, "atr", "nm", "lot", "val", originator);
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, fc);
    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = cse_name();
    question.fr = cse_id();
    question.rcn = CHILDREN;
    question.fc = (struct slice){text.data, text.len};
    return snapshot_ask(snap, req, "place", &question, 0);
}

/* The newest position that the policy's container has: RSC_OK, PLAN_WAIT, or RSC_NOT_FOUND. */
static enum rsc newest_position(struct snapshot *snap, const json_t *policy, struct place *place)
{
    const char *container = json_str(policy, "loi");
    auto_free char *latest = container ? xasprintf("%s/la", container) : NULL;
    const struct resource *cin;
    enum rsc rsc = latest ? look_up(snap, latest, &cin) : RSC_NOT_FOUND;

    if (rsc != RSC_OK)
        return rsc;
    return region_place(json_object_get(cin->a, "con"), place) ? RSC_OK : RSC_NOT_FOUND;
}

/* Of several policies for the same entity the first with a position counts. */
static enum rsc find_measured(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct asked *answer = ask_policies(req, snap, plan->originator);
    json_auto_t *content = NULL;
    const json_t *list;
    enum rsc rsc = RSC_NOT_FOUND;

    if (!answer)
        return PLAN_WAIT;
    content = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    list = json_object_get(json_object_get(content, "m2m:cb"), "m2m:lcp");
    for (size_t i = 0; i < json_array_size(list) && rsc == RSC_NOT_FOUND; i++)
        rsc = newest_position(snap, json_array_get(list, i), &plan->place);
    return rsc;
}

enum rsc find_place(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *ae;
    enum rsc rsc;

    if (!snap->wants_place)
        return RSC_OK;
    rsc = find_measured(req, snap, plan);
    if (rsc == PLAN_WAIT)
        return rsc;
    plan->who.located = true;
    if (rsc != RSC_OK && plan->originator[0] != '/') {
        rsc = look_up(snap, plan->originator, &ae);
        if (rsc == PLAN_WAIT)
            return rsc;
        if (rsc == RSC_OK && (ae->type->ty != TY_AE || !region_place(json_object_get(ae->a, "loc"), &plan->place)))
            rsc = RSC_NOT_FOUND;
    }
    if (rsc == RSC_OK)
        plan->who.place = &plan->place;
    return RSC_OK;
}
