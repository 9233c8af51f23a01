/*
 * Other CSEs: how one is reached, and requests that are not for this one, TS-0004 7.3.2.6 (retargeting). Known CSEs are those
 * with a remoteCSE here, those in its descendantCSEs, and for an MN- or ASN-CSE all others behind its registrar.
 */
#include "cmdh.h"
#include "contact.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum rsc find_cse(struct snapshot *snap, const char *cse, const struct resource **via)
{
    enum rsc rsc = look_up(snap, cse, via);

    if (rsc != RSC_NOT_FOUND || !cse_registrar())
        return rsc;
    return look_up(snap, cse_registrar(), via);
}

/* Its remoteCSE stands for the registrar itself. */
static bool is_registrar(const struct resource *via)
{
    return cse_registrar() && strcmp(via->ri, cse_registrar() + 1) == 0;
}

char *cse_of_originator(const char *stem)
{
    size_t skip = stem[0] == '/' && stem[1] == '/' ? 2 : 1;

    if (*stem != '/')
        return NULL;
    if (skip == 2)
        skip += strcspn(stem + skip, "/");
    if (skip > 2 && stem[skip]) /* "//sp" alone is no CSE, but all there is */
        skip++;
    return xstrndup(stem, skip + strcspn(stem + skip, "/"));
}

/* Did the request come from above? What nobody knows there is not sent back. */
static enum rsc check_way(struct snapshot *snap, struct plan *plan, const struct resource *via)
{
    auto_free char *source = cse_of_originator(plan->originator);
    const struct resource *from = NULL;
    enum rsc rsc;

    /* What is for the registrar itself it does know: a member of a group for instance. */
    if (!source || !is_registrar(via) || strcmp(plan->address.cse, cse_registrar()) == 0 || strcmp(source, cse_id()) == 0)
        return RSC_OK;
    rsc = find_cse(snap, source, &from);
    if (rsc == RSC_OK && is_registrar(from))
        return RSC_NOT_FOUND;
    return rsc == PLAN_WAIT ? rsc : RSC_OK;
}

char *originator_outside(const char *stem, const char *target)
{
    bool abroad = target[0] == '/' && target[1] == '/';
    auto_free char *relative = NULL;

    if (*stem == '/')
        relative = xstrdup(stem);
    else /* an id that the service provider gave stands without a CSE-ID */
        relative = xasprintf("%s%s%s", *stem == 'S' ? "" : cse_id(), "/", stem);
    return abroad && relative[1] != '/' ? xasprintf("//%s%s", cse_spid(), relative) : xstrdup(relative);
}

/* Release 1 knows neither releaseVersionIndicator nor vendorInformation. */
static bool is_release_1(const struct resource *via)
{
    const json_t *srv = json_object_get(via->a, "srv");

    for (size_t i = 0; i < json_array_size(srv); i++)
        if (strcmp(json_string_value(json_array_get(srv, i)), "1") != 0)
            return false;
    return json_array_size(srv) > 0;
}

/* vendorInformation came with release 3. */
static bool is_release_3(const struct resource *via)
{
    const json_t *srv = json_object_get(via->a, "srv");

    for (size_t i = 0; i < json_array_size(srv); i++)
        if (json_string_value(json_array_get(srv, i))[0] >= '3')
            return true;
    return false;
}

static enum rsc plan_forward(const struct request *req, struct snapshot *snap, struct plan *plan, const struct resource *via)
{
    json_auto_t *addresses = NULL;
    enum rsc rsc = find_addresses(snap, via, &addresses);

    if (rsc != RSC_OK)
        return rsc;
    plan->kind = PLAN_FORWARD;
    plan->rsc = RSC_OK;
    plan->poa = json_incref(addresses);
    plan->csz = json_incref(json_object_get(via->a, "csz"));
    plan->via = json_incref(json_object_get(via->a, "csi"));
    plan->release_1 = is_release_1(via);
    plan->numbered = is_release_3(via);
    plan->from_outside = contact_originator(req, plan->originator);
    if (!plan->from_outside)
        plan->from_outside = originator_outside(plan->originator, plan->address.cse);
    return RSC_OK;
}

/*
 * A non-blocking request of an AE registered here that has to wait for the network, or may travel with others, is kept here
 * (defer.c), TS-0001 annex D.12; any other is the hosting CSE's to keep.
 */
static bool is_kept_here(const struct request *req, const struct plan *plan)
{
    return request_is_deferred(req) && *plan->originator != '/' && (req->da == 1 || cmdh_has_rules(cmdh_policy(), req->ec));
}

/* The target as it is meant now, in plan->address; plan->to, if that is not what the request says. As a step. */
static enum rsc read_target(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    /* "#name" asks for one attribute: that is for the hosting CSE to see. */
    auto_free char *to = xstrndup(req->to, strcspn(req->to, "#"));
    char why[WHY_SIZE] = "";
    enum rsc rsc;

    if (address_parse(&plan->address, to, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    rsc = contact_follow(snap, &plan->address, &plan->to);
    if (rsc != RSC_OK || !plan->to)
        return rsc;
    address_done(&plan->address);
    if (address_parse(&plan->address, plan->to, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    return RSC_OK;
}

enum rsc retarget(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *via = NULL;
    enum rsc rsc = read_target(req, snap, plan);

    if (rsc != RSC_OK)
        return rsc;
    if (plan->address.hosted) {
        address_done(&plan->address); /* find_target() knows more about it */
        return RSC_OK;
    }
    if (req->op == OP_CREATE && (req->ty == 2 || req->ty == 16))
        return plan_refuse(plan, RSC_BAD_REQUEST, "to: a registration is for the CSE itself, it is not forwarded to %s",
                           plan->address.cse);
    rsc = find_cse(snap, plan->address.cse, &via);
    if (rsc == RSC_OK)
        rsc = check_way(snap, plan, via);
    if (rsc == RSC_NOT_FOUND)
        return plan_refuse(plan, rsc, "to: %s is not known to this CSE", plan->address.cse);
    if (rsc != RSC_OK)
        return rsc;
    return is_kept_here(req, plan) ? RSC_OK : plan_forward(req, snap, plan, via);
}
