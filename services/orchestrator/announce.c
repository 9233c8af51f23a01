#include "announce.h"

#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { TY_CSEBASE = 5, TY_REMOTE_CSE = 16, TY_AE_ANNC = 10002, BIDIRECTIONAL = 2 };

/* ---- what is announced ---- */

static bool is_listed(const json_t *names, const char *name)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
            return true;
    return false;
}

/* Ids of this CSE mean nothing elsewhere: they become SP-relative. */
static json_t *outside(const json_t *value)
{
    const char *text = json_string_value(value);
    json_t *list, *item;
    size_t i;

    if (text)
        return *text == '/' || strstr(text, "://") ? json_string(text) : json_sprintf("%s/%s", cse_id(), text);
    if (!json_is_array(value))
        return json_incref((json_t *)value);
    list = json_array();
    json_array_foreach((json_t *)value, i, item) json_array_append_new(list, outside(item));
    return list;
}

static bool is_announced(const struct attr *attr, const json_t *a)
{
    return attr->annc == MA || (attr->annc == OA && is_listed(json_object_get(a, "aa"), attr->name));
}

/* What tells specializations apart (containerDefinition) is a URI, but no address. */
static json_t *announced_value(const struct rtype *type, const struct attr *attr, const json_t *value)
{
    bool selects = type->selector && strcmp(attr->name, type->selector) == 0;
    int kind = attr->kind & ~LIST;

    return (kind == ID || kind == URI) && !selects ? outside(value) : json_incref((json_t *)value);
}

static const struct rtype *copy_type(const struct rtype *type, const json_t *a)
{
    return rtype_of(type->ty + TY_ANNOUNCED, a);
}

json_t *announced_copy(const struct rtype *type, const json_t *a, const char *lnk)
{
    json_t *copy = json_pack("{ss}", "lnk", lnk);

    for (const struct attr *attr = type->attrs; attr->name; attr++) {
        const json_t *value = json_object_get(a, attr->name);

        if (value && is_announced(attr, a))
            json_object_set_new(copy, attr->name, announced_value(type, attr, value));
    }
    return json_pack("{so}", copy_type(type, a)->key, copy);
}

json_t *announced_update(const struct rtype *type, const json_t *a, const json_t *mod)
{
    const struct rtype *copy = copy_type(type, a);
    bool list_changed = !mod || is_listed(mod, "aa");
    json_t *changes;

    if (!copy)
        return NULL;
    changes = json_object();
    for (const struct attr *attr = type->attrs; attr->name; attr++) {
        const json_t *value = json_object_get(a, attr->name);
        bool named = !mod || is_listed(mod, attr->name);

        if (attr->annc == NA || strcmp(attr->name, "et") == 0)
            continue;
        if (is_announced(attr, a) ? !named && !(list_changed && attr->annc == OA) : !list_changed)
            continue;
        if (value && is_announced(attr, a))
            json_object_set_new(changes, attr->name, announced_value(type, attr, value));
        else
            json_object_set_new(changes, attr->name, json_null());
    }
    if (json_object_size(changes) > 0)
        return json_pack("{so}", copy->key, changes);
    json_decref(changes);
    return NULL;
}

static enum rsc check_names(struct plan *plan, const struct rtype *type, const json_t *aa)
{
    for (size_t i = 0; i < json_array_size(aa); i++) {
        const char *name = json_string_value(json_array_get(aa, i));
        const struct attr *attr = rtype_attr(type, name);

        if (!attr || attr->annc != OA)
            return plan_refuse(plan, RSC_BAD_REQUEST, "aa: %.64s is no attribute whose announcement is optional", name);
    }
    return RSC_OK;
}

/* ---- where to ---- */

static bool same_cse(const char *a, const char *b)
{
    auto_free char *one = cse_of_originator(a), *other = cse_of_originator(b);

    return strcmp(one, other) == 0;
}

/* The entry of `at` that leads to the same CSE, or NULL. */
static const char *entry_at(const json_t *at, const char *cse)
{
    for (size_t i = 0; i < json_array_size(at); i++) {
        const char *entry = json_string_value(json_array_get(at, i));

        if (*entry == '/' && same_cse(entry, cse))
            return entry;
    }
    return NULL;
}

static bool is_cse(const char *entry)
{
    auto_free char *cse = cse_of_originator(entry);

    return strcmp(cse, entry) == 0;
}

/* The copy of this CSE's CSEBase there has a name that says whose it is; "-" is the CSEBase there. */
static char *base_copy(const char *cse)
{
    return xasprintf("%s/-/%sAnnc", cse, cse_ri());
}

static const struct asked *ask_to(const struct request *req, struct snapshot *snap, const char *key, int op, int ty,
                                  const char *to, const json_t *pc, int flags)
{
    auto_str struct str text = STR_EMPTY;
    struct request question;

    request_init(&question);
    question.op = op;
    question.to = to;
    question.fr = cse_id();
    if (ty)
        question.ty = ty;
    if (pc) {
        json_write(&text, pc);
        question.pc = (struct slice){text.data, text.len};
    }
    return snapshot_ask(snap, req, key, &question, flags);
}

/* Sees to it that there is a copy of the CSEBase. Found there already is as good. */
static enum rsc announce_base(const struct request *req, struct snapshot *snap, const char *cse)
{
    auto_free char *key = xasprintf("announce.base.%s", cse);
    auto_free char *name = xasprintf("%sAnnc", cse_ri());
    const struct resource *base;
    const struct asked *answer;
    json_auto_t *pc = NULL;

    if (look_up(snap, cse_ri(), &base) != RSC_OK)
        return PLAN_WAIT;
    pc = announced_copy(base->type, base->a, cse_id());
    json_object_set_new(json_object_iter_value(json_object_iter(pc)), "rn", json_string(name));
    answer = ask_to(req, snap, key, OP_CREATE, TY_CSEBASE + TY_ANNOUNCED, cse, pc, 0);
    if (!answer)
        return PLAN_WAIT;
    return rsc_is_success(answer->rsc) || answer->rsc == RSC_CONFLICT ? RSC_OK : RSC_NOT_FOUND;
}

/* Below what the copy goes: named, the parent's copy there, or that of the CSEBase. The caller frees. */
static enum rsc place_of(const struct request *req, struct snapshot *snap, const struct resource *parent, const char *entry,
                         char **place)
{
    const char *above = parent->type->ty == TY_CSEBASE ? NULL : entry_at(json_object_get(parent->a, "at"), entry);
    enum rsc rsc = RSC_OK;

    *place = NULL;
    if (!is_cse(entry)) {
        *place = xstrdup(entry);
    } else if (above && !is_cse(above)) {
        *place = xstrdup(above);
    } else {
        rsc = announce_base(req, snap, entry);
        *place = base_copy(entry);
    }
    return rsc;
}

/* ---- one copy ---- */

struct announcement {
    const struct request *req;
    struct snapshot *snap;
    const struct rtype *type;
    const struct resource *parent;
    const json_t *a;
    const char *lnk;
};

/* The address of the copy that was made: "/id-mn/RI". The caller frees; NULL if it says none. */
static char *address_of(const char *entry, const struct asked *answer)
{
    json_auto_t *pc = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    void *root = json_object_iter(pc);
    const char *ri = root ? json_str(json_object_iter_value(root), "ri") : NULL;
    auto_free char *cse = cse_of_originator(entry);

    return ri ? xasprintf("%s/%s", cse, ri) : NULL;
}

/* Policies that have been announced to the same CSE rule the copy there; others mean nothing to it, but are named. */
static enum rsc translate_policies(struct snapshot *snap, const json_t *a, const char *cse, json_t *copy)
{
    const json_t *acpi = json_object_get(a, "acpi");
    json_t *list = json_object_get(copy, "acpi");
    enum rsc result = RSC_OK;

    for (size_t i = 0; i < json_array_size(acpi); i++) {
        const char *entry = json_string_value(json_array_get(acpi, i));
        const struct resource *acp = NULL;
        const char *there;

        if (*entry == '/')
            continue;
        if (look_up(snap, entry, &acp) == PLAN_WAIT)
            result = PLAN_WAIT;
        there = acp ? entry_at(json_object_get(acp->a, "at"), cse) : NULL;
        if (there)
            json_array_set_new(list, i, json_string(there));
    }
    return result;
}

/* RSC_OK with the address, or NULL if it could not be announced; PLAN_WAIT. */
static enum rsc announce_one(const struct announcement *n, const char *entry, char **address)
{
    auto_free char *key = xasprintf("announce.%s", entry);
    auto_free char *place = NULL;
    const struct asked *answer;
    json_auto_t *pc = NULL;
    enum rsc rsc;

    *address = NULL;
    if (*entry != '/' || same_cse(entry, cse_id()))
        return RSC_OK;
    rsc = place_of(n->req, n->snap, n->parent, entry, &place);
    if (rsc != RSC_OK)
        return rsc == PLAN_WAIT ? rsc : RSC_OK;
    pc = announced_copy(n->type, n->a, n->lnk);
    if (translate_policies(n->snap, n->a, entry, json_object_iter_value(json_object_iter(pc))) == PLAN_WAIT)
        return PLAN_WAIT;
    answer = ask_to(n->req, n->snap, key, OP_CREATE, n->type->ty + TY_ANNOUNCED, place, pc, ASK_UNDO);
    if (!answer)
        return PLAN_WAIT;
    if (rsc_is_success(answer->rsc))
        *address = address_of(entry, answer);
    return RSC_OK;
}

/* All entries; `old` are addresses that stay as they are. The new list, or NULL with PLAN_WAIT. */
static enum rsc announce_all(const struct announcement *n, const json_t *entries, const json_t *old, json_t **list)
{
    json_auto_t *done = json_array();
    enum rsc result = RSC_OK;

    for (size_t i = 0; i < json_array_size(entries); i++) {
        const char *entry = json_string_value(json_array_get(entries, i));
        const char *known = *entry == '/' ? entry_at(old, entry) : NULL;
        auto_free char *address = NULL;

        if (known && !is_listed(done, known))
            json_array_append_new(done, json_string(known));
        else if (!known && announce_one(n, entry, &address) == PLAN_WAIT)
            result = PLAN_WAIT;
        else if (address)
            json_array_append_new(done, json_string(address));
    }
    *list = result == RSC_OK ? json_incref(done) : NULL;
    return result;
}

void plan_mark_announced(struct plan *plan, const char *ri)
{
    if (!plan->ops)
        plan->ops = json_array();
    json_array_append_new(plan->ops,
                          json_pack("{ss ss sI si}", "op", "mark", "ri", ri, "on", (json_int_t)MARK_ANNOUNCED, "off", 0));
}

/* ---- the operations on originals ---- */

/* A copy of an instance is only below a copy of its parent, TS-0004 7.4.26.2.1. */
static enum rsc check_instance(struct plan *plan, const struct resource *parent, const json_t *at)
{
    for (size_t i = 0; i < json_array_size(at); i++) {
        const char *entry = json_string_value(json_array_get(at, i));

        if (*entry == '/' && is_cse(entry) && !entry_at(json_object_get(parent->a, "at"), entry))
            return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "at: %s is not announced to %.200s", parent->ri, entry);
    }
    return RSC_OK;
}

enum rsc announce_new(const struct request *req, struct snapshot *snap, struct plan *plan, const struct resource *parent,
                      json_t *a, const char *lnk)
{
    const struct announcement n = {req, snap, plan->type, parent, a, lnk};
    const json_t *at = json_object_get(a, "at");
    json_t *list;
    enum rsc rsc = check_names(plan, plan->type, json_object_get(a, "aa"));

    if (rsc == RSC_OK && plan->type->instance)
        rsc = check_instance(plan, parent, at);
    if (rsc != RSC_OK || !at)
        return rsc;
    if (announce_all(&n, at, NULL, &list) == PLAN_WAIT)
        return PLAN_WAIT;
    if (json_array_size(list) == 0) {
        json_object_del(a, "at");
        json_decref(list);
        return RSC_OK;
    }
    json_object_set_new(a, "at", list);
    if (!plan->type->instance)
        plan_mark_announced(plan, json_str(a, "ri"));
    return RSC_OK;
}

static void withdraw(const struct request *req, struct snapshot *snap, const char *address, enum rsc *result)
{
    auto_free char *key = xasprintf("withdraw.%s", address);

    if (!ask_to(req, snap, key, OP_DELETE, 0, address, NULL, 0))
        *result = PLAN_WAIT;
}

/* The copies that are no longer wanted. A CSE out of reach keeps its copy until that expires. */
static enum rsc withdraw_others(const struct request *req, struct snapshot *snap, const json_t *old, const json_t *now)
{
    enum rsc result = RSC_OK;

    for (size_t i = 0; i < json_array_size(old); i++) {
        const char *address = json_string_value(json_array_get(old, i));

        if (!is_listed(now, address))
            withdraw(req, snap, address, &result);
    }
    return result;
}

enum rsc announce_changed(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target, *parent = NULL;
    const json_t *old = json_object_get(r->a, "at");
    json_auto_t *a = NULL, *list = NULL;
    auto_free char *lnk = xasprintf("%s/%s", cse_id(), r->ri);
    struct announcement n = {.req = req, .snap = snap, .type = r->type, .lnk = lnk};
    enum rsc rsc = check_names(plan, r->type, json_object_get(set, "aa"));

    if (rsc != RSC_OK)
        return rsc;
    if (update_deletes(del, "at"))
        return withdraw_others(req, snap, old, NULL);
    if (!json_object_get(set, "at"))
        return RSC_OK;
    if (look_up(snap, r->pi, &parent) != RSC_OK)
        return PLAN_WAIT;
    a = update_result(r, set, del);
    n.a = a;
    n.parent = parent;
    if (announce_all(&n, json_object_get(set, "at"), old, &list) == PLAN_WAIT ||
        withdraw_others(req, snap, old, list) == PLAN_WAIT)
        return PLAN_WAIT;
    if (json_array_size(list) > 0) {
        json_object_set(set, "at", list);
        plan_mark_announced(plan, r->ri);
    } else {
        json_object_del(set, "at");
        if (old)
            json_array_append_new(del, json_string("at"));
    }
    return RSC_OK;
}

enum rsc announce_ended(const struct request *req, struct snapshot *snap, const struct resource *r)
{
    return withdraw_others(req, snap, json_object_get(r->a, "at"), NULL);
}

/* ---- on the side of the copies ---- */

bool announced_asks_id(int ty, const char *originator)
{
    auto_free char *cse = cse_of_originator(originator);

    return ty == TY_AE_ANNC && cse && strncmp(originator + strlen(cse), "/S", 2) == 0;
}

bool announced_is_of(const struct resource *r, const char *originator)
{
    const char *lnk = json_str(r->a, "lnk");

    return strcmp(originator, cse_admin()) == 0 || strcmp(originator, cse_id()) == 0 ||
           (lnk && *lnk == '/' && *originator == '/' && same_cse(lnk, originator) &&
            (is_cse(originator) || announced_asks_id(r->type->ty, originator)));
}

enum rsc announced_check_parent(struct plan *plan, const struct resource *parent, bool *free_of_rights)
{
    const char *fr = plan->originator;
    bool own = strcmp(fr, cse_admin()) == 0 || strcmp(fr, cse_id()) == 0;

    *free_of_rights = parent->type->ty == TY_CSEBASE && announced_asks_id(plan->type->ty, fr);
    if (*free_of_rights)
        return RSC_OK;
    if (!own && (*fr != '/' || !is_cse(fr)))
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "only the CSE that has the original makes a %s",
                           plan->type->name);
    *free_of_rights = parent->type->ty == TY_CSEBASE || parent->type->ty == TY_REMOTE_CSE ||
                      (parent->type->ty > TY_ANNOUNCED && announced_is_of(parent, fr));
    return RSC_OK;
}

/* The content with the root key of the original, NULL if there is none. */
static json_t *content_for_original(const struct request *req, const struct resource *copy)
{
    json_auto_t *pc = req->pc.n > 0 ? json_loadb(req->pc.p, req->pc.n, 0, NULL) : NULL;
    const struct rtype *original = rtype_of(copy->type->ty - TY_ANNOUNCED, copy->a);
    void *root = json_object_iter(pc);

    return root && original ? json_pack("{sO}", original->key, json_object_iter_value(root)) : NULL;
}

enum rsc announced_original(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *copy = plan->target;
    json_auto_t *pc = content_for_original(req, copy);
    auto_free char *fr = *plan->originator == '/' ? xstrdup(plan->originator) : xasprintf("%s/%s", cse_id(), plan->originator);
    auto_str struct str text = STR_EMPTY;
    const struct asked *answer;
    struct request question;

    request_init(&question);
    question.op = req->op;
    question.to = json_str(copy->a, "lnk");
    question.fr = fr;
    if (pc) {
        json_write(&text, pc);
        question.pc = (struct slice){text.data, text.len};
    }
    if (!question.to)
        return plan_refuse(plan, RSC_NOT_FOUND, "lnk: %s says of no original", copy->ri);
    if (!(answer = snapshot_ask(snap, req, "original", &question, 0)))
        return PLAN_WAIT;
    plan->kind = PLAN_ANSWER;
    plan->rsc = answer->rsc;
    str_add(&plan->content, str_text(&answer->content), answer->content.len);
    return RSC_OK;
}
