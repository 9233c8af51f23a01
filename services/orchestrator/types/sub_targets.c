/*
 * A target is a URL, the id of an AE registered here, or that of an AE or a CSE elsewhere. The originator may always notify
 * itself; others are asked first (plan->verify), and the originator needs the NOTIFY right on them: elsewhere the other CSE sees
 * to that.
 */
#include "sub_targets.h"
#include "contact.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { AE = 2, GROUP = 9, SUBSCRIPTION = 23 };

static bool has_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

static void ask_first(struct plan *plan, json_t *target)
{
    if (!plan->verify)
        plan->verify = json_array();
    json_array_append_new(plan->verify, target);
}

static enum rsc refuse_target(struct plan *plan, const char *target, const char *what)
{
    return plan_refuse(plan, RSC_SUBSCRIPTION_VERIFICATION_INITIATION_FAILED, "nu: %.200s %s", target, what);
}

/* An AE that is not the originator. */
static enum rsc check_ae(struct snapshot *snap, struct plan *plan, const struct resource *ae)
{
    json_auto_t *addresses = NULL;
    json_t *csz = json_object_get(ae->a, "csz");
    char why[WHY_SIZE] = "";
    enum rsc rsc;

    rsc = verdict_step(access_check(snap, &plan->who, ae, ACCESS_NOTIFY, 0, why, sizeof why));
    if (rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE)
        return plan_refuse(plan, RSC_SUBSCRIPTION_CREATOR_HAS_NO_PRIVILEGE, "nu: %s", why);
    if (rsc != RSC_OK)
        return rsc;
    if (find_addresses(snap, ae, &addresses) == PLAN_WAIT)
        return PLAN_WAIT;
    ask_first(plan, json_pack("{ss sO sO*}", "ri", ae->ri, "poa", addresses, "csz", csz));
    return RSC_OK;
}

/*
 * A group collects what its members tell: of subscriptions made through it, by whoever may do that, or by whoever may notify it.
 * It consents.
 */
static enum rsc check_collector(struct snapshot *snap, struct plan *plan, const struct resource *group)
{
    char why[WHY_SIZE] = "";
    enum verdict through = access_check_members(snap, &plan->who, group, ACCESS_CREATE, SUBSCRIPTION, why, sizeof why);
    enum verdict direct = through == ALLOWED ? ALLOWED : access_check(snap, &plan->who, group, ACCESS_NOTIFY, 0, why, sizeof why);

    if (through == ALLOWED || direct == ALLOWED)
        return RSC_OK;
    if (through == NOT_KNOWN_YET || direct == NOT_KNOWN_YET)
        return PLAN_WAIT;
    return plan_refuse(plan, RSC_SUBSCRIPTION_CREATOR_HAS_NO_PRIVILEGE, "nu: %s", why);
}

/* An AE or a resource of another CSE, or that CSE. It is asked through the CSE that leads there. */
static enum rsc check_elsewhere(struct snapshot *snap, struct plan *plan, const char *cse, const char *target)
{
    const struct resource *via = NULL;
    json_auto_t *addresses = NULL;
    enum rsc rsc = find_cse(snap, cse, &via);

    if (rsc == RSC_NOT_FOUND)
        return refuse_target(plan, target, "is not known here, nor is its CSE");
    if (rsc != RSC_OK || (rsc = find_addresses(snap, via, &addresses)) != RSC_OK)
        return rsc;
    ask_first(plan, json_pack("{ss sO sO*}", "ri", target, "poa", addresses, "csz", json_object_get(via->a, "csz")));
    return RSC_OK;
}

/* An AE with an id of the service provider that is not registered here. */
static enum rsc check_contact(struct snapshot *snap, struct plan *plan, const char *stem)
{
    auto_free char *cse = NULL, *target = NULL;
    enum rsc rsc;

    if (!contact_is_stem(stem))
        return refuse_target(plan, stem, "is not known here");
    if (cse_in()) {
        target = xasprintf("/%s", stem);
        return check_elsewhere(snap, plan, cse_in(), target);
    }
    rsc = contact_find(snap, stem, &cse);
    if (rsc == RSC_NOT_FOUND)
        return refuse_target(plan, stem, "is not known here");
    target = xasprintf("%s/%s", cse ? cse : "", stem);
    return rsc == RSC_OK ? check_elsewhere(snap, plan, cse, target) : rsc;
}

/* The resource that an id or path stands for. */
static enum rsc check_id(struct snapshot *snap, struct plan *plan, const char *target)
{
    auto_free char *stem = contact_stem(target);
    const struct resource *ae = NULL;
    struct address address;
    char why[WHY_SIZE] = "";
    enum rsc rsc;

    if (strcmp(stem, plan->originator) == 0)
        return RSC_OK;
    if (address_parse(&address, stem, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "nu: %.200s is neither a URL nor an id", target);
    if (!address.hosted) {
        rsc = check_elsewhere(snap, plan, address.cse, stem);
        address_done(&address);
        return rsc;
    }
    rsc = address.virt == VIRTUAL_NONE ? look_up(snap, address.local, &ae) : RSC_NOT_FOUND;
    address_done(&address);
    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc != RSC_OK)
        return check_contact(snap, plan, stem);
    if (ae->type->ty == GROUP)
        return check_collector(snap, plan, ae);
    if (ae->type->ty != AE)
        return refuse_target(plan, target, "is no AE");
    return strcmp(ae->ri, plan->originator) == 0 ? RSC_OK : check_ae(snap, plan, ae);
}

/* Does `target` stand for the originator? Looks only at what check_id() has looked at before. */
static bool is_originator(struct snapshot *snap, const struct plan *plan, const char *target)
{
    auto_free char *stem = contact_stem(target);
    const struct resource *ae = NULL;
    struct address address;
    char why[WHY_SIZE];

    if (strcmp(stem, plan->originator) == 0)
        return true;
    if (strstr(target, "://") || address_parse(&address, stem, why, sizeof why) < 0)
        return false;
    if (address.hosted && address.virt == VIRTUAL_NONE)
        look_up(snap, address.local, &ae);
    address_done(&address);
    return ae && strcmp(ae->ri, plan->originator) == 0;
}

bool sub_has_other_targets(struct snapshot *snap, const struct plan *plan, const json_t *nu)
{
    for (size_t i = 0; i < json_array_size(nu); i++)
        if (!is_originator(snap, plan, json_string_value(json_array_get(nu, i))))
            return true;
    return false;
}

static enum rsc check_target(struct snapshot *snap, struct plan *plan, const char *target)
{
    if (!strstr(target, "://"))
        return check_id(snap, plan, target);
    if (plan_verifies_urls())
        ask_first(plan, json_pack("{ss}", "url", target));
    return RSC_OK;
}

/* Elsewhere a stem would be taken for an AE of that CSE. */
static bool asks_elsewhere(const json_t *verify)
{
    for (size_t i = 0; i < json_array_size(verify); i++) {
        const char *ri = json_str(json_array_get(verify, i), "ri");

        if (ri && *ri == '/')
            return true;
    }
    return false;
}

enum rsc sub_check_targets(struct snapshot *snap, struct plan *plan, const char *ri, const json_t *nu, const json_t *known)
{
    enum rsc rsc, wait = RSC_OK;

    for (size_t i = 0; i < json_array_size(nu); i++) {
        const char *target = json_string_value(json_array_get(nu, i));

        if (has_text(known, target))
            continue;
        rsc = check_target(snap, plan, target);
        if (rsc == PLAN_WAIT)
            wait = rsc; /* the others can be loaded together with it */
        else if (rsc != RSC_OK)
            return rsc;
    }
    if (wait == RSC_OK && plan->verify) {
        auto_free char *sur = xasprintf("%s/%s", cse_id(), ri);
        auto_free char *cr = asks_elsewhere(plan->verify) ? originator_outside(plan->originator, "") : xstrdup(plan->originator);

        plan->sgn = json_pack("{sb ss ss}", "vrq", 1, "sur", sur, "cr", cr);
    }
    return wait;
}
