/* Commits: a list of operations, all or nothing. Each checks first and writes then; CREATE is here. */
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "store.h"

/* Kept in columns, because they move without an UPDATE. */
static const char *const kept[] = {"st", "cni", "cbs", "lt", NULL};

struct creation {
    const char *ri, *pi, *path, *by, *rn, *key;
    int ty;
    json_t *a; /* owned: without what is kept in columns */
    struct node *parent;
};

static int creation_read(struct creation *c, const json_t *op, struct answer *a)
{
    const json_t *r = json_object_get(op, "r");
    const struct rtype *type;

    *c = (struct creation){
        .ri = json_str(r, "ri"),
        .pi = json_str(r, "pi"),
        .path = json_str(r, "path"),
        .by = json_str(r, "by"),
        .key = json_str(r, "key"),
        .ty = (int)json_int(r, "ty", 0),
    };
    type = rtype_by_ty(c->ty);
    if (!c->ri || !*c->ri || !c->pi || !c->path || !*c->path || !json_is_object(json_object_get(r, "a"))) {
        answer_refuse(a, RSC_BAD_REQUEST, "create wants ri, pi, ty, path and a");
        return -1;
    }
    if (!type || type->instance) {
        answer_refuse(a, RSC_BAD_REQUEST, "type %d is not created like this", c->ty);
        return -1;
    }
    c->rn = strrchr(c->path, '/') ? strrchr(c->path, '/') + 1 : c->path;
    c->a = json_copy(json_object_get(r, "a"));
    for (const char *const *name = kept; *name; name++)
        json_object_del(c->a, *name);
    return 0;
}

/* Is the id somebody's already? */
static int ri_taken(struct store *store, const char *ri, bool *taken)
{
    int64_t number;
    bool failed;
    int found = 0;

    *taken = nodes_by_ri(store->nodes, store->db, ri, &failed) != NULL;
    if (!failed && !*taken && name_number(ri, &number)) {
        found = db_ask(store->db, INS_BY_ID, "i", number);
        db_end(store->db, INS_BY_ID);
        *taken = found > 0;
    }
    return failed || found < 0 ? -1 : 0;
}

/* Finds the parent and checks id and path. 0 with the answer saying whether all is well. */
static int creation_check(struct store *store, const struct origin *origin, struct creation *c, struct answer *a)
{
    bool failed = false, taken = false;
    size_t len;

    if (*c->pi) {
        c->parent = nodes_by_ri(store->nodes, store->db, c->pi, &failed);
        if (failed)
            return -1;
        if (!c->parent) {
            answer_gone(a, c->pi);
            return 0;
        }
        len = strlen(c->parent->path);
        if (strncmp(c->path, c->parent->path, len) != 0 || c->path + len + 1 != c->rn || !*c->rn) {
            answer_refuse(a, RSC_BAD_REQUEST, "%s is not a path below %s", c->path, c->parent->path);
            return 0;
        }
    }
    if (ri_taken(store, c->ri, &taken) < 0 || (taken && sweep_id(store, origin, c->ri, &taken) < 0))
        return -1;
    if (taken) {
        answer_exists(a, "ri");
        return 0;
    }
    if (c->parent && name_path_taken(store, c->parent, c->rn, &taken) < 0)
        return -1;
    if (!c->parent)
        taken = nodes_by_path(store->nodes, store->db, c->path, &failed) != NULL;
    if (taken && c->parent && sweep_name(store, origin, c->parent, c->rn, &taken) < 0)
        return -1;
    if (taken)
        answer_exists(a, "path");
    return failed ? -1 : 0;
}

static int creation_insert(struct store *store, const struct creation *c, struct resource_row *row, const struct str *acpi)
{
    const json_t *lbl = json_object_get(c->a, "lbl");

    if (db_run(store->db, RES_INSERT, "ittitiiietsst", row->id, row->ri, row->pi, (int64_t)row->ty, row->path, row->v, row->ct,
               row->lt, row->et, row->by, (struct slice){acpi->data, acpi->len}, row->a, row->key) < 0)
        return -1;
    if (name_reserve(store, c->rn) < 0 || name_reserve(store, c->ri) < 0)
        return -1;
    return labels_add(store, lbl, row->path, 0, row->id);
}

static int creation_event(struct store *store, const struct origin *origin, const struct creation *c,
                          const struct resource_row *row, struct node *self)
{
    auto_str struct str rep = STR_EMPTY;
    struct event event = {
        .op = EVENT_CREATE, .ty = c->ty, .ri = c->ri, .pi = c->pi, .path = c->path, .self = self, .parent = c->parent};

    rep_resource(&rep, row);
    event.rep = (struct slice){rep.data, rep.len};
    if (event_write(store, origin, &event) < 0)
        return -1;
    return watching_changed(store, c->ty, c->parent);
}

/* The row is there: what goes along with it, the events, the answer. */
static int creation_finish(struct store *store, const struct origin *origin, const struct creation *c, struct along *along,
                           struct resource_row *row, struct answer *a)
{
    bool failed;
    struct node *self = nodes_by_ri(store->nodes, store->db, c->ri, &failed);

    if (!self || along_add(store, origin, along, self) < 0)
        return -1;
    row_counters(row, self);
    if (creation_event(store, origin, c, row, self) < 0 || along_event(store, origin, along, self) < 0)
        return -1;
    store_touched(store, c->ri);
    rep_record(&a->body, row);
    return 0;
}

static int creation_write(struct store *store, const struct origin *origin, const struct creation *c, struct along *along,
                          struct answer *a)
{
    auto_str struct str text = STR_EMPTY, acpi = STR_EMPTY;
    struct resource_row row = {
        .ri = c->ri, .pi = c->pi, .path = c->path, .by = c->by, .ty = c->ty, .et = attribute_et(c->a), .key = c->key};
    const char *ct = json_str(c->a, "ct");

    if (!ct || clock_parse(ct, &row.ct) < 0)
        row.ct = origin->at;
    row.lt = row.ct;
    text_of(&text, c->a);
    text_of(&acpi, json_object_get(c->a, "acpi"));
    row.a = (struct slice){text.data, text.len};
    if (store_number(store, NUMBER_RESOURCE, &row.id) < 0 || store_number(store, NUMBER_VERSION, &row.v) < 0)
        return -1;
    if (creation_insert(store, c, &row, &acpi) < 0)
        return -1;
    return creation_finish(store, origin, c, along, &row, a);
}

static int create(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    struct along along = {0};
    struct creation c;
    int result;

    if (creation_read(&c, op, a) < 0)
        return 0;
    result = creation_check(store, origin, &c, a);
    if (result == 0 && a->st == ST_OK)
        result = along_read(&along, op, a);
    if (result == 0 && a->st == ST_OK)
        result = creation_write(store, origin, &c, &along, a);
    along_done(&along);
    json_decref(c.a);
    return result;
}

struct op_row {
    const char *name;
    int (*apply)(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
};

static const struct op_row op_rows[] = {
    {"create",    create         },
    {"update",    modify_update  },
    {"delete",    remove_op      },
    {"count",     modify_count   },
    {"mark",      modify_mark    },
    {"keep",      kept_set       },
    {"report",    event_report   },
    {"earlier",   earlier_write  },
    {"append",    append_op      },
    {"use",       spend_use      },
    {"retrieved", spend_retrieval},
    {NULL,        NULL           },
};

static int apply_op(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    const char *name = json_str(op, "op");

    for (const struct op_row *row = op_rows; name && row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row->apply(store, origin, op, a);
    answer_refuse(a, RSC_BAD_REQUEST, "unknown operation %s", name ? name : "");
    return 0;
}

static int apply_ops(struct store *store, const struct origin *origin, const json_t *ops, struct answer *a)
{
    const json_t *op;
    size_t i;

    str_putc(&a->body, '[');
    json_array_foreach(ops, i, op)
    {
        if (i > 0)
            str_putc(&a->body, ',');
        if (apply_op(store, origin, op, a) < 0)
            return -1;
        if (a->st != ST_OK)
            return 0;
    }
    str_putc(&a->body, ']');
    return 0;
}

int commit_follow(struct store *store, struct job *job, const json_t *ops)
{
    struct answer a = {0};
    int result = apply_ops(store, &job->origin, ops, &a);

    if (result == 0 && a.st != ST_OK) {
        answer_done(&job->answer);
        job->answer = a;
        return 0;
    }
    answer_done(&a);
    return result;
}

int commit_apply(struct store *store, struct job *job)
{
    bool several = json_array_size(job->ops) > 1;
    struct answer *a = &job->answer;

    if (answers_noted(store, job)) {
        answer_reset(a);
        if (job->replay[0] == 'C')
            str_puts(&a->body, job->replay + 1);
        else
            answer_refuse(a, RSC_BAD_REQUEST, "this key was used for something else");
        return 0;
    }
    if (need_check(store->nodes, store->db, job->need, a) < 0)
        return -1;
    if (a->st != ST_OK)
        return 0;
    if (several && store_savepoint(store) < 0)
        return -1;
    if (apply_ops(store, &job->origin, job->ops, a) < 0)
        return -1;
    if (several && store_release(store, a->st == ST_OK) < 0)
        return -1;
    if (a->st == ST_OK)
        answers_note(store, &job->origin, 'C', a->body.data, a->body.len);
    return 0;
}
