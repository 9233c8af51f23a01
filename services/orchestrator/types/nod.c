/*
 * <node>, TS-0001 9.6.18: who lives on a device. The nodeLink of an AE or remoteCSE and the hostedAELinks or hostedCSELink of
 * its node say the same; whichever of them a request changes, the other follows in the same commit.
 */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { TY_AE = 2, TY_CSEBASE = 5, TY_NODE = 14, TY_REMOTE_CSE = 16 };

/* ---- from those who live there to the node */

/* The node that a nodeLink means, in *out; NULL if that is elsewhere or not there. */
static enum rsc find_node(struct snapshot *snap, const char *nl, const struct resource **out)
{
    const struct resource *r = NULL;
    struct address address;
    char why[WHY_SIZE];
    enum rsc rsc = RSC_NOT_FOUND;

    *out = NULL;
    if (!nl)
        return RSC_OK;
    if (address_parse(&address, nl, why, sizeof why) < 0)
        return RSC_NOT_FOUND;
    if (!address.hosted)
        rsc = RSC_OK;
    else if (address.virt == VIRTUAL_NONE)
        rsc = look_up(snap, address.local, &r);
    address_done(&address);
    if (rsc == RSC_OK && r && r->type->ty != TY_NODE)
        return RSC_NOT_FOUND;
    *out = r;
    return rsc;
}

static void add_op(struct plan *plan, const char *ri, const char *name, json_t *value /* taken; NULL: remove it */)
{
    if (!plan->ops)
        plan->ops = json_array();
    if (value)
        json_array_append_new(plan->ops, json_pack("{ss ss s{so} s[]}", "op", "update", "ri", ri, "set", name, value, "del"));
    else
        json_array_append_new(plan->ops, json_pack("{ss ss s{} s[s]}", "op", "update", "ri", ri, "set", "del", name));
}

/* Where `id` is in the list of those hosted; its size when it is not. */
static size_t find_hosted(const json_t *list, const char *id)
{
    size_t i = 0;

    for (; i < json_array_size(list); i++) {
        auto_free char *stem = address_originator(json_string_value(json_array_get(list, i)));

        if (strcmp(stem, id) == 0)
            break;
    }
    return i;
}

/* An AE moves in. */
static void move_in(struct plan *plan, const struct resource *node, const char *id)
{
    const json_t *hosted = json_object_get(node->a, "hael");
    json_t *list;

    if (find_hosted(hosted, id) < json_array_size(hosted))
        return;
    list = hosted ? json_copy((json_t *)hosted) : json_array();
    json_array_append_new(list, json_string(id));
    add_op(plan, node->ri, "hael", list);
}

static void move_out(struct plan *plan, const struct resource *node, const char *id)
{
    const json_t *hosted = json_object_get(node->a, "hael");
    size_t at = find_hosted(hosted, id);
    json_t *list;

    if (at == json_array_size(hosted))
        return;
    list = json_copy((json_t *)hosted);
    json_array_remove(list, at);
    if (json_array_size(list) == 0) {
        json_decref(list);
        list = NULL;
    }
    add_op(plan, node->ri, "hael", list);
}

/* One CSE at most lives on a node. */
static enum rsc move_cse(struct plan *plan, const struct resource *from, const struct resource *to, const char *csi)
{
    const char *there = to ? json_str(to->a, "hcl") : NULL;

    if (there && strcmp(there, csi) != 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "nl: %s hosts another CSE, %.200s", to->ri, there);
    if (from && json_str(from->a, "hcl") && strcmp(json_str(from->a, "hcl"), csi) == 0)
        add_op(plan, from->ri, "hcl", NULL);
    if (to && !there)
        add_op(plan, to->ri, "hcl", json_string(csi));
    return RSC_OK;
}

/* `id` of type `ty` moves from one nodeLink to another; either may be NULL. */
static enum rsc move(struct snapshot *snap, struct plan *plan, int ty, const char *id, const char *from, const char *to)
{
    const struct resource *left = NULL, *entered = NULL;
    enum rsc was = find_node(snap, from, &left), will = find_node(snap, to, &entered);

    if (will == RSC_NOT_FOUND)
        return plan_refuse(plan, RSC_BAD_REQUEST, "nl: %.200s is not a node", to);
    if (was == PLAN_WAIT || will == PLAN_WAIT)
        return PLAN_WAIT;
    if (left == entered)
        return RSC_OK;
    if (ty != TY_AE)
        return move_cse(plan, left, entered, id);
    if (left)
        move_out(plan, left, id);
    if (entered)
        move_in(plan, entered, id);
    return RSC_OK;
}

/* What an AE or remoteCSE is called on its node. */
static const char *resident_id(int ty, const json_t *a)
{
    return json_str(a, ty == TY_AE ? "aei" : "csi");
}

enum rsc resident_create(struct snapshot *snap, struct plan *plan, const json_t *a)
{
    return move(snap, plan, plan->type->ty, resident_id(plan->type->ty, a), NULL, json_str(a, "nl"));
}

enum rsc resident_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;
    const char *nl = json_str(r->a, "nl");

    (void)req;
    if (!json_object_get(set, "nl") && !update_deletes(del, "nl"))
        return RSC_OK;
    return move(snap, plan, r->type->ty, resident_id(r->type->ty, r->a), nl, json_str(set, "nl"));
}

enum rsc resident_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;

    (void)req;
    return move(snap, plan, r->type->ty, resident_id(r->type->ty, r->a), json_str(r->a, "nl"), NULL);
}

/* ---- from the node to those who live there */

/* The AE or CSE of that id; NULL in *out if it is not known here. */
static enum rsc find_resident(struct snapshot *snap, const char *id, const struct resource **out)
{
    auto_free char *stem = address_originator(id);
    enum rsc rsc = look_up(snap, strcmp(stem, cse_id()) == 0 ? cse_ri() : stem, out);

    if (rsc != RSC_OK)
        *out = NULL;
    return rsc == PLAN_WAIT ? rsc : RSC_OK;
}

/* Is `id` an AE of this CSE, by its form? */
static bool is_own_ae(const char *id)
{
    auto_free char *stem = address_originator(id);

    return stem[0] != '/';
}

/*
 * `id` is to live on the node `ri`, or no longer if `out`. One that has left already is nobody's loss; one that lives elsewhere
 * must move by its own nodeLink.
 */
static enum rsc settle(struct snapshot *snap, struct plan *plan, const char *ri, const char *name, const char *id, bool out)
{
    const struct resource *r = NULL, *node = NULL;
    bool ae = strcmp(name, "hael") == 0, there;
    enum rsc rsc = find_resident(snap, id, &r);

    if (rsc != RSC_OK)
        return rsc;
    if (!out && ae && is_own_ae(id) && (!r || r->type->ty != TY_AE))
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: %.200s is not an AE", name, id);
    if (!r || (ae ? r->type->ty != TY_AE : r->type->ty != TY_CSEBASE && r->type->ty != TY_REMOTE_CSE))
        return RSC_OK;
    if (find_node(snap, json_str(r->a, "nl"), &node) == PLAN_WAIT)
        return PLAN_WAIT;
    there = node && strcmp(node->ri, ri) == 0;
    if (!out && node && !there)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: %.200s lives on another node, %s", name, id, node->ri);
    if (out != there)
        return RSC_OK;
    if (!out && (rsc = require_access(snap, plan, r, ACCESS_UPDATE, 0)) != RSC_OK)
        return rsc;
    add_op(plan, r->ri, "nl", out ? NULL : json_string(ri));
    return RSC_OK;
}

/* All of `list` that are not in `other`: they come, or go. */
static enum rsc settle_all(struct snapshot *snap, struct plan *plan, const char *ri, const json_t *list, const json_t *other,
                           bool out)
{
    enum rsc rsc, wait = RSC_OK;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        auto_free char *stem = address_originator(id);

        if (find_hosted(other, stem) < json_array_size(other))
            continue;
        rsc = settle(snap, plan, ri, "hael", id, out);
        if (rsc == PLAN_WAIT)
            wait = rsc; /* the others can be loaded together with it */
        else if (rsc != RSC_OK)
            return rsc;
    }
    return wait;
}

/* The node `ri` was as `before` says, and will be as `after` (either NULL: it was not there, will not be). */
static enum rsc change_residents(struct snapshot *snap, struct plan *plan, const char *ri, const json_t *before,
                                 const json_t *after)
{
    const json_t *old = json_object_get(before, "hael"), *new = json_object_get(after, "hael");
    const char *left = json_str(before, "hcl"), *came = json_str(after, "hcl");
    enum rsc rsc = settle_all(snap, plan, ri, new, old, false);

    if (rsc == RSC_OK)
        rsc = settle_all(snap, plan, ri, old, new, true);
    if (left && came && strcmp(left, came) == 0)
        return rsc;
    if (rsc == RSC_OK && left)
        rsc = settle(snap, plan, ri, "hcl", left, true);
    if (rsc == RSC_OK && came)
        rsc = settle(snap, plan, ri, "hcl", came, false);
    return rsc;
}

enum rsc nod_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    (void)req;
    return change_residents(snap, plan, json_str(a, "ri"), NULL, a);
}

enum rsc nod_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;
    json_auto_t *after = update_result(r, set, del);

    (void)req;
    return change_residents(snap, plan, r->ri, r->a, after);
}

enum rsc nod_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    (void)req;
    return change_residents(snap, plan, plan->target->ri, plan->target->a, NULL);
}

/* ---- who has gone without saying so ---- */

/* Is it really not there any more, or not on this node? */
static enum rsc check_gone(struct snapshot *snap, const struct resource *node, const char *id, bool *gone)
{
    const struct resource *r = NULL, *other = NULL;

    *gone = false;
    if (find_resident(snap, id, &r) == PLAN_WAIT || (r && find_node(snap, json_str(r->a, "nl"), &other) == PLAN_WAIT))
        return PLAN_WAIT;
    *gone = !other || strcmp(other->ri, node->ri) != 0;
    return RSC_OK;
}

/* NOTIFY by the CSE itself, {"m2m:gone":{"id":"Cae"}}: an AE or CSE has expired. */
enum rsc nod_notify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    json_auto_t *pc = req->pc.n > 0 ? json_loadb(req->pc.p, req->pc.n, 0, NULL) : NULL;
    const char *id = json_str(json_object_get(pc, "m2m:gone"), "id");
    const struct resource *node = plan->target;
    const char *hcl = json_str(node->a, "hcl");
    bool gone;

    if (!id || strcmp(plan->originator, cse_id()) != 0)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a %s cannot be notified", node->type->name);
    if (check_gone(snap, node, id, &gone) == PLAN_WAIT)
        return PLAN_WAIT;
    if (gone && *id != '/')
        move_out(plan, node, id);
    else if (gone && hcl && strcmp(hcl, id) == 0)
        add_op(plan, node->ri, "hcl", NULL);
    plan->kind = plan->ops ? PLAN_COMMIT : PLAN_ANSWER;
    plan->rsc = RSC_OK;
    return RSC_OK;
}
