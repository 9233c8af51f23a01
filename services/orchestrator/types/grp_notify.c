/*
 * NOTIFY to a <group>: what the subscriptions that were made through it tell (TS-0001 10.2.7.11). The group hosting CSE collects
 * it for the notificationForwardingURI that each notification names; notification does that, from an event.
 */
#include "json.h"
#include "mem.h"
#include "rows.h"
#include "rules.h"
#include "special.h"

enum { MEMBERS_MAX = 32 };

/* Is one of the members on this CSE ("/mn")? Its notifications need no right. */
static bool hosts_member(const struct resource *group, const char *cse)
{
    const json_t *members = json_object_get(group->a, "mid");
    char why[64];

    for (size_t i = 0; cse[0] == '/' && i < json_array_size(members); i++) {
        struct address address;
        bool same;

        if (address_parse(&address, json_string_value(json_array_get(members, i)), why, sizeof why) < 0)
            continue;
        same = address.cse && strcmp(address.cse, cse) == 0;
        address_done(&address);
        if (same)
            return true;
    }
    return false;
}

/* The member `name` of an object; {NULL,0} if it is not there. */
static struct slice find(struct slice object, const char *name)
{
    struct json_member members[MEMBERS_MAX];
    int count = object.n > 0 ? json_members(object.p, object.n, members, MEMBERS_MAX) : 0;

    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, name))
            return members[i].value;
    return (struct slice){NULL, 0};
}

/* One line of plan->content: the body of the event. Numbers stay as they were written. */
static void relay(struct plan *plan, struct slice sgn, struct slice nfu)
{
    struct str *out = &plan->content;
    const struct resource *group = plan->target;
    const json_t *nar = json_object_get(group->a, "nar");

    if (out->len > 0)
        str_putc(out, '\n');
    str_puts(out, "{\"rep\":");
    str_add(out, sgn.p, sgn.n);
    str_puts(out, ",\"subs\":[{\"ri\":");
    str_json(out, group->ri);
    str_puts(out, ",\"path\":");
    str_json(out, group->path);
    str_puts(out, ",\"side\":\"self\",\"a\":{\"nu\":[");
    str_add(out, nfu.p, nfu.n);
    str_puts(out, "],\"lt\":");
    json_write(out, json_object_get(group->a, "lt"));
    if (nar) {
        str_puts(out, ",\"nar\":");
        json_write(out, nar);
    }
    str_puts(out, "}}]}");
}

/* A verification is answered by being heard, as is the end of a subscription that forwards to nobody. */
static enum rsc take(struct plan *plan, struct slice sgn)
{
    struct slice nfu = find(sgn, "nfu");

    if (sgn.n == 0 || sgn.p[0] != '{')
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: m2m:sgn is no object");
    if (slice_is(find(sgn, "vrq"), "true") || (!nfu.p && slice_is(find(sgn, "sud"), "true")))
        return RSC_OK;
    if (!nfu.p || nfu.p[0] != '"' || nfu.n <= 2)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: a notification to a group says in nfu where it is to go");
    relay(plan, sgn, nfu);
    return RSC_OK;
}

/* An m2m:sgn, or those of an m2m:agn. */
static enum rsc take_all(const struct request *req, struct plan *plan)
{
    struct slice sgn = find(req->pc, "m2m:sgn");
    struct slice list = find(find(req->pc, "m2m:agn"), "m2m:sgn"), item;
    enum rsc rsc = RSC_OK;

    if (sgn.p)
        return take(plan, sgn);
    if (!list_open(list, &list))
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: neither m2m:sgn nor m2m:agn");
    while (rsc == RSC_OK && list_next(&list, &item))
        rsc = take(plan, item);
    return rsc;
}

enum rsc grp_notify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    char why[WHY_SIZE] = "";
    enum rsc rsc;

    if (!hosts_member(plan->target, plan->originator) &&
        (rsc = require_access(snap, plan, plan->target, ACCESS_NOTIFY, 0)) != RSC_OK)
        return rsc;
    if (req->pc.n == 0 || json_check(req->pc.p, req->pc.n, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: %s", req->pc.n == 0 ? "mandatory, missing" : why);
    rsc = take_all(req, plan);
    if (rsc != RSC_OK) {
        str_reset(&plan->content);
        return rsc;
    }
    plan->kind = plan->content.len > 0 ? PLAN_RELAY : PLAN_ANSWER;
    plan->rsc = RSC_OK;
    return RSC_OK;
}
