/*
 * Searching a subtree. The order of an answer is (path, seq): a resource is (its path, 0), an instance follows its
 * container as (the container's path, its seq). A cursor is such a pair, so a search goes on where it stopped, whatever has
 * come or gone meanwhile. A call ends after `max` matches, some bytes or some milliseconds, whichever comes first.
 */
#include "clock.h"
#include "filter.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "reader.h"

#define BODY_MAX (240 << 10)
#define BUDGET_US 8000
#define MEMBERS_MAX 256
#define CHILDREN_MAX 1000 /* looked at for a condition on children: resources, and the oldest instances */

struct search {
    struct reader *reader;
    const struct query *query;
    struct filter *filter;
    struct str *out;
    char *root, *end; /* the subtree is root/ ... end */
    int depth;        /* of the root */
    json_t *inactive; /* paths of subtrees to skip; NULL = none */
    bool instances;   /* some may match */
    char *path;       /* the cursor: done up to here */
    int64_t seq;
    int64_t start, now, matched, looked;
    bool full; /* the call has done enough */
};

/* A resource or instance as the filter's view, with its attributes when they are asked for. */
struct subject {
    struct view view;
    struct search *search;
    const struct resource_row *resource; /* or */
    const struct instance_row *instance;
    const char *pi;
    struct above above; /* of an instance */
    json_t *attributes;
    struct subject *parent;
};

static const json_t *subject_attributes(const struct view *view)
{
    struct subject *s = view->context;
    auto_str struct str text = STR_EMPTY;
    char why[64];

    if (s->attributes)
        return s->attributes;
    if (s->resource)
        rep_attributes(&text, s->resource);
    else
        rep_instance_attributes(&text, s->instance, &s->above);
    s->attributes = json_parse(text.data, text.len, why, sizeof why);
    if (!s->attributes)
        s->attributes = json_object();
    return s->attributes;
}

static void subject_of_resource(struct subject *s, struct search *search, const struct resource_row *row)
{
    const struct rtype *type = rtype_by_ty(row->ty);

    *s = (struct subject){.search = search, .resource = row, .pi = row->pi};
    s->view = (struct view){.ty = row->ty, .ct = row->ct, .lt = row->lt, .et = row->et};
    s->view.cs = type && rtype_attr(type, "cs") ? VIEW_ASK : -1;
    s->view.st = type && type->state_tag ? row->st : -1;
    s->view.attributes = subject_attributes;
    s->view.context = s;
}

static void subject_of_instance(struct subject *s, struct search *search, const struct instance_row *row, struct above above)
{
    *s = (struct subject){.search = search, .instance = row, .pi = above.ri, .above = above};
    s->view = (struct view){.ty = row->ty, .ct = row->ct, .lt = row->ct, .et = instance_et(row, &above), .cs = row->cs};
    s->view.st = instance_st(row, rtype_by_ty(row->ty));
    s->view.attributes = subject_attributes;
    s->view.context = s;
}

/* The parent's view, kept until subject_done(). */
static const struct view *parent_view(void *context)
{
    struct subject *s = context;
    struct db *db = s->search->reader->db;
    struct resource_row row;

    if (s->parent)
        return &s->parent->view;
    if (!*s->pi || db_ask(db, RES_BY_RI, "t", s->pi) <= 0) {
        db_end(db, RES_BY_RI);
        return NULL;
    }
    s->parent = xmalloc(sizeof *s->parent);
    row_resource(db, RES_BY_RI, &row);
    subject_of_resource(s->parent, s->search, &row);
    subject_attributes(&s->parent->view); /* now: the row goes */
    s->parent->resource = NULL;
    db_end(db, RES_BY_RI);
    return &s->parent->view;
}

static void subject_done(struct subject *s)
{
    if (s->parent)
        json_decref(s->parent->attributes);
    free(s->parent);
    json_decref(s->attributes);
}

static bool child_instances(struct subject *s, view_test *test, const void *argument)
{
    struct db *db = s->search->reader->db;
    const struct resource_row *parent = s->resource;
    int found = db_ask(db, INS_RANGE, "iii", parent->id, INT64_C(0), (int64_t)CHILDREN_MAX);
    struct instance_row row;
    struct subject child;
    bool yes = false;

    for (; found > 0 && !yes; found = db_next(db, INS_RANGE)) {
        row_instance(db, INS_RANGE, &row);
        subject_of_instance(&child, s->search, &row, above_row(parent));
        s->search->looked++;
        if (child.view.et <= s->search->now)
            continue;
        yes = test(&child.view, argument);
        subject_done(&child);
    }
    db_end(db, INS_RANGE);
    return yes;
}

static bool any_child(void *context, view_test *test, const void *argument)
{
    struct subject *s = context, child;
    struct db *db = s->search->reader->db;
    struct resource_row row;
    bool yes = false;
    int found;

    if (!s->resource)
        return false;
    found = db_ask(db, RES_CHILDREN, "ti", s->resource->ri, (int64_t)CHILDREN_MAX);
    for (; found > 0 && !yes; found = db_next(db, RES_CHILDREN)) {
        row_resource(db, RES_CHILDREN, &row);
        subject_of_resource(&child, s->search, &row);
        s->search->looked++;
        if (child.view.et <= s->search->now)
            continue;
        yes = test(&child.view, argument);
        subject_done(&child);
    }
    db_end(db, RES_CHILDREN);
    return yes || (s->resource->cni > 0 && child_instances(s, test, argument));
}

/* "path","ri" */
static void put_names(struct str *out, const struct subject *s, const char *path)
{
    char ri[ID_SIZE], buffer[ID_SIZE];

    if (s->resource) {
        str_json(out, path);
        str_putc(out, ',');
        str_json(out, s->resource->ri);
    } else {
        auto_free char *own = xasprintf("%s/%s", path, instance_name(s->instance, buffer));

        instance_ri(s->instance, ri);
        str_json(out, own);
        str_putc(out, ',');
        str_json(out, ri);
    }
}

/* Whom the default policy favours, as JSON: a custodian stands in for the creator. Only where there is no acpi does it matter. */
static void put_owner(struct str *out, const struct resource_row *r)
{
    struct json_member members[MEMBERS_MAX];
    int count = 0;

    if (!r->acpi.n && memmem(r->a.p, r->a.n, "\"cstn\":", 7))
        count = json_members(r->a.p, r->a.n, members, MEMBERS_MAX);
    for (int i = 0; i < count; i++) {
        if (slice_is(members[i].name, "cstn")) {
            str_add(out, members[i].value.p, members[i].value.n);
            return;
        }
    }
    if (r->by)
        str_json(out, r->by);
    else
        str_puts(out, "null");
}

/* ["path","ri",ty,"pi",acpi,by,v,a], and behind them the root key if the type does not say it. */
static void put_row(struct search *q, const struct subject *s, const char *path)
{
    const struct resource_row *r = s->resource;
    auto_str struct str text = STR_EMPTY;
    const char *key = r ? r->key : instance_key(s->instance, &s->above, &text);
    struct str *out = q->out;

    str_puts(out, q->matched++ > 0 ? ",[" : "[");
    put_names(out, s, path);
    str_addf(out, ",%d,", s->view.ty);
    str_json(out, s->pi);
    str_putc(out, ',');
    str_add(out, r && r->acpi.n ? r->acpi.p : "null", r && r->acpi.n ? r->acpi.n : 4);
    str_putc(out, ',');
    if (r)
        put_owner(out, r);
    else
        str_puts(out, "null");
    if (r)
        str_addf(out, ",%lld,", (long long)r->v);
    else
        str_puts(out, ",null,");
    if (!q->query->full)
        str_puts(out, "null");
    else if (r)
        rep_attributes(out, r);
    else
        rep_instance_attributes(out, s->instance, &s->above);
    if (key) {
        str_putc(out, ',');
        str_json(out, key);
    }
    str_putc(out, ']');
}

static bool is_inactive(const struct search *q, const char *path)
{
    const json_t *top;
    size_t i;

    json_array_foreach(q->inactive, i, top)
    {
        size_t len = json_string_length(top);

        if (strncmp(path, json_string_value(top), len) == 0 && (!path[len] || path[len] == '/'))
            return true;
    }
    return false;
}

/* Tests one and notes whether this call has done enough. The cursor moves behind it. */
static void visit(struct search *q, struct subject *s, const char *path, int64_t seq)
{
    struct relatives relatives = {s, parent_view, any_child};

    if (s->view.et > q->now && !is_inactive(q, path) && filter_match(q->filter, &s->view, &relatives))
        put_row(q, s, path);
    subject_done(s);
    if (strcmp(q->path, path) != 0) {
        free(q->path);
        q->path = xstrdup(path);
    }
    q->seq = seq;
    q->looked++;
    q->full = q->matched >= q->query->max || q->out->len > BODY_MAX || clock_mono_us() - q->start > BUDGET_US;
}

static int depth_of(const char *path)
{
    int depth = 0;

    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

static bool too_deep(const struct search *q, const char *path, bool instance)
{
    return q->query->lvl > 0 && depth_of(path) + instance - q->depth > q->query->lvl;
}

/* The instances of one container behind `seq`. `path` and `row` are borrowed for the call. */
static int visit_instances(struct search *q, const struct resource_row *container, int64_t seq)
{
    struct db *db = q->reader->db;
    struct instance_row row;
    struct subject s;
    int found;

    if (!q->instances || container->cni == 0 || q->full || too_deep(q, container->path, true))
        return 0;
    found = db_ask(db, INS_RANGE, "iii", container->id, seq, INT64_MAX);
    while (found > 0 && !q->full) {
        row_instance(db, INS_RANGE, &row);
        subject_of_instance(&s, q, &row, above_row(container));
        visit(q, &s, container->path, row.seq);
        if (!q->full)
            found = db_next(db, INS_RANGE);
    }
    db_end(db, INS_RANGE);
    return found < 0 ? -1 : 0;
}

/* What is left of the container at the cursor. */
static int resume(struct search *q)
{
    struct db *db = q->reader->db;
    struct resource_row row;
    size_t len = strlen(q->root);
    int found = db_ask(db, RES_BY_PATH, "t", q->path);

    if (found > 0 && strncmp(q->path, q->root, len) == 0 && (!q->path[len] || q->path[len] == '/')) {
        row_resource(db, RES_BY_PATH, &row);
        found = visit_instances(q, &row, q->seq);
    }
    db_end(db, RES_BY_PATH);
    return found < 0 ? -1 : 0;
}

/* Where to go on when all below `path` is too deep: behind the ancestor that is still near enough. */
static void skip_subtree(struct search *q, const char *path)
{
    const char *p = path;

    for (int64_t slashes = q->depth + q->query->lvl + 1; slashes > 0 && p; slashes--)
        p = strchr(*p == '/' ? p + 1 : p, '/');
    if (!p)
        return;
    free(q->path);
    q->path = xasprintf("%.*s/\x7f", (int)(p - path), path); /* names end before DEL */
    q->seq = 0;
}

/* Resources behind the cursor, each followed by its instances. 1 when it has to be called again, 0, -1. */
static int scan(struct search *q)
{
    struct db *db = q->reader->db;
    int ty = filter_type(q->filter);
    bool by_type = ty && !q->instances;
    enum sql sql = by_type ? RES_RANGE_TY : RES_RANGE;
    auto_free char *below = xasprintf("%s/", q->root);
    auto_free char *start = xstrdup(strcmp(q->path, below) > 0 ? q->path : below);
    bool skipped = false;
    struct resource_row row;
    struct subject s;
    int found;

    found = by_type ? db_ask(db, sql, "itti", (int64_t)ty, start, q->end, INT64_MAX)
                    : db_ask(db, sql, "tti", start, q->end, INT64_MAX);
    while (found > 0 && !q->full && !skipped) {
        row_resource(db, sql, &row);
        if (too_deep(q, row.path, false)) {
            skip_subtree(q, row.path);
            skipped = true;
            break;
        }
        subject_of_resource(&s, q, &row);
        visit(q, &s, row.path, 0);
        if (visit_instances(q, &row, 0) < 0)
            found = -1;
        else if (!q->full)
            found = db_next(db, sql);
    }
    db_end(db, sql);
    return found < 0 ? -1 : skipped && !q->full;
}

/* One match of the labels' index. 0, or -1. */
static int visit_labelled(struct search *q, const char *path, int64_t seq, int64_t id)
{
    struct db *db = q->reader->db;
    enum sql sql = seq ? INS_BY_ID : RES_BY_ID;
    int found = db_ask(db, sql, "i", id);
    struct instance_row instance;
    struct resource_row row;
    struct subject s;
    struct node *node;
    bool failed = false;

    if (found > 0 && seq == 0) {
        row_resource(db, sql, &row);
        subject_of_resource(&s, q, &row);
        visit(q, &s, path, 0);
    } else if (found > 0) {
        row_instance(db, sql, &instance);
        node = nodes_by_path(q->reader->nodes, db, path, &failed);
        if (node && node->id == instance.parent) { /* else garbage */
            subject_of_instance(&s, q, &instance, above_node(node));
            visit(q, &s, path, seq);
        }
    }
    db_end(db, sql);
    return found < 0 || failed ? -1 : 0;
}

/* A search for one label walks the index of labels only. */
static int scan_label(struct search *q, const char *label)
{
    struct db *db = q->reader->db;
    auto_free char *start = xstrdup(q->path), *below = xasprintf("%s/", q->root);
    size_t below_len = strlen(below);
    int found = db_ask(db, LABEL_RANGE, "ttiti", label, start, q->seq, q->end, INT64_MAX);

    while (found > 0 && !q->full) {
        auto_free char *path = xstrdup(db_text(db, LABEL_RANGE, 0));
        int64_t seq = db_int(db, LABEL_RANGE, 1), id = db_int(db, LABEL_RANGE, 2);
        /* between root and root/ are others whose names begin alike: root-2, root.b */
        bool inside = strncmp(path, below, below_len) == 0 || (seq > 0 && strcmp(path, q->root) == 0);

        if (inside && !too_deep(q, path, seq > 0) && visit_labelled(q, path, seq, id) < 0)
            found = -1;
        else if (!q->full)
            found = db_next(db, LABEL_RANGE);
    }
    db_end(db, LABEL_RANGE);
    return found < 0 ? -1 : 0;
}

/* "SEQ PATH" */
static bool cursor_read(struct search *q, const char *after)
{
    char *path;
    long long seq;

    if (!after) {
        q->path = xstrdup(q->root);
        return true;
    }
    seq = strtoll(after, &path, 10);
    if (path == after || *path != ' ' || seq < 0)
        return false;
    q->path = xstrdup(path + 1);
    q->seq = seq;
    return true;
}

static bool wants_instances(const struct filter *filter)
{
    for (const struct rtype *const *type = rtype_all(); *type; type++)
        if ((*type)->instance && !filter_excludes(filter, (*type)->ty))
            return true;
    return false;
}

static int add_inactive(struct search *q, const char *from, const char *to)
{
    struct db *db = q->reader->db;
    int found = db_ask(db, RES_INACTIVE, "tt", from, to);

    if (found > 0 && !q->inactive)
        q->inactive = json_array();
    for (; found > 0; found = db_next(db, RES_INACTIVE))
        json_array_append_new(q->inactive, json_string(db_text(db, RES_INACTIVE, 0)));
    db_end(db, RES_INACTIVE);
    return found;
}

/* AEs below the root, and the one that the root is or belongs to: they are right below the CSEBase. */
static int find_inactive(struct search *q)
{
    auto_free char *below = xasprintf("%s/", q->root), *top = NULL, *behind = NULL;
    const char *ae = strchr(q->root, '/');

    if (ae) {
        size_t len = (size_t)(ae - q->root) + 1 + strcspn(ae + 1, "/");

        top = xstrndup(q->root, len - 1);
        behind = xasprintf("%.*s\1", (int)len, q->root);
        if (add_inactive(q, top, behind) < 0)
            return -1;
    }
    return add_inactive(q, below, q->end);
}

static int search(struct search *q)
{
    const char *label = filter_label(q->filter);
    int again = 1;

    if (q->query->active && find_inactive(q) < 0)
        return -1;
    if (is_inactive(q, q->root))
        return 0;
    q->instances = wants_instances(q->filter);
    if (label) {
        filter_settle(q->filter, "lbl");
        return scan_label(q, label);
    }
    if (resume(q) < 0)
        return -1;
    while (again > 0 && !q->full)
        again = scan(q);
    return again < 0 ? -1 : 0;
}

/* Runs an initialised search and writes its answer. */
static int answer_query(struct search *q, struct answer *a)
{
    int result;

    q->out = &a->body;
    str_puts(q->out, "{\"rows\":[");
    result = search(q);
    str_puts(q->out, "],\"more\":");
    if (q->full) {
        auto_free char *more = xasprintf("%lld %s", (long long)q->seq, q->path);

        str_json(q->out, more);
    } else {
        str_puts(q->out, "null");
    }
    str_putc(q->out, '}');
    return result;
}

int query_run(struct reader *reader, const struct query *query, struct answer *a)
{
    struct query bounded = *query;
    struct search q = {.reader = reader, .query = &bounded, .start = clock_mono_us(), .now = clock_now_ms()};
    struct target root;
    char why[160];
    int result = 0;

    answer_reset(a);
    nodes_trim(reader->nodes);
    if (bounded.max < 1 || bounded.max > QUERY_ROWS_MAX)
        bounded.max = QUERY_ROWS_MAX;
    if (reader_find(reader, query->root, &root) < 0)
        return -1;
    if (!root.node || root.instance) {
        answer_none(a);
        return 0;
    }
    q.filter = filter_new(query->fc, why, sizeof why);
    if (!q.filter) {
        answer_refuse(a, RSC_BAD_REQUEST, "%s", why);
        return 0;
    }
    q.root = xstrdup(root.node->path);
    q.end = xasprintf("%s0", q.root);
    q.depth = depth_of(q.root);
    if (cursor_read(&q, query->after))
        result = answer_query(&q, a);
    else
        answer_refuse(a, RSC_BAD_REQUEST, "after is no cursor");
    filter_free(q.filter);
    json_decref(q.inactive);
    free(q.root);
    free(q.end);
    free(q.path);
    return result;
}
