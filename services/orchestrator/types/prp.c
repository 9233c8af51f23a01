/*
 * <primitiveProfile>, a resource type of release 4. Profiles are listed at their parent, and who they name is marked, so that
 * they are found without a search (profile.h). A profile below an AE is for that AE, one below a remoteCSE for that CSE and its
 * AEs, one below the CSEBase for whomever it names: nobody changes the requests of others who could not do so anyhow.
 */
#include "profile.h"

#include "criteria.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"
#include "wildcard.h"

enum { TY_AE = 2, TY_BASE = 5, TY_REMOTE_CSE = 16, MARKED_MAX = 1000 };

/* ---- what it says ---- */

static bool is_of_cse(const char *entry, const char *csi)
{
    size_t len = csi ? strlen(csi) : 0;

    return len > 0 && strncmp(entry, csi, len) == 0 && (entry[len] == '\0' || entry[len] == '/');
}

/* May a profile below `parent` name this one? */
static bool may_name(const struct resource *parent, const char *entry)
{
    if (parent->type->ty == TY_BASE)
        return true;
    if (parent->type->ty == TY_REMOTE_CSE)
        return is_of_cse(entry, json_str(parent->a, "csi"));
    return !strchr(entry, '*') && profile_means(entry, parent->ri);
}

static enum rsc check_names(struct plan *plan, const struct resource *parent, const json_t *idl)
{
    for (size_t i = 0; i < json_array_size(idl); i++) {
        const char *entry = json_string_value(json_array_get(idl, i));

        if (!may_name(parent, entry))
            return plan_refuse(plan, RSC_BAD_REQUEST, "idl: %.200s: a profile below %s is for nobody else than that", entry,
                               parent->ri);
    }
    return RSC_OK;
}

static enum rsc check_changes(struct plan *plan, const json_t *attrs)
{
    const json_t *adds = json_object_get(attrs, "adds"), *dels = json_object_get(attrs, "dels"),
                 *appl = json_object_get(attrs, "appl");
    char why[WHY_SIZE];

    for (size_t i = 0; i < json_array_size(adds); i++) {
        const json_t *add = json_array_get(adds, i);

        if (!profile_may_change(json_str(add, "nm"), json_object_get(add, "val"), why, sizeof why))
            return plan_refuse(plan, RSC_BAD_REQUEST, "adds: %s", why);
    }
    for (size_t i = 0; i < json_array_size(dels); i++)
        if (!profile_may_change(json_string_value(json_array_get(dels, i)), NULL, why, sizeof why))
            return plan_refuse(plan, RSC_BAD_REQUEST, "dels: %s", why);
    for (size_t i = 0; i < json_array_size(appl); i++) {
        int bit = profile_applicability(json_string_value(json_array_get(appl, i)));

        if (!bit)
            return plan_refuse(plan, RSC_BAD_REQUEST, "appl: %.64s: not 1 (requests), 2 (responses) or 4 (notifications)",
                               json_string_value(json_array_get(appl, i)));
        if (bit == PROFILE_NOTIFICATIONS)
            return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "appl: notifications are not changed");
    }
    return RSC_OK;
}

/* ---- who is marked ---- */

/* The registered ones that a pattern means: a list of ids, or NULL: not known yet. */
static json_t *registered(const struct request *req, struct snapshot *snap)
{
    const struct asked *answer;
    struct request question;
    json_auto_t *content = NULL;

    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = cse_id();
    question.fr = cse_id();
    question.drt = 2;
    question.fc = (struct slice){"{\"fu\":1,\"lvl\":1,\"ty\":[2,16]}", 27};
    answer = snapshot_ask(snap, req, "registered", &question, 0);
    if (!answer)
        return NULL;
    content = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    return json_object_get(content, "m2m:uril") ? json_incref(json_object_get(content, "m2m:uril")) : json_array();
}

/* A pattern means a CSE also by its AEs. */
static bool pattern_means(const char *pattern, const char *ri)
{
    auto_free char *cse = xasprintf("/%s", ri);
    auto_free char *prefix = xstrndup(pattern, strcspn(pattern, "*"));

    return wildcard_match(pattern, ri, false) || wildcard_match(pattern, cse, false) || is_of_cse(prefix, cse) ||
           strncmp(cse, prefix, strlen(prefix)) == 0;
}

static enum rsc mark_pattern(const struct request *req, struct snapshot *snap, struct plan *plan, const char *pattern)
{
    json_auto_t *list = registered(req, snap);
    int count = 0;

    if (!list)
        return PLAN_WAIT;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *ri = json_string_value(json_array_get(list, i));

        if (!pattern_means(pattern, ri))
            continue;
        if (++count > MARKED_MAX)
            return plan_refuse(plan, RSC_BAD_REQUEST, "idl: %.200s means more than %d of those registered here", pattern,
                               MARKED_MAX);
        plan_mark(plan, ri, MARK_PROFILED, true);
    }
    return RSC_OK;
}

/* Who is not registered is marked when it does so. */
static enum rsc mark_named(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *idl)
{
    enum rsc rsc = RSC_OK;

    for (size_t i = 0; i < json_array_size(idl) && rsc == RSC_OK; i++) {
        const char *entry = json_string_value(json_array_get(idl, i));
        auto_free char *stem = strchr(entry, '*') ? NULL : address_originator(entry);
        auto_free char *cse = stem ? cse_of_originator(stem) : NULL;
        const struct resource *entity;

        if (!stem) {
            rsc = mark_pattern(req, snap, plan, entry);
            continue;
        }
        rsc = look_up(snap, cse ? cse : stem, &entity);
        if (rsc == RSC_OK && (entity->type->ty == TY_AE || entity->type->ty == TY_REMOTE_CSE))
            plan_mark(plan, entity->ri, MARK_PROFILED, true);
        rsc = rsc == RSC_NOT_FOUND ? RSC_OK : rsc;
    }
    return rsc;
}

/* ---- the list at its parent ---- */

/* Those of the list that are still there. The caller owns it. */
static json_t *living(struct snapshot *snap, const struct resource *parent)
{
    const json_t *old = json_object_get(parent->a, PROFILE_LIST);
    json_t *list = json_object(), *et, *now = json_time(snap->now);
    const char *ri;

    json_object_foreach((json_t *)old, ri, et)
    {
        if (strcmp(json_string_value(et), json_string_value(now)) > 0)
            json_object_set(list, ri, et);
    }
    json_decref(now);
    return list;
}

static enum rsc enlist(const struct request *req, struct snapshot *snap, struct plan *plan, const struct resource *parent,
                       const char *ri, const json_t *a)
{
    json_auto_t *list = living(snap, parent);
    enum rsc rsc = check_names(plan, parent, json_object_get(a, "idl"));

    if (rsc == RSC_OK)
        rsc = check_changes(plan, a);
    if (rsc == RSC_OK && !json_object_get(list, ri) && json_object_size(list) >= PROFILES_MAX)
        rsc = plan_refuse(plan, RSC_BAD_REQUEST, "%s has %d primitiveProfiles already", parent->ri, PROFILES_MAX);
    if (rsc == RSC_OK && parent->type->ty == TY_BASE)
        rsc = mark_named(req, snap, plan, json_object_get(a, "idl"));
    if (rsc != RSC_OK)
        return rsc;
    json_object_set(list, ri, json_object_get(a, "et"));
    plan_renew(plan, parent->ri, MARK_PROFILED, json_pack("{sO}", PROFILE_LIST, list));
    return RSC_OK;
}

enum rsc prp_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    return enlist(req, snap, plan, plan->target, json_str(a, "ri"), a);
}

enum rsc prp_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);
    const struct resource *parent;
    enum rsc rsc = look_up(snap, plan->target->pi, &parent);

    return rsc == RSC_OK ? enlist(req, snap, plan, parent, plan->target->ri, a) : rsc;
}

enum rsc prp_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *parent;
    enum rsc rsc = look_up(snap, plan->target->pi, &parent);
    json_t *list;

    (void)req;
    if (rsc != RSC_OK)
        return rsc;
    list = living(snap, parent);
    json_object_del(list, plan->target->ri);
    plan_renew(plan, parent->ri, MARK_PROFILED, json_pack("{so}", PROFILE_LIST, list));
    return RSC_OK;
}

enum rsc prp_registered(struct snapshot *snap, struct plan *plan, const char *ri)
{
    const json_t *list = json_object_get(plan->target->a, PROFILE_LIST);
    const struct resource *profile;
    enum rsc rsc, wait = RSC_OK;
    bool named = false;
    const char *id;
    json_t *et;

    json_object_foreach((json_t *)list, id, et)
    {
        rsc = look_up(snap, id, &profile);
        if (rsc == PLAN_WAIT)
            wait = rsc;
        for (size_t i = 0; rsc == RSC_OK && i < json_array_size(json_object_get(profile->a, "idl")); i++) {
            const char *entry = json_string_value(json_array_get(json_object_get(profile->a, "idl"), i));
            auto_free char *cse = xasprintf("/%s", ri);

            named =
                named || profile_means(entry, ri) || is_of_cse(entry, cse) || (strchr(entry, '*') && pattern_means(entry, ri));
        }
    }
    if (wait == RSC_OK && named)
        plan_mark(plan, ri, MARK_PROFILED, true);
    return wait;
}
