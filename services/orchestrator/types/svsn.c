/*
 * Service subscriptions, TS-0001 9.6.19, 9.6.20, 9.6.29 and 10.2.2.2, TS-0004 7.4.5.2.1: the <serviceSubscribedNode> of this CSE
 * leads to the rules that say which AEs may register. Only where the operator wants it so.
 */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"
#include "wildcard.h"

enum { TY_RULE = 19, TY_SUBSCRIBED_NODE = 20 };

/* All <serviceSubscribedNode> here, as the CSE itself sees them. */
static const struct asked *ask_nodes(const struct request *req, struct snapshot *snap)
{
    auto_free char *fc = xasprintf("{\"ty\":[%d]}", TY_SUBSCRIBED_NODE);
    struct request question;

    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = cse_name();
    question.fr = cse_id();
    question.rcn = 8;
    question.fc = (struct slice){fc, strlen(fc)};
    return snapshot_ask(snap, req, "subscribed", &question, 0);
}

/* No list allows everything, TS-0001 9.6.29. */
static bool any_matches(const json_t *patterns, const char *text)
{
    if (!patterns)
        return true;
    for (size_t i = 0; i < json_array_size(patterns); i++)
        if (wildcard_match(json_string_value(json_array_get(patterns, i)), text, false))
            return true;
    return false;
}

/* The credential that the AE was authenticated with: "None" for those who were not. */
static char *credential_of(const struct request *req)
{
    json_auto_t *identity = req->identity.p ? json_loadb(req->identity.p, req->identity.n, 0, NULL) : NULL;
    const char *by = json_str(identity, "by"), *name = json_str(identity, "name");

    return xstrdup(by && strcmp(by, "none") != 0 && name ? name : "None");
}

static bool rule_allows(const struct resource *rule, const char *credential, const char *api, const char *stem)
{
    const json_t *a = rule->a;

    return any_matches(json_object_get(a, "apci"), credential) && any_matches(json_object_get(a, "aai"), api) &&
           any_matches(json_object_get(a, "aae"), stem);
}

/* One ruleLink: RSC_OK, PLAN_WAIT, or RSC_NOT_FOUND when it allows nothing. */
static enum rsc ask_rule(struct snapshot *snap, const char *link, const char *credential, const char *api, const char *stem)
{
    const struct resource *rule = NULL;
    struct address address;
    char why[WHY_SIZE];
    enum rsc rsc = RSC_NOT_FOUND;

    if (address_parse(&address, link, why, sizeof why) < 0)
        return rsc;
    if (address.hosted && address.virt == VIRTUAL_NONE)
        rsc = look_up(snap, address.local, &rule);
    address_done(&address);
    if (rsc != RSC_OK)
        return rsc;
    return rule->type->ty == TY_RULE && rule_allows(rule, credential, api, stem) ? RSC_OK : RSC_NOT_FOUND;
}

enum rsc check_subscription(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *a,
                            const char *where, const char *stem)
{
    const struct asked *answer = plan_subscription_needed() ? ask_nodes(req, snap) : NULL;
    enum rsc result = RSC_SERVICE_SUBSCRIPTION_NOT_ESTABLISHED;
    json_auto_t *content = NULL;
    const json_t *nodes;

    if (!plan_subscription_needed())
        return RSC_OK;
    if (!answer)
        return PLAN_WAIT;
    auto_free char *credential = credential_of(req);

    content = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    nodes = json_object_get(json_object_get(content, "m2m:cb"), "m2m:svsn");
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        const json_t *node = json_array_get(nodes, i), *links = json_object_get(node, "rlk");
        const char *csi = json_str(node, "csi");

        if (!csi || strcmp(csi, where) != 0)
            continue;
        if (result != PLAN_WAIT)
            result = RSC_APP_RULE_VALIDATION_FAILED;
        for (size_t k = 0; k < json_array_size(links); k++) {
            enum rsc rsc = ask_rule(snap, json_string_value(json_array_get(links, k)), credential, json_str(a, "api"), stem);

            if (rsc == RSC_OK)
                return rsc;
            if (rsc == PLAN_WAIT)
                result = rsc;
        }
    }
    if (result == PLAN_WAIT)
        return result;
    if (result == RSC_APP_RULE_VALIDATION_FAILED)
        return plan_refuse(plan, result, "api: the service subscription allows no AE %s with the App-ID %s at %s", stem,
                           json_str(a, "api"), where);
    return plan_refuse(plan, result, "fr: %s belongs to no service subscription: no serviceSubscribedNode has its csi", where);
}
