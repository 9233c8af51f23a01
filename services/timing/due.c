#include "due.h"

#include "clock.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "store.h"
#include "table.h"

enum {
    NEAR_MS = 1200000, /* what lies further ahead needs no memory here yet */
    LOOK_MS = 600000,
    PENDING = 3, /* m2m:requestStatus */
};

static struct metric due_total = METRIC_COUNTER("tessera_timing_requests_total", "Non-blocking requests that came due", "result");

struct due {
    struct table_entry entry; /* key = ri */
    char *ri;
    int64_t at;
    int tries;
    bool begun; /* perhaps carried out already */
    struct loop_timer *timer;
    bool busy;  /* storage is being asked */
    bool again; /* it was armed anew meanwhile */
};

static struct table all;
static struct loop_timer *look;

static struct due *find(const char *ri)
{
    return (struct due *)table_find(&all, ri);
}

static void due_free(struct due *d)
{
    table_remove(&all, &d->entry);
    loop_timer_free(d->timer);
    free(d->ri);
    free(d);
}

static void wait_for(struct due *d)
{
    int64_t wait = d->at - clock_now_ms();

    d->busy = d->again = false;
    loop_timer_start(d->timer, wait > 0 ? wait : 0, 0);
}

/* ---- coming due; contexts are ids, as the entry may be forgotten meanwhile */

static struct due *take(void *context, enum store_status st)
{
    auto_free char *ri = context;

    return st == STORE_FORGOTTEN ? NULL : find(ri);
}

static void on_told(void *context, enum store_status st, struct slice body)
{
    struct due *d = take(context, st);

    (void)body;
    if (!d)
        return;
    metric_add(&due_total, 1, st == STORE_OK ? "due" : "gone");
    if (d->again)
        wait_for(d);
    else
        due_free(d);
}

/* In one transaction: it waits no longer, and an orchestrator is told. */
static void tell(const struct due *d, json_t *a)
{
    json_t *ops = json_pack("[{ss ss ss sn}]", "op", "keep", "ri", d->ri, "name", "due", "value");

    if (json_int(a, "rs", 0) == PENDING)
        json_array_append_new(ops, json_pack("{ss ss ss s[] s{sO si sb}}", "op", "report", "ri", d->ri, "event", "due", "to",
                                             "rep", "m2m:req", a, "tries", d->tries, "again", d->begun));
    store_commit(ops, NULL, on_told, xstrdup(d->ri));
}

static void on_record(void *context, enum store_status st, struct slice body)
{
    struct due *d = take(context, st);
    struct slice rest = body, record = {NULL, 0};
    struct json_member members[32];
    json_auto_t *a = NULL;
    int count;

    if (!d)
        return;
    if (st == STORE_OK && json_next_element(&rest, &record)) {
        count = json_members(record.p, record.n, members, ARRAY_LEN(members));
        for (int i = 0; i < count; i++)
            if (slice_is(members[i].name, "a"))
                a = attributes_read(members[i].value);
    }
    if (a) {
        tell(d, a);
        return;
    }
    metric_add(&due_total, 1, "recalled");
    due_free(d);
}

static void on_timer(void *context)
{
    struct due *d = context;
    json_auto_t *addresses = json_pack("[s]", d->ri);

    d->busy = true;
    store_records(addresses, on_record, xstrdup(d->ri));
}

/* ---- learning */

void due_learn(const char *ri, const json_t *kept)
{
    int64_t at = json_int(kept, "at", 0);
    struct due *d = find(ri);

    if (at > clock_now_ms() + NEAR_MS && !d)
        return;
    if (!d) {
        d = xcalloc(1, sizeof *d);
        d->ri = xstrdup(ri);
        d->entry.key = d->ri;
        d->timer = loop_timer_new(on_timer, d);
        table_insert(&all, &d->entry);
    }
    d->at = at;
    d->tries = (int)json_int(kept, "tries", 0);
    d->begun = json_is_true(json_object_get(kept, "again"));
    if (d->busy)
        d->again = true;
    else
        wait_for(d);
}

/* It is in storage already: the event need not wait. */
void due_on_armed(const struct change *change, struct source *source)
{
    (void)source;
    due_learn(change->ri, change->a);
}

static void on_kept(void *context, enum store_status st, struct slice body)
{
    json_auto_t *list = st == STORE_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    const char *last = NULL;
    json_t *entry;
    size_t i;

    (void)context;
    json_array_foreach(list, i, entry)
    {
        last = json_string_value(json_array_get(entry, 0));
        if (last && !find(last)) /* one that is known was perhaps told of since this was read */
            due_learn(last, json_array_get(entry, 1));
    }
    if (last)
        store_kept("due", last, on_kept, NULL);
}

static void on_look(void *context)
{
    (void)context;
    store_kept("due", NULL, on_kept, NULL);
}

void due_begin(void)
{
    if (!look)
        look = loop_timer_new(on_look, NULL);
    loop_timer_start(look, 0, LOOK_MS);
}

static void free_one(struct table_entry *entry, void *context)
{
    (void)context;
    due_free((struct due *)entry);
}

void due_forget(void)
{
    if (look)
        loop_timer_stop(look);
    table_each(&all, free_one, NULL);
}
