/*
 * Who asks: TS-0004 7.2.2.2 step 3 and TS-0001 7.2. Whether the sender may call itself so was checked where the request came
 * in; here counts that it is registered: here, or with a CSE that is known here. An AE that registers gets its id here, TS-0004
 * 7.4.5.2.1; a CSE that does has one.
 */
#include "contact.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { IDENTITY_MEMBERS = 16, STEM_MAX = 255 };

/* The envelope's identity: authenticated at all, and from where? */
static void read_identity(const struct request *req, struct plan *plan)
{
    struct json_member members[IDENTITY_MEMBERS];
    int count = json_members(req->identity.p, req->identity.n, members, IDENTITY_MEMBERS);
    auto_str struct str peer = STR_EMPTY;

    for (int i = 0; i < count; i++) {
        if (slice_is(members[i].name, "by"))
            plan->who.authenticated = !slice_is(members[i].value, "\"none\"");
        else if (slice_is(members[i].name, "peer") && !plan->peer && json_unquote(members[i].value, &peer))
            plan->peer = str_take(&peer);
    }
}

static void set_originator(struct plan *plan, char *stem, int64_t now)
{
    plan->originator = stem;
    plan->who.originator = stem;
    plan->who.peer = plan->peer;
    plan->who.now = now;
    plan->who.user = plan->req->msu;
}

/* Segments of unreserved characters (RFC 3986), at most two slashes in front. */
static bool is_id(const char *fr)
{
    const char *p = fr + strspn(fr, "/");

    if (p - fr > 2 || !*p || strlen(fr) > 2 * (size_t)STEM_MAX || p[strlen(p) - 1] == '/' || strstr(p, "//"))
        return false;
    return p[strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")] == '\0';
}

/*
 * "C" and "S" ask for an id: acting for the service provider, an IN-CSE gives those with an S as well. Another CSE asks it when
 * all else is right (contact_register()); until then the AE is called "S".
 */
static enum rsc give_stem(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const char *fr = req->fr && *req->fr ? req->fr : "C";
    const struct resource *ignored;
    char stem[ID_SIZE];

    if (fr[0] == '/')
        return plan_refuse(plan, RSC_BAD_REQUEST, "fr: only an AE itself can register, with its AE-ID-STEM (%s is none)", fr);
    if (strcmp(fr, cse_admin()) == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "fr: %s is the administrator and cannot register as an AE", fr);
    if (!strchr("CS", fr[0]))
        return plan_refuse(plan, RSC_BAD_REQUEST, "fr: an AE-ID-STEM must begin with C or S; \"C\" alone asks for one");
    if (strcmp(fr, "S") == 0 && cse_in()) {
        set_originator(plan, xstrdup(fr), snap->now);
        return RSC_OK;
    }
    if (!fr[1]) {
        id_random(fr, stem);
        set_originator(plan, xstrdup(stem), snap->now);
        return RSC_OK;
    }
    if (!is_id(fr) || strchr(fr, '/') || strlen(fr) > STEM_MAX)
        return plan_refuse(plan, RSC_BAD_REQUEST, "fr: not an AE-ID-STEM");
    set_originator(plan, xstrdup(fr), snap->now);
    look_up(snap, fr, &ignored); /* needed later: loaded together with the target */
    return RSC_OK;
}

static bool is_cse_id(const char *stem)
{
    const char *first = stem + strspn(stem, "/");

    return stem[0] == '/' &&
           (stem[1] == '/' ? strchr(first, '/') && strchr(first, '/') == strrchr(first, '/') : !strchr(first, '/'));
}

static bool is_own(const char *stem)
{
    return strcmp(stem, cse_admin()) == 0 || strcmp(stem, cse_id()) == 0;
}

/* CREATE of a remoteCSE, TS-0004 7.4.4.2.1: by the other CSE, or by this one, for whom it registers at. */
static enum rsc check_registree(struct plan *plan)
{
    if (is_own(plan->originator))
        return RSC_OK;
    if (!is_cse_id(plan->originator))
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "fr: only a CSE registers as a remoteCSE, %s is none",
                           plan->originator);
    if (cse_type() == CSE_TYPE_ASN)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "no CSE registers at an ASN-CSE");
    if (!cse_peer_allowed(plan->originator))
        return plan_refuse(plan, RSC_SECURITY_ASSOCIATION_REQUIRED, "fr: no security association with CSE %s (setting cse.peers)",
                           plan->originator);
    return RSC_OK;
}

/* Loads the target together with the originator. */
static void prefetch_target(const struct request *req, struct snapshot *snap)
{
    struct address address;
    const struct resource *ignored;
    char why[64];

    if (address_parse(&address, req->to, why, sizeof why) < 0)
        return;
    if (address.hosted)
        look_up(snap, address.local, &ignored);
    address_done(&address);
}

static enum rsc refuse_stranger(struct plan *plan)
{
    if (is_cse_id(plan->originator))
        return plan_refuse(plan, RSC_SECURITY_ASSOCIATION_REQUIRED, "fr: no security association with CSE %s", plan->originator);
    return plan_refuse(plan, RSC_ORIGINATOR_NOT_AUTHENTICATED, "fr: %s is not registered here", plan->originator);
}

/* Another CSE, or an AE registered there. */
static enum rsc check_foreign(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    auto_free char *cse = cse_of_originator(plan->originator);
    const struct resource *via;
    enum rsc rsc = find_cse(snap, cse, &via);

    if (rsc == PLAN_WAIT)
        prefetch_target(req, snap);
    plan->entity = rsc == RSC_OK ? via : NULL;
    plan->clock = rsc == RSC_OK && req->ot && is_cse_id(plan->originator) && via->subs & MARK_CLOCK;
    return rsc == RSC_NOT_FOUND ? refuse_stranger(plan) : rsc;
}

/*
 * An AE with an id of the service provider that is registered elsewhere: the IN-CSE knows where, for the others that is behind
 * their registrar.
 */
static enum rsc check_contact(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    auto_free char *cse = NULL;
    enum rsc rsc;

    if (req->fr[0] != '/' || !contact_is_stem(plan->originator))
        return refuse_stranger(plan);
    rsc = cse_in() ? RSC_OK : contact_find(snap, plan->originator, &cse);
    return rsc == RSC_NOT_FOUND ? refuse_stranger(plan) : rsc;
}

static enum rsc check_ae(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *ae;
    enum rsc rsc = look_up(snap, plan->originator, &ae);

    if (rsc == PLAN_WAIT) {
        prefetch_target(req, snap);
        return rsc;
    }
    if (rsc != RSC_OK || ae->type->ty != 2 || strcmp(ae->ri, plan->originator) != 0)
        return check_contact(req, snap, plan);
    plan->entity = ae;
    plan->clock = req->ot && ae->subs & MARK_CLOCK;
    /*
     * TS-0004 7.2.2.2: towards its registrar an AE is known by its stem alone. But what it has asked for may come back from a
     * connected CSE, from a group there for instance.
     */
    if (strcmp(req->fr, plan->originator) != 0 && !cse_is_connected())
        return plan_refuse(plan, RSC_BAD_REQUEST, "fr: an AE registered here calls itself %s", plan->originator);
    return RSC_OK;
}

/* What the platform asks for itself. */
static bool is_own_request(const char *by)
{
    return by && (strcmp(by, "cse") == 0 || strcmp(by, "internal") == 0);
}

/* A certificate, a key or a user of a broker proves the name that it has and nobody else's. TS-0003 6.1.2.2. */
static bool is_proven(const struct request *req, const char *originator)
{
    json_auto_t *identity = json_loadb(req->identity.p, req->identity.n, 0, NULL);
    const char *name = json_str(identity, "name");
    auto_free char *stem = NULL;

    if (is_own_request(json_str(identity, "by")))
        return true;
    stem = name && is_id(name) ? address_originator(name) : NULL;
    return stem && strcmp(stem, originator) == 0;
}

static enum rsc find_originator(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    if (req->op == OP_CREATE && req->ty == 2)
        return give_stem(req, snap, plan);
    if (!req->fr || !*req->fr)
        return plan_refuse(plan, RSC_BAD_REQUEST, "fr: mandatory, missing");
    if (!is_id(req->fr))
        return plan_refuse(plan, RSC_BAD_REQUEST, "fr: not an AE-ID or CSE-ID");
    set_originator(plan, address_originator(req->fr), snap->now);
    if (req->op == OP_CREATE && req->ty == 16)
        return check_registree(plan);
    if (is_own(plan->originator))
        return RSC_OK;
    return plan->originator[0] == '/' ? check_foreign(req, snap, plan) : check_ae(req, snap, plan);
}

enum rsc identify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    enum rsc rsc;

    read_identity(req, plan);
    rsc = find_originator(req, snap, plan);
    if (plan->who.authenticated && plan->originator)
        plan->who.authenticated = is_proven(req, plan->originator);
    return rsc;
}
