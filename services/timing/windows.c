#include "windows.h"

#include "clock.h"
#include "cse.h"
#include "json.h"
#include "loop.h"
#include "mem.h"
#include "primitive.h"
#include "request.h"
#include "store.h"
#include "table.h"

enum { PERIODIC = 1, FIRST_MODE = 3, TIMER_MAX_MS = 86400000, RETRY_MS = 1000, PATIENCE_MS = 20000, LATE_MS = 2 };

struct watched {
    struct table_entry entry; /* key = ri */
    char *ri;
    int type;             /* m2m:timeWindowType */
    int64_t origin, size; /* of periodic windows */
    int64_t due;          /* 0: no window is open */
    struct loop_timer *timer;
};

static struct table all;

static struct watched *find(const char *ri)
{
    return (struct watched *)table_find(&all, ri);
}

static void watched_free(struct watched *w)
{
    table_remove(&all, &w->entry);
    loop_timer_free(w->timer);
    free(w->ri);
    free(w);
}

/* ---- telling */

static void start(struct watched *w, int64_t now, int64_t due)
{
    int64_t wait = due - now;

    w->due = due;
    if (due == 0)
        loop_timer_stop(w->timer);
    else
        loop_timer_start(w->timer, wait < 0 ? 0 : wait > TIMER_MAX_MS ? TIMER_MAX_MS : wait, 0);
}

/* `context` is the id: the subscription may be gone. */
static void on_told(void *context, json_t *result)
{
    auto_free char *ri = context;
    struct watched *w = result ? find(ri) : NULL;
    bool well = json_int(result, "rsc", 0) < 5000; /* that there is none any more is an answer, too */

    json_decref(result);
    if (w && !well && (w->type != PERIODIC || w->due > clock_now_ms() + RETRY_MS))
        start(w, clock_now_ms(), clock_now_ms() + RETRY_MS);
}

static void tell(const struct watched *w)
{
    json_auto_t *apv = json_pack("{si ss s{s{}}}", "op", OP_NOTIFY, "fr", cse_id(), "pc", "m2m:window");

    request_send(apv, w->ri, PATIENCE_MS, on_told, xstrdup(w->ri));
}

static int64_t next_end(const struct watched *w, int64_t now)
{
    return now < w->origin ? w->origin + w->size : w->origin + ((now - w->origin) / w->size + 1) * w->size;
}

static void on_timer(void *context)
{
    struct watched *w = context;
    int64_t now = clock_now_ms();

    if (w->due == 0)
        return;
    if (now < w->due) { /* a long wait is made in pieces */
        start(w, now, w->due);
        return;
    }
    tell(w);
    start(w, now, w->type == PERIODIC ? next_end(w, now) + LATE_MS : 0);
}

/* ---- coming and going */

/* A sliding window's beginning is kept with the subscription, where events do not show it. */
static void on_record(void *context, enum store_status st, struct slice body)
{
    auto_free char *ri = context;
    json_auto_t *list = st == STORE_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    const json_t *a = json_object_get(json_array_get(list, 0), "a");
    int64_t begin = json_int(json_object_get(a, "_w"), "start", 0);
    struct watched *w = find(ri);

    if (w && w->type != PERIODIC)
        start(w, clock_now_ms(), begin > 0 ? begin + w->size + LATE_MS : 0);
}

static void look(struct watched *w)
{
    json_auto_t *addresses = json_pack("[s]", w->ri);

    store_records(addresses, on_record, xstrdup(w->ri));
}

static bool is_judged_at_the_end(const json_t *a)
{
    return json_int(a, "eem", 0) >= FIRST_MODE;
}

static struct watched *add(const char *ri)
{
    struct watched *w = xcalloc(1, sizeof *w);

    w->ri = xstrdup(ri);
    w->entry.key = w->ri;
    w->timer = loop_timer_new(on_timer, w);
    table_insert(&all, &w->entry);
    return w;
}

void windows_learn(const char *ri, const json_t *a)
{
    const char *ct = json_str(a, "ct"), *tws = json_str(a, "tws");
    struct watched *w = find(ri);
    int64_t origin, size;

    if (!is_judged_at_the_end(a) || !ct || clock_parse(ct, &origin) < 0 || !tws || clock_parse_duration(tws, &size) < 0) {
        if (w)
            watched_free(w);
        return;
    }
    if (!w)
        w = add(ri);
    w->type = (int)json_int(a, "twt", PERIODIC);
    w->origin = origin;
    w->size = size > 0 ? size : 1;
    if (w->type == PERIODIC)
        start(w, clock_now_ms(), next_end(w, clock_now_ms()) + LATE_MS);
    else
        look(w);
}

void windows_on_change(const struct change *change, struct source *source)
{
    struct watched *w = find(change->ri);

    (void)source;
    if (change->op != OP_DELETE)
        windows_learn(change->ri, change->a);
    else if (w)
        watched_free(w);
}

static void free_one(struct table_entry *entry, void *context)
{
    (void)context;
    watched_free((struct watched *)entry);
}

void windows_forget(void)
{
    table_each(&all, free_one, NULL);
}
