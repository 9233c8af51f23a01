/*
 * preSubscriptionNotify, TS-0001 9.6.8: a new subscription is told of the children that are there already, as if they were
 * created now. Their events are written by the transaction that creates it, so that they come before those of all later
 * changes, and for this subscription alone.
 */
#include "id.h"
#include "json.h"
#include "mem.h"
#include "store.h"

#define CHILDREN_MAX 1000
#define BYTES_MAX (4 << 20) /* of all representations together */

/* A child found; instances and other resources are in two tables. */
struct child {
    int64_t id, ct;
    bool instance;
    size_t size;
};

struct children {
    struct child list[CHILDREN_MAX];
    int count;
};

/* What the commit operation asks for. */
struct wish {
    const char *sub; /* its id */
    const json_t *types;
    bool instances;
    int64_t count, at;
};

static bool is_wanted(const struct wish *wish, int ty)
{
    const json_t *one;
    size_t i;

    json_array_foreach(wish->types, i, one)
    {
        if (json_integer_value(one) == ty)
            return true;
    }
    return !wish->types;
}

/* The newest first. 0 or -1. */
static int find_resources(struct store *store, const struct wish *wish, const char *parent, struct children *found)
{
    int more = db_ask(store->db, RES_CHILDREN_NEWEST, "t", parent);
    struct resource_row row;

    for (; more > 0 && found->count < wish->count; more = db_next(store->db, RES_CHILDREN_NEWEST)) {
        row_resource(store->db, RES_CHILDREN_NEWEST, &row);
        if (row.et > wish->at && is_wanted(wish, row.ty) && strcmp(row.ri, wish->sub) != 0)
            found->list[found->count++] = (struct child){row.id, row.ct, false, row.a.n};
    }
    db_end(store->db, RES_CHILDREN_NEWEST);
    return more < 0 ? -1 : 0;
}

/* All instances of a resource are of one type: if that is not wanted, none is. */
static int find_instances(struct store *store, const struct wish *wish, const struct node *parent, struct children *found)
{
    int more = wish->instances ? db_ask(store->db, INS_NEWEST, "i", parent->id) : 0;
    struct instance_row row;

    for (; more > 0 && found->count < wish->count; more = db_next(store->db, INS_NEWEST)) {
        row_instance(store->db, INS_NEWEST, &row);
        if (!is_wanted(wish, row.ty))
            break;
        if (row.et > wish->at)
            found->list[found->count++] = (struct child){row.id, row.ct, true, row.a.n};
    }
    db_end(store->db, INS_NEWEST);
    return more < 0 ? -1 : 0;
}

/* The newest of both, each in its own order. */
static void merge(const struct wish *wish, const struct children *a, const struct children *b, struct children *out)
{
    size_t bytes = 0;
    int i = 0, k = 0;

    out->count = 0;
    while (out->count < wish->count && (i < a->count || k < b->count)) {
        bool first = k == b->count || (i < a->count && a->list[i].ct > b->list[k].ct);
        const struct child *c = first ? &a->list[i++] : &b->list[k++];

        bytes += c->size;
        if (out->count > 0 && bytes > BYTES_MAX)
            break;
        out->list[out->count++] = *c;
    }
}

static int write_resource(struct store *store, const struct origin *origin, const struct child *c, struct event event)
{
    auto_str struct str rep = STR_EMPTY;
    struct resource_row row;
    int result = -1;

    if (db_ask(store->db, RES_BY_ID, "i", c->id) > 0) {
        row_resource(store->db, RES_BY_ID, &row);
        rep_resource(&rep, &row);
        event.ty = row.ty;
        event.ri = row.ri;
        event.path = row.path;
        event.rep = (struct slice){rep.data, rep.len};
        result = event_write(store, origin, &event);
    }
    db_end(store->db, RES_BY_ID);
    return result;
}

static int write_instance(struct store *store, const struct origin *origin, const struct child *c, struct event event)
{
    auto_str struct str rep = STR_EMPTY;
    const struct node *parent = event.parent;
    struct above above = above_node(parent);
    char ri[ID_SIZE], buffer[ID_SIZE];
    struct instance_row row;
    char *path = NULL;
    int result = -1;

    if (db_ask(store->db, INS_BY_ID, "i", c->id) > 0) {
        row_instance(store->db, INS_BY_ID, &row);
        instance_ri(&row, ri);
        path = xasprintf("%s/%s", parent->path, instance_name(&row, buffer));
        rep_instance(&rep, &row, &above);
        event.ty = row.ty;
        event.ri = ri;
        event.path = path;
        event.rep = (struct slice){rep.data, rep.len};
        result = event_write(store, origin, &event);
    }
    db_end(store->db, INS_BY_ID);
    free(path);
    return result;
}

static int write_all(struct store *store, const struct origin *origin, const struct wish *wish, struct node *parent)
{
    struct children *lists = xcalloc(3, sizeof *lists);
    json_auto_t *to = json_pack("[s]", wish->sub);
    struct event event = {.op = EVENT_CREATE, .name = "earlier", .to = to, .pi = parent->ri, .parent = parent};
    int result = -1;

    if (find_resources(store, wish, parent->ri, &lists[0]) == 0 && find_instances(store, wish, parent, &lists[1]) == 0) {
        merge(wish, &lists[0], &lists[1], &lists[2]);
        result = 0;
        for (int i = lists[2].count - 1; i >= 0 && result == 0; i--)
            result = (lists[2].list[i].instance ? write_instance : write_resource)(store, origin, &lists[2].list[i], event);
    }
    free(lists);
    return result;
}

int earlier_write(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    struct wish wish = {
        .sub = json_str(op, "ri"),
        .types = json_object_get(op, "ty"),
        .instances = !json_is_false(json_object_get(op, "instances")),
        .count = json_int(op, "count", 0),
        .at = origin->at,
    };
    struct node *sub, *parent;
    bool failed = false;

    if (!wish.sub || wish.count < 1) {
        answer_refuse(a, RSC_BAD_REQUEST, "earlier wants ri and count");
        return 0;
    }
    if (wish.count > CHILDREN_MAX)
        wish.count = CHILDREN_MAX;
    sub = nodes_by_ri(store->nodes, store->db, wish.sub, &failed);
    parent = sub ? nodes_by_ri(store->nodes, store->db, sub->pi, &failed) : NULL;
    if (!parent) {
        answer_gone(a, wish.sub);
        return failed ? -1 : 0;
    }
    str_puts(&a->body, "null");
    return write_all(store, origin, &wish, parent);
}
