/* <subscription>, TS-0004 7.4.8, TS-0001 9.6.8. Its notification targets are looked at in sub_targets.c. */
#include "advanced_query.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"
#include "sub_targets.h"

#define BIT(n) (1U << (n))

enum {
    NET_UPDATE = 1,
    NET_CREATE_CHILD = 3,
    NET_TRIGGER = 6,
    NET_BLOCKING_UPDATE = 7,
    NET_MISSING_DATA = 8,
    NET_COUNT,
    AE = 2,
    TIME_SERIES = 29
};

/* Which notificationContentTypes an event may have, and its default: TS-0001 table 9.6.8-4. */
static const struct {
    unsigned allowed;
    int standard;
} contents[NET_COUNT] = {
    [1] = {BIT(1) | BIT(2) | BIT(3), 1},
      [2] = {BIT(1) | BIT(3),          1},
      [3] = {BIT(1) | BIT(3),          1},
      [4] = {BIT(1) | BIT(3),          1},
    [5] = {BIT(1) | BIT(3),          1},
      [6] = {BIT(4),                   4},
      [7] = {BIT(2),                   2},
      [8] = {BIT(5),                   5},
};

static bool has_event(const json_t *net, int event)
{
    for (size_t i = 0; i < json_array_size(net); i++)
        if (json_integer_value(json_array_get(net, i)) == event)
            return true;
    return false;
}

static enum rsc check_events(struct plan *plan, const json_t *enc, const struct resource *parent)
{
    const json_t *net = json_object_get(enc, "net");
    const json_t *md = json_object_get(enc, "md");
    const json_t *chty = json_object_get(enc, "chty");
    char why[WHY_SIZE];

    if (net && json_object_get(enc, "om"))
        return plan_refuse(plan, RSC_BAD_REQUEST, "enc: net and om exclude each other");
    if (*advanced_query_problem(enc, why, sizeof why))
        return plan_refuse(plan, RSC_BAD_REQUEST, "enc.%s", why);
    if (has_event(net, NET_TRIGGER) && parent->type->ty != AE)
        return plan_refuse(plan, RSC_BAD_REQUEST, "enc.net: 6, triggers, are received for an AE only");
    if (has_event(net, NET_MISSING_DATA) && !md)
        return plan_refuse(plan, RSC_BAD_REQUEST, "enc.net: 8, missing data, needs enc.md");
    if ((md || has_event(net, NET_MISSING_DATA)) && parent->type->ty != TIME_SERIES)
        return plan_refuse(plan, RSC_BAD_REQUEST, "enc: missing data are reported of a timeSeries only");
    for (size_t i = 0; i < json_array_size(chty); i++) {
        int ty = (int)json_integer_value(json_array_get(chty, i));

        if (!rtype_child_allowed(parent->type, ty))
            return plan_refuse(plan, RSC_BAD_REQUEST, "enc.chty: %d cannot be a child of a %s", ty, parent->type->name);
    }
    return RSC_OK;
}

static bool list_has(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

/* `nct` is NULL when it is not given: then the events must agree on a default. */
static enum rsc check_content_type(struct plan *plan, const json_t *net, const json_t *nct)
{
    int standard = 0;

    for (size_t i = 0; i < json_array_size(net); i++) {
        int event = (int)json_integer_value(json_array_get(net, i));

        if (nct && !(contents[event].allowed & BIT(json_integer_value(nct))))
            return plan_refuse(plan, RSC_BAD_REQUEST, "nct: %d does not fit net %d", (int)json_integer_value(nct), event);
        if (!nct && standard && standard != contents[event].standard)
            return plan_refuse(plan, RSC_BAD_REQUEST, "nct: mandatory for events with different defaults");
        standard = contents[event].standard;
    }
    return RSC_OK;
}

/* Its events agree on it, check_content_type() has seen to that. */
static int standard_content_type(const json_t *net)
{
    size_t event = (size_t)json_integer_value(json_array_get(net, 0));

    return json_array_size(net) > 0 && event < ARRAY_LEN(contents) ? contents[event].standard : 1;
}

/* eventNotificationCriteria as they are kept: without a kind of event, updates are meant. The caller owns them. */
static json_t *effective_criteria(const json_t *enc)
{
    json_t *criteria = enc ? json_copy((json_t *)enc) : json_object();

    if (!json_object_get(criteria, "net") && !json_object_get(criteria, "om"))
        json_object_set_new(criteria, "net", json_pack("[i]", NET_UPDATE));
    return criteria;
}

static enum rsc check_criteria(struct plan *plan, const json_t *enc, const json_t *nct, const struct resource *parent)
{
    enum rsc rsc = check_events(plan, enc, parent);

    return rsc == RSC_OK ? check_content_type(plan, json_object_get(enc, "net"), nct) : rsc;
}

/*
 * preSubscriptionNotify: of all events that were before the subscription, what is still there is children. It is a wish for this
 * moment and not kept (TS-0001 9.6.8: WO).
 */
static enum rsc wish_earlier(struct plan *plan, json_t *a)
{
    const json_t *psn = json_object_get(a, "psn"), *enc = json_object_get(a, "enc"), *chty = json_object_get(enc, "chty");
    bool hidden = json_is_true(json_object_get(plan->target->a, "disr"));

    if (!psn)
        return RSC_OK;
    if (!has_event(json_object_get(enc, "net"), NET_CREATE_CHILD))
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "psn: earlier events are kept of created children (enc.net 3) only");
    if (!plan->ops)
        plan->ops = json_array();
    json_array_append_new(plan->ops, json_pack("{ss ss sO sb sO*}", "op", "earlier", "ri", json_str(a, "ri"), "count", psn,
                                               "instances", !hidden, "ty", chty));
    json_object_del(a, "psn");
    return RSC_OK;
}

/* What a subscription that asks before updates may have, TS-0004 7.4.8.2.1. */
static enum rsc check_blocking(struct plan *plan, const json_t *a)
{
    static const char *const meant[] = {"bn",  "rl",  "psn", "pn",   "nsp", "ln",   "nec", "exc",
                                        "nfu", "gpi", "su",  "acrs", "nse", "eeno", "ma"};
    const json_t *enc = json_object_get(a, "enc"), *nu = json_object_get(a, "nu");
    size_t criteria = json_object_size(enc) - (json_object_get(enc, "atr") ? 1 : 0);

    if (json_array_size(json_object_get(enc, "net")) != 1 || criteria != 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "enc: with net 7 only atr may stand besides");
    if (json_array_size(nu) != 1 || strstr(json_string_value(json_array_get(nu, 0)), "://"))
        return plan_refuse(plan, RSC_BAD_REQUEST, "nu: with net 7, the id of one AE or CSE");
    for (size_t i = 0; i < ARRAY_LEN(meant); i++)
        if (json_object_get(a, meant[i]))
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: not permitted with net 7", meant[i]);
    return RSC_OK;
}

/* There is one per resource: its id says so. */
static enum rsc create_blocking(struct plan *plan, json_t *a)
{
    auto_free char *ri = blocking_subscription_ri(plan->target->ri);

    if (plan->target->subs & BIT(NET_BLOCKING_UPDATE))
        return plan_refuse(plan, RSC_BLOCKING_SUBSCRIPTION_ALREADY_EXISTS, "%s has a subscription that asks before updates",
                           plan->target->ri);
    json_object_set_new(a, "ri", json_string(ri));
    return check_blocking(plan, a);
}

/* Targets that are crossResourceSubscriptions said to have made it are not asked: they may not be there yet. */
static json_t *targets_to_check(const json_t *a)
{
    json_t *list = json_array(), *target;
    size_t i;

    json_array_foreach(json_object_get(a, "nu"), i, target) if (!list_has(json_object_get(a, "acrs"), json_string_value(target)))
        json_array_append(list, target);
    return list;
}

enum rsc sub_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    json_t *enc = effective_criteria(json_object_get(a, "enc"));
    json_auto_t *targets = targets_to_check(a);
    enum rsc rsc = RSC_OK;

    (void)req;
    json_object_set_new(a, "enc", enc);
    if (has_event(json_object_get(enc, "net"), NET_BLOCKING_UPDATE))
        rsc = create_blocking(plan, a);
    if (rsc == RSC_OK)
        rsc = check_criteria(plan, enc, json_object_get(a, "nct"), plan->target);
    if (rsc == RSC_OK)
        rsc = sub_check_targets(snap, plan, json_str(a, "ri"), targets, NULL);
    if (rsc != RSC_OK)
        return rsc;
    if (!json_object_get(a, "nct"))
        json_object_set_new(a, "nct", json_integer(standard_content_type(json_object_get(enc, "net"))));
    if (!json_is_true(json_object_get(a, "eeno")) && sub_has_other_targets(snap, plan, json_object_get(a, "nu")))
        json_object_set_new(a, "cr", json_string(plan->originator));
    return wish_earlier(plan, a);
}

/* Takes `name` off the list; false if it is not there. */
static bool take_name(json_t *names, const char *name)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        if (strcmp(json_string_value(json_array_get(names, i)), name) == 0) {
            json_array_remove(names, i);
            return true;
        }
    }
    return false;
}

enum rsc sub_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target, *parent;
    const json_t *enc = json_object_get(set, "enc"), *nct = json_object_get(set, "nct");
    bool reset = take_name(del, "enc");
    json_auto_t *targets = NULL;
    enum rsc rsc;

    (void)req;
    if (has_event(json_object_get(enc, "net"), NET_BLOCKING_UPDATE))
        return plan_refuse(plan, RSC_BAD_REQUEST, "enc.net: 7, blocking update, cannot be set by UPDATE");
    if (enc || reset)
        json_object_set_new(set, "enc", effective_criteria(enc));
    update_restarts_statistics(r, set);
    enc = json_object_get(set, "enc");
    if (enc || nct) {
        rsc = look_up(snap, r->pi, &parent);
        if (rsc == RSC_NOT_FOUND)
            return plan_refuse(plan, rsc, "the parent of %s does not exist", r->ri);
        if (rsc == RSC_OK)
            rsc =
                check_criteria(plan, enc ? enc : json_object_get(r->a, "enc"), nct ? nct : json_object_get(r->a, "nct"), parent);
        if (rsc != RSC_OK)
            return rsc;
    }
    targets = targets_to_check(set);
    return sub_check_targets(snap, plan, r->ri, targets, json_object_get(r->a, "nu"));
}
