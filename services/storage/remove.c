/* DELETE of a resource with all below it. Instances are left as garbage: how many there are does not matter. */
#include "id.h"
#include "json.h"
#include "mem.h"
#include "store.h"

/* What a row is as an event's subject. */
static struct node node_of_row(const struct resource_row *row)
{
    return (struct node){.id = row->id,
                         .ri = (char *)row->ri,
                         .pi = (char *)row->pi,
                         .path = (char *)row->path,
                         .ty = row->ty,
                         .v = row->v,
                         .ct = row->ct,
                         .lt = row->lt,
                         .et = row->et,
                         .st = row->st,
                         .cni = row->cni,
                         .cbs = row->cbs,
                         .subs = row->subs};
}

/* All that goes with one resource, except its row. `parent` is NULL for those that are deleted along with theirs. */
static int forget_row(struct store *store, const struct origin *origin, const struct resource_row *row, struct node *parent)
{
    auto_str struct str rep = STR_EMPTY;
    json_auto_t *lbl = labels_of_text(row->a);
    struct node self = node_of_row(row);
    struct event event = {
        .op = EVENT_DELETE, .ty = row->ty, .ri = row->ri, .pi = row->pi, .path = row->path, .self = &self, .parent = parent};
    int result;

    rep_resource(&rep, row);
    event.rep = (struct slice){rep.data, rep.len};
    result = event_write(store, origin, &event);
    watch_free(self.watch);
    if (result < 0 || labels_delete(store, lbl, row->path, 0, row->id) < 0)
        return -1;
    if (name_release(store, strrchr(row->path, '/') ? strrchr(row->path, '/') + 1 : row->path) < 0 ||
        name_release(store, row->ri) < 0)
        return -1;
    if (row->cni > 0 && db_run(store->db, GARBAGE_INSERT, "it", row->id, row->path) < 0)
        return -1;
    store->garbage = store->garbage || row->cni > 0;
    store_touched(store, row->ri);
    if (kept_forget(store, row->ri) < 0)
        return -1;
    return pending_belongs(row->ty) ? pending_forget(store, row->ri) : 0;
}

static int forget_root(struct store *store, const struct origin *origin, const char *ri, struct node *parent)
{
    struct resource_row row;
    int result = -1;

    if (db_ask(store->db, RES_BY_RI, "t", ri) > 0) {
        row_resource(store->db, RES_BY_RI, &row);
        result = forget_row(store, origin, &row, parent);
    }
    db_end(store->db, RES_BY_RI);
    return result;
}

static int forget_below(struct store *store, const struct origin *origin, const char *path)
{
    auto_free char *from = xasprintf("%s/", path), *to = xasprintf("%s0", path);
    struct resource_row row;
    int found = db_ask(store->db, RES_RANGE, "tti", from, to, INT64_MAX);

    for (; found > 0; found = db_next(store->db, RES_RANGE)) {
        row_resource(store->db, RES_RANGE, &row);
        nodes_forget(store->nodes, row.ri);
        if (forget_row(store, origin, &row, NULL) < 0) {
            found = -1;
            break;
        }
    }
    db_end(store->db, RES_RANGE);
    return found < 0 ? -1 : db_run(store->db, RES_DELETE_RANGE, "tt", from, to);
}

static int remove_tree(struct store *store, const struct origin *origin, struct node *root)
{
    auto_free char *ri = xstrdup(root->ri), *pi = xstrdup(root->pi), *path = xstrdup(root->path);
    bool failed = false;
    int ty = root->ty;
    struct node *parent = *pi ? nodes_by_ri(store->nodes, store->db, pi, &failed) : NULL;
    int64_t id = root->id;

    if (failed || store_flush(store) < 0)
        return -1;
    if (forget_root(store, origin, ri, parent) < 0 || forget_below(store, origin, path) < 0)
        return -1;
    nodes_forget(store->nodes, ri);
    if (db_run(store->db, RES_DELETE, "i", id) < 0)
        return -1;
    parent = *pi ? nodes_by_ri(store->nodes, store->db, pi, &failed) : NULL;
    return failed ? -1 : watching_changed(store, ty, parent);
}

/* `ri` may be an instance's: 1 and it is deleted, 0 it is none, -1. */
static int remove_instance(struct store *store, const struct origin *origin, const char *ri)
{
    struct instance_row row = {0};
    char own[ID_SIZE] = "";
    struct node *parent;
    int64_t number;
    bool failed;
    int found;

    if (!name_number(ri, &number))
        return 0;
    found = db_ask(store->db, INS_BY_ID, "i", number);
    if (found > 0) {
        row_instance(store->db, INS_BY_ID, &row);
        instance_ri(&row, own);
    }
    db_end(store->db, INS_BY_ID);
    if (found <= 0 || strcmp(own, ri) != 0)
        return found < 0 ? -1 : 0;
    parent = nodes_by_id(store->nodes, store->db, row.parent, &failed);
    if (!parent)
        return failed ? -1 : 0;
    return append_remove(store, parent, origin, number) < 0 ? -1 : 1;
}

int remove_resource(struct store *store, const struct origin *origin, const char *ri, struct answer *a)
{
    struct node *root;
    bool failed;
    int found;

    root = nodes_by_ri(store->nodes, store->db, ri, &failed);
    if (failed)
        return -1;
    if (root)
        return remove_tree(store, origin, root);
    found = remove_instance(store, origin, ri);
    if (found == 0)
        answer_gone(a, ri);
    return found < 0 ? -1 : 0;
}

/* A <transaction>, m2m:transactionState LOCKED or EXECUTED, TS-0001 10.2.18. */
static bool holds_lock(const struct resource_row *row, int64_t now)
{
    enum { LOCKED = 2, EXECUTED = 3 };
    json_auto_t *a = row->et > now ? json_loadb(row->a.p, row->a.n, 0, NULL) : NULL;
    int64_t state = json_int(a, "trst", 0);

    return state == LOCKED || state == EXECUTED;
}

/* Nothing is deleted along with what lies above it as long as a transaction counts on it. 0 with the answer saying so, -1. */
static int check_locks(struct store *store, const struct origin *origin, const char *ri, struct answer *a)
{
    enum { TY_TRANSACTION = 51 };
    bool failed;
    struct node *root = nodes_by_ri(store->nodes, store->db, ri, &failed);
    auto_free char *from = root ? xasprintf("%s/", root->path) : NULL, *to = root ? xasprintf("%s0", root->path) : NULL;
    struct resource_row row;
    int found = root ? db_ask(store->db, RES_RANGE_TY, "itti", (int64_t)TY_TRANSACTION, from, to, INT64_MAX) : 0;

    for (; found > 0 && a->st == ST_OK; found = db_next(store->db, RES_RANGE_TY)) {
        row_resource(store->db, RES_RANGE_TY, &row);
        if (holds_lock(&row, origin->at))
            answer_refuse(a, RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE, "%s is locked by a transaction", row.pi);
    }
    if (root)
        db_end(store->db, RES_RANGE_TY);
    return failed || found < 0 ? -1 : 0;
}

int remove_op(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    const char *ri = json_str(op, "ri");

    if (!ri) {
        answer_refuse(a, RSC_BAD_REQUEST, "delete wants ri");
        return 0;
    }
    if (check_locks(store, origin, ri, a) < 0)
        return -1;
    if (a->st == ST_OK && remove_resource(store, origin, ri, a) < 0)
        return -1;
    if (a->st == ST_OK)
        str_puts(&a->body, "null");
    return 0;
}

/* Deletes up to `most` instances of one former container. Returns how many, or -1. */
static int purge_some(struct store *store, int64_t parent, const char *path, int most)
{
    int found = db_ask(store->db, INS_PURGE, "ii", parent, (int64_t)most), count = 0;
    struct instance_row row;

    for (; found > 0; found = db_next(store->db, INS_PURGE)) {
        json_auto_t *lbl = NULL;

        count++;
        row_instance(store->db, INS_PURGE, &row);
        lbl = row.labeled ? labels_of_text(row.a) : NULL;
        if (name_release(store, row.rn) < 0 || labels_delete(store, lbl, path, row.seq, row.id) < 0) {
            found = -1;
            break;
        }
    }
    db_end(store->db, INS_PURGE);
    store->db->rows += count;
    return found < 0 ? -1 : count;
}

int garbage_purge(struct store *store, int most, bool *more)
{
    char *path = NULL;
    int64_t parent = 0;
    int found, count;

    *more = false;
    if (!store->garbage)
        return 0;
    found = db_ask(store->db, GARBAGE_FIRST, "");
    if (found > 0) {
        parent = db_int(store->db, GARBAGE_FIRST, 0);
        path = xstrdup(db_text(store->db, GARBAGE_FIRST, 1));
    }
    db_end(store->db, GARBAGE_FIRST);
    store->garbage = found > 0;
    *more = found > 0;
    if (found <= 0)
        return found;
    count = purge_some(store, parent, path, most);
    free(path);
    if (count < 0)
        return -1;
    return count < most ? db_run(store->db, GARBAGE_DELETE, "i", parent) : 0;
}
