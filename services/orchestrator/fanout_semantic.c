/*
 * <semanticFanOutPoint>, TS-0001 9.6.14a, TS-0004 7.4.14a: a semantic query over the descriptors that the members of a group are.
 * Those of this CSE are read where the query is carried out (semantic.h), those of others are asked for here.
 */
#include "json.h"
#include "mem.h"
#include "rules.h"

static enum rsc check_access(struct snapshot *snap, struct plan *plan)
{
    char why[WHY_SIZE] = "";

    switch (access_check_members(snap, &plan->who, plan->target, ACCESS_RETRIEVE, 0, why, sizeof why)) {
    case ALLOWED:
        return RSC_OK;
    case NOT_KNOWN_YET:
        return PLAN_WAIT;
    case DENIED:
        break;
    }
    return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "%s", why);
}

static bool is_elsewhere(const char *member)
{
    struct address address;
    char why[WHY_SIZE] = "";
    bool elsewhere;

    if (!member || address_parse(&address, member, why, sizeof why) < 0)
        return false;
    elsewhere = !address.hosted;
    address_done(&address);
    return elsewhere;
}

/* One that does not answer, or not with a descriptor, does not count. */
static void take_descriptor(struct plan *plan, const struct asked *answer)
{
    json_auto_t *content = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    json_t *smd = json_object_get(content, "m2m:smd"), *format = json_object_get(smd, "dcrp"),
           *text = json_object_get(smd, "dsp");

    if (rsc_is_success(answer->rsc) && json_is_integer(format) && json_is_string(text))
        json_array_append_new(plan->descriptors, json_pack("{sO sO}", "f", format, "d", text));
}

static enum rsc ask_elsewhere(const struct request *req, struct snapshot *snap, struct plan *plan, const char *member)
{
    auto_free char *key = xasprintf("sfop %s", member);
    const struct asked *answer;
    struct request question;

    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = member;
    question.fr = plan->originator;
    answer = snapshot_ask(snap, req, key, &question, 0);
    if (!answer)
        return PLAN_WAIT;
    take_descriptor(plan, answer);
    return RSC_OK;
}

enum rsc plan_semantic_fanout(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const json_t *members = json_object_get(plan->target->a, "mid");
    enum rsc rsc = check_access(snap, plan), wait = RSC_OK;

    if (rsc != RSC_OK)
        return rsc;
    if (plan->rcn != RCN_SEMANTIC_CONTENT)
        return plan_refuse(plan, RSC_BAD_REQUEST, "sfop: takes a semantic query (sqi and fc.smf)");
    if (json_array_size(members) == 0)
        return plan_refuse(plan, RSC_NO_MEMBERS, "%s has no members", plan->target->ri);
    plan->descriptors = json_array();
    for (size_t i = 0; i < json_array_size(members); i++) {
        const char *member = json_string_value(json_array_get(members, i));

        if (is_elsewhere(member) && ask_elsewhere(req, snap, plan, member) == PLAN_WAIT)
            wait = PLAN_WAIT;
    }
    plan->kind = PLAN_QUERY;
    plan->rsc = RSC_OK;
    return wait;
}
