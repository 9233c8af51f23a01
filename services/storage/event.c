/* Events, written into the outbox by the transaction that makes them true. See docs/contracts.md, "Events". */
#include "id.h"
#include "json.h"
#include "mem.h"
#include "store.h"

#define TY_SUBSCRIPTION 23
#define TY_SCHEDULE 18

/* Which nets of which subscriptions an operation touches: TS-0004 6.3.4.2.19, m2m:notificationEventType. */
struct event_row {
    const char *name; /* in the routing key */
    uint32_t self, parent;
};

static const struct event_row event_rows[] = {
    [EVENT_CREATE] = {"create", 0,      1 << 3},
    [EVENT_UPDATE] = {"update", 1 << 1, 0     },
    [EVENT_DELETE] = {"delete", 1 << 2, 1 << 4},
};

uint32_t subscription_mask(const json_t *a)
{
    const json_t *enc = json_object_get(a, "enc"), *net = json_object_get(enc, "net"), *item;
    uint32_t mask = json_array_size(json_object_get(enc, "om")) > 0 ? UINT32_C(1) << 31 : 0;
    size_t i;

    json_array_foreach(net, i, item)
    {
        if (json_is_integer(item) && json_integer_value(item) >= 1 && json_integer_value(item) <= 10)
            mask |= UINT32_C(1) << json_integer_value(item);
    }
    return mask ? mask : 1 << 1; /* the default: update of the resource */
}

static int watcher_init(struct db *db, struct watcher *w, const struct resource_row *row)
{
    char why[128];
    json_auto_t *a = json_parse(row->a.p, row->a.n, why, sizeof why);
    struct str text = STR_EMPTY;
    int result;

    str_puts(&text, "\"ri\":");
    str_json(&text, row->ri);
    head_str(&text, "path", row->path);
    head_str(&text, "by", row->by);
    str_puts(&text, ",\"a\":");
    rep_attributes(&text, row);
    result = schedule_put(db, row->ri, &text);
    w->mask = subscription_mask(a);
    w->text = str_take(&text);
    return result;
}

int schedule_put(struct db *db, const char *subscription, struct str *out)
{
    int found = db_ask(db, RES_SCHEDULES, "t", subscription), count = 0;
    struct resource_row row;
    json_t *entry;
    char why[64];
    size_t i;

    for (; found > 0; found = db_next(db, RES_SCHEDULES)) {
        row_resource(db, RES_SCHEDULES, &row);
        json_auto_t *a = json_parse(row.a.p, row.a.n, why, sizeof why);

        json_array_foreach(json_object_get(json_object_get(a, "se"), "sce"), i, entry)
        {
            str_puts(out, count++ > 0 ? "," : ",\"sched\":[");
            json_write(out, entry);
        }
    }
    db_end(db, RES_SCHEDULES);
    if (count > 0)
        str_putc(out, ']');
    return found < 0 ? -1 : 0;
}

/* Loads the subscriptions below `node`, unless they are in memory. */
static int watch_load(struct store *store, struct node *node)
{
    struct resource_row row;
    struct watch *watch;
    bool failed = false;
    int found;

    if (node->watch)
        return 0;
    watch = xcalloc(1, sizeof *watch);
    found = db_ask(store->db, RES_SUBSCRIPTIONS, "t", node->ri);
    for (; found > 0; found = db_next(store->db, RES_SUBSCRIPTIONS)) {
        row_resource(store->db, RES_SUBSCRIPTIONS, &row);
        watch = xrealloc(watch, sizeof *watch + (size_t)(watch->count + 1) * sizeof watch->list[0]);
        failed = watcher_init(store->db, &watch->list[watch->count], &row) < 0;
        store->watch_bytes += (int)strlen(watch->list[watch->count++].text) + 64;
        if (failed)
            break;
    }
    db_end(store->db, RES_SUBSCRIPTIONS);
    node->watch = watch;
    return found < 0 || failed ? -1 : 0;
}

/* A subscription is not told of its own coming and going. */
static bool is_of(const struct watcher *w, const char *ri)
{
    size_t len = strlen(ri);

    return strncmp(w->text, "\"ri\":\"", 6) == 0 && strncmp(w->text + 6, ri, len) == 0 && w->text[6 + len] == '"';
}

/* A report is for some of those that want it. */
static bool is_among(const struct watcher *w, const json_t *list)
{
    const json_t *ri;
    size_t i;

    json_array_foreach(list, i, ri)
    {
        if (json_is_string(ri) && is_of(w, json_string_value(ri)))
            return true;
    }
    return !list;
}

/* Appends the subscriptions below `node` that want one of `nets`, not the one that `e` is about. Returns how many, or -1. */
static int put_watchers(struct store *store, struct str *out, struct node *node, uint32_t nets, const char *side,
                        const struct event *e, bool first)
{
    int count = 0;

    if (!node || !(node->subs & nets))
        return 0;
    if (watch_load(store, node) < 0)
        return -1;
    for (int i = 0; i < node->watch->count; i++) {
        const struct watcher *w = &node->watch->list[i];

        if (!(w->mask & nets) || is_of(w, e->ri) || !is_among(w, e->to))
            continue;
        if (!first || count > 0)
            str_putc(out, ',');
        str_addf(out, "{\"side\":\"%s\",", side);
        str_puts(out, w->text);
        str_putc(out, '}');
        count++;
    }
    return count;
}

static void put_state(struct str *out, const char *name, const struct node *n)
{
    if (!n)
        return;
    str_addf(out, ",\"%s\":{\"ri\":", name);
    str_json(out, n->ri);
    head_int(out, "ct", n->ct);
    head_int(out, "lt", n->lt);
    if (n->et != NEVER)
        head_int(out, "et", n->et);
    head_int(out, "st", n->st);
    head_int(out, "cbs", n->cbs);
    str_putc(out, '}');
}

/* The marks for which somebody acts on this. A child counts as a change of its parent, a report is none. */
static uint32_t marks_of(const struct event *e)
{
    uint32_t self = e->self ? e->self->subs & (SUBS_ACTED | SUBS_ANNOUNCED) : 0;
    uint32_t parent = e->parent ? e->parent->subs & SUBS_ACTED : 0;

    return e->name ? 0 : self | parent;
}

static void put_head(struct str *out, const struct store *store, const struct origin *origin, const struct event *e, int64_t seq)
{
    char id[ID_SIZE];

    id_instance("e", seq, id);
    str_puts(out, "{\"id\":");
    str_json(out, id);
    head_str(out, "tenant", store->options.tenant);
    head_str(out, "event", e->name ? e->name : "resource");
    head_int(out, "seq", seq);
    head_int(out, "at", origin->at);
    if (e->op)
        head_int(out, "op", e->op);
    head_int(out, "ty", e->ty);
    head_str(out, "ri", e->ri);
    head_str(out, "pi", e->pi);
    head_str(out, "path", e->path);
    head_str(out, "fr", origin->fr);
    head_str(out, "rqi", origin->rqi);
    head_str(out, "trace", origin->trace);
    if (marks_of(e))
        head_int(out, "marks", marks_of(e));
    str_puts(out, "}\n");
}

/* Line two. Returns 1 if somebody watches, 0 if not, -1 on failure. */
static int put_body(struct store *store, struct str *out, const struct event *e)
{
    const struct event_row *row = &event_rows[e->op];
    auto_str struct str subs = STR_EMPTY;
    int self, parent;

    self = put_watchers(store, &subs, e->self, e->name ? SUBS_OF_SUBSCRIPTIONS : row->self, "self", e, true);
    parent = self < 0 ? -1 : put_watchers(store, &subs, e->parent, row->parent, "parent", e, self == 0);
    if (parent < 0)
        return -1;
    str_puts(out, "{\"rep\":");
    str_add(out, e->rep.p, e->rep.n);
    if (e->mod)
        head_raw(out, "mod", e->mod, strlen(e->mod));
    if (self + parent > 0) {
        put_state(out, "self", e->self);
        put_state(out, "parent", e->parent);
    }
    str_puts(out, ",\"subs\":[");
    str_puts(out, str_text(&subs));
    str_puts(out, "]}\n");
    /* The end of a subscription is told to its own targets, so it is watched by itself; a schedule says when they may be told. */
    return self + parent > 0 || e->ty == TY_SUBSCRIPTION || e->ty == TY_SCHEDULE;
}

int event_write(struct store *store, const struct origin *origin, const struct event *e)
{
    static const char *const words[] = {"quiet", "watched", "acted", "both"};
    const struct rtype *type = rtype_by_ty(e->ty);
    auto_str struct str text = STR_EMPTY;
    char key[160];
    int64_t seq;
    int watched;

    if (store_number(store, NUMBER_OUTBOX, &seq) < 0)
        return -1;
    str_reserve(&text, e->rep.n + 512);
    put_head(&text, store, origin, e, seq);
    watched = put_body(store, &text, e);
    if (watched < 0)
        return -1;
    snprintf(key, sizeof key, "%s.%s.%s.%s", store->options.tenant, type ? type->sn : "unknown",
             e->name ? e->name : event_rows[e->op].name, words[(watched ? 1 : 0) + (marks_of(e) ? 2 : 0)]);
    store->report->outbox = seq;
    store->report->events++;
    return db_run(store->db, OUTBOX_INSERT, "its", seq, key, (struct slice){text.data, text.len});
}

/* The commit operation `report`: an event about a resource that has not changed, for some of its subscriptions, or all. */
int event_report(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    const char *ri = json_str(op, "ri"), *name = json_str(op, "event");
    const json_t *rep = json_object_get(op, "rep"), *to = json_object_get(op, "to");
    auto_str struct str text = STR_EMPTY;
    struct event event = {.name = name, .to = to};
    bool failed = false;

    if (!ri || !name || strlen(name) > 32 || !json_is_object(rep) || (to && !json_is_array(to))) {
        answer_refuse(a, RSC_BAD_REQUEST, "report wants ri, event, rep and perhaps to");
        return 0;
    }
    event.self = nodes_by_ri(store->nodes, store->db, ri, &failed);
    if (!event.self) {
        answer_gone(a, ri);
        return failed ? -1 : 0;
    }
    json_write(&text, rep);
    event.ty = event.self->ty;
    event.ri = event.self->ri;
    event.pi = event.self->pi;
    event.path = event.self->path;
    event.rep = (struct slice){text.data, text.len};
    str_puts(&a->body, "null");
    return event_write(store, origin, &event);
}
