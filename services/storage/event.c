/* Events, written into the outbox by the transaction that makes them true. See docs/contracts.md, "Events". */
#include "id.h"
#include "json.h"
#include "mem.h"
#include "store.h"

#define TY_SUBSCRIPTION 23

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

static void watcher_init(struct watcher *w, const struct resource_row *row)
{
    char why[128];
    json_auto_t *a = json_parse(row->a.p, row->a.n, why, sizeof why);
    struct str text = STR_EMPTY;

    str_puts(&text, "\"ri\":");
    str_json(&text, row->ri);
    head_str(&text, "path", row->path);
    head_str(&text, "by", row->by);
    str_puts(&text, ",\"a\":");
    rep_attributes(&text, row);
    w->mask = subscription_mask(a);
    w->text = str_take(&text);
}

/* Loads the subscriptions below `node`, unless they are in memory. */
static int watch_load(struct store *store, struct node *node)
{
    struct resource_row row;
    struct watch *watch;
    int found;

    if (node->watch)
        return 0;
    watch = xcalloc(1, sizeof *watch);
    found = db_ask(store->db, RES_SUBSCRIPTIONS, "t", node->ri);
    for (; found > 0; found = db_next(store->db, RES_SUBSCRIPTIONS)) {
        row_resource(store->db, RES_SUBSCRIPTIONS, &row);
        watch = xrealloc(watch, sizeof *watch + (size_t)(watch->count + 1) * sizeof watch->list[0]);
        watcher_init(&watch->list[watch->count], &row);
        store->watch_bytes += (int)strlen(watch->list[watch->count++].text) + 64;
    }
    db_end(store->db, RES_SUBSCRIPTIONS);
    node->watch = watch;
    return found < 0 ? -1 : 0;
}

/* A subscription is not told of its own coming and going. */
static bool is_of(const struct watcher *w, const char *ri)
{
    size_t len = strlen(ri);

    return strncmp(w->text, "\"ri\":\"", 6) == 0 && strncmp(w->text + 6, ri, len) == 0 && w->text[6 + len] == '"';
}

/* Appends the subscriptions below `node` that want one of `nets`, `except` that one. Returns how many, or -1. */
static int put_watchers(struct store *store, struct str *out, struct node *node, uint32_t nets, const char *side,
                        const char *except, bool first)
{
    int count = 0;

    if (!node || !(node->subs & nets))
        return 0;
    if (watch_load(store, node) < 0)
        return -1;
    for (int i = 0; i < node->watch->count; i++) {
        const struct watcher *w = &node->watch->list[i];

        if (!(w->mask & nets) || is_of(w, except))
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

static void put_head(struct str *out, const struct store *store, const struct origin *origin, const struct event *e, int64_t seq)
{
    char id[ID_SIZE];

    id_instance("e", seq, id);
    str_puts(out, "{\"id\":");
    str_json(out, id);
    head_str(out, "tenant", store->options.tenant);
    str_puts(out, ",\"event\":\"resource\"");
    head_int(out, "seq", seq);
    head_int(out, "at", origin->at);
    head_int(out, "op", e->op);
    head_int(out, "ty", e->ty);
    head_str(out, "ri", e->ri);
    head_str(out, "pi", e->pi);
    head_str(out, "path", e->path);
    head_str(out, "fr", origin->fr);
    head_str(out, "rqi", origin->rqi);
    head_str(out, "trace", origin->trace);
    str_puts(out, "}\n");
}

/* Line two. Returns 1 if somebody watches, 0 if not, -1 on failure. */
static int put_body(struct store *store, struct str *out, const struct event *e)
{
    const struct event_row *row = &event_rows[e->op];
    auto_str struct str subs = STR_EMPTY;
    int self, parent;

    self = put_watchers(store, &subs, e->self, row->self, "self", e->ri, true);
    parent = self < 0 ? -1 : put_watchers(store, &subs, e->parent, row->parent, "parent", e->ri, self == 0);
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
    /* The end of a subscription is told to its own targets, so it is watched by itself. */
    return self + parent > 0 || e->ty == TY_SUBSCRIPTION;
}

int event_write(struct store *store, const struct origin *origin, const struct event *e)
{
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
    snprintf(key, sizeof key, "%s.%s.%s.%s", store->options.tenant, type ? type->sn : "unknown", event_rows[e->op].name,
             watched ? "watched" : "quiet");
    store->report->outbox = seq;
    store->report->events++;
    return db_run(store->db, OUTBOX_INSERT, "its", seq, key, (struct slice){text.data, text.len});
}
