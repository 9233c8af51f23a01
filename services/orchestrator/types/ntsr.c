/*
 * <notificationTargetSelfReference>, TS-0001 10.2.10.19 and TS-0004 7.4.30: a target asks to be told no more. The policy that a
 * notificationTargetMgmtPolicyRef names for it, or else the default one of the subscription's creator, says what comes of it.
 */
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { TY_POLICY_REF = 25, TY_POLICY = 26, TY_RULES = 27 };
enum { ACCEPT = 1, REJECT = 2, SEEK = 3, INFORM = 4 }; /* m2m:notificationTargetPolicyAction */
enum { AND = 1, OR = 2 };                              /* m2m:logicalOperator */

/* The children of one type, as the CSE itself sees them: a list, or NULL while it is not known. */
static const struct asked *ask_children(const struct request *req, struct snapshot *snap, const char *key, const char *of, int ty)
{
    auto_free char *fc = xasprintf("{\"ty\":[%d],\"lvl\":1}", ty);
    struct request question;

    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = of;
    question.fr = cse_id();
    question.rcn = 8;
    question.fc = (struct slice){fc, strlen(fc)};
    return snapshot_ask(snap, req, key, &question, 0);
}

/* The list with that key in the answer's only member; the caller owns it. */
static json_t *children(const struct asked *answer, const char *key)
{
    json_auto_t *pc = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    void *root = json_object_iter(pc);
    json_t *list = root ? json_object_get(json_object_iter_value(root), key) : NULL;

    return list ? json_incref(list) : json_array();
}

/* ---- who asks ---- */

/* The entry of nu that stands for the originator, or NULL. */
static const char *own_entry(const struct plan *plan)
{
    const json_t *nu = json_object_get(plan->target->a, "nu");

    for (size_t i = 0; i < json_array_size(nu); i++) {
        const char *target = json_string_value(json_array_get(nu, i));
        auto_free char *stem = strstr(target, "://") ? NULL : address_originator(target);

        if (stem && strcmp(stem, plan->originator) == 0)
            return target;
    }
    return NULL;
}

/* ---- which policy ---- */

static bool has_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

/* The policy's id as the reference for this target names it, or NULL. The caller frees. */
static char *referred_policy(const json_t *refs, const char *entry)
{
    for (size_t i = 0; i < json_array_size(refs); i++) {
        const json_t *ref = json_array_get(refs, i);

        if (has_text(json_object_get(ref, "ntu"), entry) && json_str(ref, "npi"))
            return xstrdup(json_str(ref, "npi"));
    }
    return NULL;
}

/* The policy called "Default": one of the same creator goes first. The caller frees. */
static char *default_policy(const json_t *policies, const char *creator)
{
    const char *any = NULL;

    for (size_t i = 0; i < json_array_size(policies); i++) {
        const json_t *policy = json_array_get(policies, i);
        const char *cr = json_str(policy, "cr"), *label = json_str(policy, "plbl");

        if (!label || strcmp(label, "Default") != 0)
            continue;
        if (cr && creator && strcmp(cr, creator) == 0)
            return xstrdup(json_str(policy, "ri"));
        if (!cr)
            any = json_str(policy, "ri");
    }
    return any ? xstrdup(any) : NULL;
}

static enum rsc find_policy(const struct request *req, struct snapshot *snap, const struct plan *plan, const char *entry,
                            const struct resource **policy)
{
    const struct asked *refs = ask_children(req, snap, "refs", plan->target->ri, TY_POLICY_REF);
    const struct asked *all = refs ? ask_children(req, snap, "policies", cse_ri(), TY_POLICY) : NULL;
    json_auto_t *ref_list = NULL, *policy_list = NULL;
    auto_free char *id = NULL, *local = NULL;
    struct address address;
    char why[WHY_SIZE];

    if (!all)
        return PLAN_WAIT;
    ref_list = children(refs, "m2m:ntpr");
    policy_list = children(all, "m2m:ntp");
    id = referred_policy(ref_list, entry);
    if (!id)
        id = default_policy(policy_list, plan->target->by);
    if (!id || address_parse(&address, id, why, sizeof why) < 0)
        return RSC_NOT_FOUND;
    local = address.hosted ? xstrdup(address.local) : NULL;
    address_done(&address);
    return local ? look_up(snap, local, policy) : RSC_NOT_FOUND;
}

/* ---- its rules ---- */

static bool time_fits(const json_t *tod, int64_t now)
{
    for (size_t i = 0; i < json_array_size(tod); i++) {
        const char *entry = json_string_value(json_array_get(tod, i));

        if (entry && clock_schedule_valid(entry) && clock_schedule_matches(entry, now))
            return true;
    }
    return false;
}

/* deletionContexts, TS-0004 6.3.5.41. Where a target is, is not known: a region never holds. */
static bool rule_holds(const json_t *rule, int64_t now)
{
    const json_t *dr = json_object_get(rule, "dr"), *tod = json_object_get(dr, "tod"), *lr = json_object_get(dr, "lr");

    if (!tod && !lr)
        return true;
    if (tod && lr)
        return json_int(rule, "drr", OR) == OR && time_fits(tod, now);
    return tod && time_fits(tod, now);
}

static bool rules_hold(const json_t *rules, int relation, int64_t now)
{
    bool some = false, all = true;

    for (size_t i = 0; i < json_array_size(rules); i++) {
        bool holds = rule_holds(json_array_get(rules, i), now);

        some = some || holds;
        all = all && holds;
    }
    return relation == AND ? all : some || json_array_size(rules) == 0;
}

/* ---- what comes of it ---- */

/* The creator of the subscription is asked, or told, about the removal. */
static const struct asked *ask_creator(const struct request *req, struct snapshot *snap, const struct plan *plan)
{
    const struct resource *r = plan->target;
    auto_free char *sur = xasprintf("%s/%s", cse_id(), r->path);
    json_auto_t *pc = json_pack("{s{sb ss ss}}", "m2m:sgn", "trr", 1, "ntt", plan->originator, "sur", sur);
    const char *cr = json_str(r->a, "cr");
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, pc);
    request_init(&question);
    question.op = OP_NOTIFY;
    question.to = cr ? cr : r->by;
    question.fr = cse_id();
    question.pc = (struct slice){text.data, text.len};
    return snapshot_ask(snap, req, "creator", &question, 0);
}

static bool is_allowed(const struct asked *answer)
{
    json_auto_t *pc = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;

    return rsc_is_success(answer->rsc) && json_is_true(json_object_get(json_object_get(pc, "m2m:sgn"), "tra"));
}

static enum rsc remove_entry(struct plan *plan, const char *entry)
{
    const struct resource *r = plan->target;
    json_t *left = json_array(), *target;
    size_t i;

    json_array_foreach(json_object_get(r->a, "nu"), i, target) if (strcmp(json_string_value(target), entry) != 0)
        json_array_append(left, target);
    plan->kind = PLAN_COMMIT;
    plan->rsc = RSC_DELETED;
    if (json_array_size(left) > 0) {
        plan->ops = json_pack("[{ss ss s{so} s[]}]", "op", "update", "ri", r->ri, "set", "nu", left, "del");
    } else { /* nobody is left to be told */
        json_decref(left);
        plan->ops = json_pack("[{ss ss}]", "op", "delete", "ri", r->ri);
    }
    return RSC_OK;
}

static enum rsc refuse(struct plan *plan, const char *why)
{
    return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "%s: %s", plan->target->ri, why);
}

static enum rsc apply(const struct request *req, struct snapshot *snap, struct plan *plan, int action, const char *entry)
{
    const struct asked *answer;

    if (action == ACCEPT)
        return remove_entry(plan, entry);
    if (action == REJECT)
        return refuse(plan, "its policy keeps notification targets");
    if (!(answer = ask_creator(req, snap, plan)))
        return PLAN_WAIT;
    if (action == SEEK && is_allowed(answer))
        return remove_entry(plan, entry);
    return refuse(plan, action == INFORM ? "its creator has been informed, nothing else" : "its creator does not allow it");
}

enum rsc ntsr_step(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const char *entry = own_entry(plan);
    const struct resource *policy = NULL;
    const struct asked *answer;
    json_auto_t *rules = NULL;
    enum rsc rsc;

    if (!entry)
        return refuse(plan, "the originator is none of its notification targets");
    rsc = find_policy(req, snap, plan, entry, &policy);
    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc != RSC_OK || policy->type->ty != TY_POLICY)
        return refuse(plan, "no policy says that targets may remove themselves");
    if (!(answer = ask_children(req, snap, "rules", policy->ri, TY_RULES)))
        return PLAN_WAIT;
    rules = children(answer, "m2m:pdr");
    if (!rules_hold(rules, (int)json_int(policy->a, "rrs", OR), snap->now))
        return refuse(plan, "the rules of its policy do not hold now");
    return apply(req, snap, plan, (int)json_int(policy->a, "acn", ACCEPT), entry);
}
