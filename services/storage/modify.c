/* UPDATE, and the changes that are none: counting attributes, marking. */
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "store.h"

#define TY_SUBSCRIPTION 23
#define TY_SCHEDULE 18

int64_t attribute_et(const json_t *a)
{
    const char *text = json_str(a, "et");
    int64_t ms;

    return text && clock_parse(text, &ms) == 0 ? ms : NEVER;
}

void text_of(struct str *out, const json_t *value)
{
    if (value)
        json_write(out, value);
}

/* A resource being changed. */
struct change {
    struct node *node; /* borrowed */
    json_t *a;         /* owned: the attributes, to be changed */
    json_t *lbl;       /* owned: the labels before */
    char *by;          /* owned */
    struct str text, acpi;
};

static void change_done(struct change *c)
{
    json_decref(c->a);
    json_decref(c->lbl);
    free(c->by);
    str_done(&c->text);
    str_done(&c->acpi);
}

/* Loads what is to be changed. 0 with the answer saying whether it is there, -1. */
static int change_load(struct store *store, const char *ri, struct change *c, struct answer *a)
{
    struct resource_row row;
    char why[128];
    bool failed;

    *c = (struct change){.node = ri ? nodes_by_ri(store->nodes, store->db, ri, &failed) : NULL};
    if (!ri) {
        answer_refuse(a, RSC_BAD_REQUEST, "the operation has no ri");
        return 0;
    }
    if (failed)
        return -1;
    if (!c->node) {
        answer_gone(a, ri);
        return 0;
    }
    if (db_ask(store->db, RES_BY_RI, "t", ri) <= 0) {
        db_end(store->db, RES_BY_RI);
        return -1;
    }
    row_resource(store->db, RES_BY_RI, &row);
    c->a = json_parse(row.a.p, row.a.n, why, sizeof why);
    c->by = row.by ? xstrdup(row.by) : NULL;
    db_end(store->db, RES_BY_RI);
    if (!c->a)
        return -1;
    c->lbl = json_incref(json_object_get(c->a, "lbl"));
    return 0;
}

/* The row as it is now; borrows from the change. */
static struct resource_row change_row(struct change *c)
{
    struct node *n = c->node;
    struct resource_row row = {.id = n->id,
                               .ri = n->ri,
                               .pi = n->pi,
                               .path = n->path,
                               .by = c->by,
                               .ty = n->ty,
                               .v = n->v,
                               .ct = n->ct,
                               .et = n->et,
                               .subs = n->subs,
                               .key = n->key};

    str_reset(&c->text);
    str_reset(&c->acpi);
    text_of(&c->text, c->a);
    text_of(&c->acpi, json_object_get(c->a, "acpi"));
    row.a = (struct slice){c->text.data, c->text.len};
    row.acpi = (struct slice){c->acpi.data, c->acpi.len};
    row_counters(&row, n);
    return row;
}

static bool is_kept(const char *name)
{
    return strcmp(name, "st") == 0 || strcmp(name, "cni") == 0 || strcmp(name, "cbs") == 0 || strcmp(name, "lt") == 0;
}

/* Changes the attributes; `mod` gets the names of those that are different now. */
static void change_attributes(struct change *c, const json_t *op, json_t *mod)
{
    const json_t *del = json_object_get(op, "del"), *item;
    json_t *set = json_object_get(op, "set"), *value;
    const char *name;
    size_t i;

    json_object_foreach(set, name, value)
    {
        if (is_kept(name) || json_equal(json_object_get(c->a, name), value))
            continue;
        json_array_append_new(mod, json_string(name));
        json_object_set(c->a, name, value);
    }
    json_array_foreach(del, i, item)
    {
        name = json_string_value(item);
        if (!name || is_kept(name) || json_object_del(c->a, name) < 0)
            continue;
        json_array_append_new(mod, json_string(name));
    }
}

/* Does anything below expire later than `et`? Nothing outlives its parent. */
static int child_later(struct store *store, const struct node *node, int64_t et, bool *later)
{
    int found = db_ask(store->db, RES_CHILD_LATER, "ti", node->ri, et);

    db_end(store->db, RES_CHILD_LATER);
    if (found == 0 && node->cni > 0) {
        found = db_ask(store->db, INS_LATER, "ii", et, node->id);
        db_end(store->db, INS_LATER);
    }
    *later = found > 0;
    return found < 0 ? -1 : 0;
}

/* What hangs on the parent's knowledge of this one. */
static int parent_changed(struct store *store, const struct node *n)
{
    bool failed = false;
    struct node *parent = *n->pi ? nodes_by_ri(store->nodes, store->db, n->pi, &failed) : NULL;

    return failed ? -1 : watching_changed(store, n->ty, parent);
}

static int update_write(struct store *store, const struct origin *origin, struct change *c)
{
    const struct rtype *type = rtype_by_ty(c->node->ty);
    const json_t *lbl = json_object_get(c->a, "lbl");
    struct node *n = c->node;
    struct resource_row row;

    if (store_number(store, NUMBER_VERSION, &n->v) < 0)
        return -1;
    n->lt = origin->at;
    n->et = attribute_et(c->a);
    n->st += type && type->state_tag;
    row = change_row(c);
    if (db_run(store->db, RES_UPDATE, "iieissi", n->v, n->lt, n->et, n->st, row.acpi, row.a, n->id) < 0)
        return -1;
    if (lbl != c->lbl && !(lbl && c->lbl && json_equal(lbl, c->lbl)) &&
        (labels_delete(store, c->lbl, n->path, 0, n->id) < 0 || labels_add(store, lbl, n->path, 0, n->id) < 0))
        return -1;
    if (type && rtype_attr(type, "cni") &&
        append_evict(store, origin, n, json_int(c->a, "mni", -1), json_int(c->a, "mbs", -1)) < 0)
        return -1;
    store_touched(store, n->ri);
    return parent_changed(store, n);
}

static int update_event(struct store *store, const struct origin *origin, struct change *c, const json_t *mod)
{
    auto_str struct str rep = STR_EMPTY, names = STR_EMPTY;
    const struct node *n = c->node;
    struct resource_row row = change_row(c);
    struct event event = {.op = EVENT_UPDATE, .ty = n->ty, .ri = n->ri, .pi = n->pi, .path = n->path, .self = c->node};

    rep_resource(&rep, &row);
    json_write(&names, mod);
    event.rep = (struct slice){rep.data, rep.len};
    event.mod = names.data;
    return event_write(store, origin, &event);
}

/*
 * Empties a container at once: it gets a new number, and what hangs on the old one is garbage, invisible and purged later.
 */
static int renumber(struct store *store, struct change *c)
{
    struct node *n = c->node;
    int64_t old = n->id, fresh;

    if (store_flush(store) < 0 || store_number(store, NUMBER_RESOURCE, &fresh) < 0)
        return -1;
    if (db_run(store->db, GARBAGE_INSERT, "it", old, n->path) < 0 || db_run(store->db, RES_RENUMBER, "ii", fresh, old) < 0)
        return -1;
    if (labels_delete(store, c->lbl, n->path, 0, old) < 0 || labels_add(store, c->lbl, n->path, 0, fresh) < 0)
        return -1;
    n->id = fresh;
    store->garbage = true;
    store_touched(store, n->ri);
    return 0;
}

/* Member `purge`: the instances there were go before anything else changes. */
static int purge(struct store *store, struct change *c)
{
    if (c->node->cni == 0)
        return 0;
    if (renumber(store, c) < 0)
        return -1;
    c->node->cni = 0;
    c->node->cbs = 0;
    store_dirty(store, c->node);
    return 0;
}

/* All that an UPDATE does, once nothing speaks against it. */
static int update_apply(struct store *store, const struct origin *origin, const json_t *op, struct change *c, struct along *along)
{
    json_auto_t *mod = json_array();

    change_attributes(c, op, mod);
    if (json_is_true(json_object_get(op, "purge")) && purge(store, c) < 0)
        return -1;
    if (update_write(store, origin, c) < 0 || along_add(store, origin, along, c->node) < 0)
        return -1;
    if (update_event(store, origin, c, mod) < 0)
        return -1;
    return along_event(store, origin, along, c->node);
}

int modify_update(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    int64_t min_et = json_int(op, "min_et", -1);
    struct along along = {0};
    struct resource_row row;
    struct change c;
    bool later = false;
    int result = change_load(store, json_str(op, "ri"), &c, a);

    if (result == 0 && c.node && a->st == ST_OK && min_et >= 0)
        result = child_later(store, c.node, min_et, &later);
    if (later)
        answer_refuse(a, RSC_BAD_REQUEST, "a child of %s expires later", c.node->path);
    if (result == 0 && a->st == ST_OK)
        result = along_read(&along, op, a);
    if (result == 0 && c.node && a->st == ST_OK) {
        result = update_apply(store, origin, op, &c, &along);
        row = change_row(&c);
        rep_record(&a->body, &row);
    }
    along_done(&along);
    change_done(&c);
    return result;
}

/* The parent's copy of its subscriptions is no longer true. */
static void drop_watch(struct node *node)
{
    watch_free(node->watch);
    node->watch = NULL;
}

int modify_count(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    json_auto_t *mod = json_array();
    struct resource_row row;
    struct node *parent;
    struct change c;
    bool failed = false;
    int result = change_load(store, json_str(op, "ri"), &c, a);

    (void)origin;
    if (result == 0 && c.node && a->st == ST_OK) {
        change_attributes(&c, op, mod);
        row = change_row(&c);
        result = db_run(store->db, RES_SET_A, "si", row.a, row.id);
        rep_record(&a->body, &row);
        parent = c.node->ty == TY_SUBSCRIPTION ? nodes_by_ri(store->nodes, store->db, c.node->pi, &failed) : NULL;
        if (parent)
            drop_watch(parent);
    }
    change_done(&c);
    return failed ? -1 : result;
}

int subscriptions_changed(struct store *store, const char *ri)
{
    struct node *node;
    uint32_t mask = 0;
    bool failed;
    int found;

    node = nodes_by_ri(store->nodes, store->db, ri, &failed);
    if (!node)
        return failed ? -1 : 0;
    found = db_ask(store->db, RES_SUBSCRIPTIONS, "t", ri);
    for (; found > 0; found = db_next(store->db, RES_SUBSCRIPTIONS)) {
        struct slice text = db_slice(store->db, RES_SUBSCRIPTIONS, R_A);
        char why[64];
        json_auto_t *a = json_parse(text.p, text.n, why, sizeof why);

        mask |= subscription_mask(a);
    }
    db_end(store->db, RES_SUBSCRIPTIONS);
    if (found < 0 || store_number(store, NUMBER_VERSION, &node->v) < 0)
        return -1;
    node->subs = mask | (node->subs & ~SUBS_OF_SUBSCRIPTIONS);
    drop_watch(node);
    store_touched(store, ri);
    return db_run(store->db, RES_MARK, "iii", (int64_t)node->subs, node->v, node->id);
}

int watching_changed(struct store *store, int ty, const struct node *parent)
{
    if (!parent || (ty != TY_SUBSCRIPTION && !(ty == TY_SCHEDULE && parent->ty == TY_SUBSCRIPTION)))
        return 0;
    return subscriptions_changed(store, ty == TY_SUBSCRIPTION ? parent->ri : parent->pi);
}

int modify_mark(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    uint32_t on = (uint32_t)json_int(op, "on", 0), off = (uint32_t)json_int(op, "off", 0), marks;
    const char *ri = json_str(op, "ri");
    struct node *node;
    bool failed = false;

    (void)origin;
    if (!ri || (on | off) & SUBS_OF_SUBSCRIPTIONS) {
        answer_refuse(a, RSC_BAD_REQUEST, "mark wants ri, on and off: bits that no subscription decides");
        return 0;
    }
    node = nodes_by_ri(store->nodes, store->db, ri, &failed);
    if (!node) {
        answer_gone(a, ri);
        return failed ? -1 : 0;
    }
    str_puts(&a->body, "null");
    marks = (node->subs | on) & ~off;
    if (marks == node->subs && !json_is_true(json_object_get(op, "fresh")))
        return 0;
    if (store_number(store, NUMBER_VERSION, &node->v) < 0)
        return -1;
    node->subs = marks;
    store_touched(store, ri);
    return db_run(store->db, RES_MARK, "iii", (int64_t)marks, node->v, node->id);
}
