#include "series.h"

#include "clock.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "missing.h"
#include "primitive.h"
#include "store.h"
#include "subjects.h"
#include "table.h"

enum {
    TY_SUBSCRIPTION = 23,
    TY_POINT = 30,
    NET_MISSING = 8,
    REPORTS_MAX = 8,   /* of one settling; of more misses at once the last ones are told, each with the whole list */
    KEEP_EVERY = 1000, /* points after which progress is kept, so that catching up is short */
    CLOCKS_MS = 10000, /* two processes' clocks may differ by this */
    TIMER_MAX_MS = 86400000,
    LIST_MAX = 10000 /* entries of mdlt, whatever mdn says: the list is part of one resource */
};

/* A subscription's window, as far as misses have come. */
struct watch {
    struct watch *next;
    char *ri;
    struct window window;
};

struct series {
    struct table_entry entry; /* key = ri */
    char *ri;
    struct detection detection;
    json_t *mdlt; /* the list as it is in storage, or about to be */
    int64_t mdn;
    int64_t seq;    /* of the event that began this detection */
    unsigned epoch; /* grows with each beginning: answers to an older one are not heard */
    struct watch *watches;
    struct loop_timer *timer;
    int unkept;      /* points since progress was kept */
    int64_t seen_at; /* when the newest of the points was stored that this knows of: those of later are not in what was kept */
    bool busy;       /* misses are being written */
};

/* A step that waits for storage. */
struct wait {
    char *ri;
    unsigned epoch;
    struct source *source;
    /* Of misses on their way to storage: */
    int count;
    int64_t *misses;       /* owned */
    int64_t v;             /* the version that the writing rests on */
    json_t *subscriptions; /* id -> attributes of those that want to hear of misses; owned */
    json_t *told;          /* for each miss the list of ids to tell; NULL = not decided; owned */
};

static struct table all;
static int64_t list_max;
static void (*caught_up)(void);
static int catching_up;

static struct metric misses_total = METRIC_COUNTER("tessera_timing_missing_total", "Data points that did not come", NULL);
static struct metric series_count = METRIC_GAUGE("tessera_timing_series", "timeSeries whose missing data are detected", NULL);

static const char *const detection_attributes[] = {"mdd", "pei", "peid", "mdt", "mdn", NULL};

static struct wait *wait_new(const struct series *s, struct source *source)
{
    struct wait *wait = xcalloc(1, sizeof *wait);

    wait->ri = xstrdup(s->ri);
    wait->epoch = s->epoch;
    wait->source = source_hold(source);
    return wait;
}

static void wait_free(struct wait *wait)
{
    source_release(wait->source);
    free(wait->misses);
    json_decref(wait->subscriptions);
    json_decref(wait->told);
    free(wait->ri);
    free(wait);
}

static struct series *find(const char *ri)
{
    return (struct series *)table_find(&all, ri);
}

/* Who waits, unless it has gone or begun anew since. */
static struct series *waiting(const struct wait *wait)
{
    struct series *s = find(wait->ri);

    return s && s->epoch == wait->epoch ? s : NULL;
}

static void watches_free(struct series *s)
{
    while (s->watches) {
        struct watch *watch = s->watches;

        s->watches = watch->next;
        free(watch->ri);
        free(watch);
    }
}

static void series_free(struct series *s)
{
    table_remove(&all, &s->entry);
    metric_set(&series_count, (double)all.count, NULL);
    loop_timer_free(s->timer);
    watches_free(s);
    missing_done(&s->detection);
    json_decref(s->mdlt);
    free(s->ri);
    free(s);
}

/* ---- misses --------------------------------------------------------------------------------------------------------- */

static void settle(struct series *s);

static void on_timer(void *context)
{
    settle(context);
}

static void schedule(struct series *s)
{
    int64_t due = missing_due(&s->detection), wait = due - clock_now_ms();

    if (s->busy || due == INT64_MAX)
        return;
    if (!s->timer)
        s->timer = loop_timer_new(on_timer, s);
    loop_timer_start(s->timer, wait < 0 ? 0 : wait > TIMER_MAX_MS ? TIMER_MAX_MS : wait, 0);
}

static json_t *progress(const struct series *s)
{
    json_t *early = json_array();

    for (int i = 0; i < s->detection.early_count; i++)
        json_array_append_new(early, json_integer(s->detection.early[i]));
    return json_pack("{sI sb sI sI sI so}", "seq", s->seq, "started", s->detection.started, "first", s->detection.first, "next",
                     s->detection.next, "at", s->seen_at, "early", early);
}

static void add_miss(struct series *s, int64_t dgt)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(dgt, text);
    json_array_append_new(s->mdlt, json_string(text));
    while ((int64_t)json_array_size(s->mdlt) > s->mdn)
        json_array_remove(s->mdlt, 0);
}

/* A window that is new here, after a restart say, has seen what the list tells since its subscription was made. */
static struct watch *watch_get(struct series *s, const char *ri, const json_t *a)
{
    struct watch *watch = s->watches;
    const char *ct = json_str(a, "ct");
    const json_t *miss;
    int64_t since, dgt;
    size_t i;

    while (watch && strcmp(watch->ri, ri) != 0)
        watch = watch->next;
    if (watch)
        return watch;
    watch = xcalloc(1, sizeof *watch);
    watch->ri = xstrdup(ri);
    watch->next = s->watches;
    s->watches = watch;
    if (!ct || clock_parse(ct, &since) < 0)
        return watch;
    json_array_foreach(s->mdlt, i, miss)
    {
        if (clock_parse(json_string_value(miss), &dgt) == 0 && missing_noticed(&s->detection, dgt) >= since)
            window_miss(&watch->window, missing_noticed(&s->detection, dgt));
    }
    return watch;
}

static bool wants_missing(const json_t *a)
{
    const json_t *net = json_object_get(json_object_get(a, "enc"), "net"), *one;
    size_t i;

    json_array_foreach(net, i, one)
    {
        if (json_integer_value(one) == NET_MISSING)
            return true;
    }
    return false;
}

/* Which of the subscriptions are to be told of this miss? A list of ids; the caller owns it. */
static json_t *told(struct series *s, const json_t *subscriptions, int64_t dgt)
{
    json_t *list = json_array();
    const char *ri;
    json_t *a;

    json_object_foreach((json_t *)subscriptions, ri, a)
    {
        const json_t *md = json_object_get(json_object_get(a, "enc"), "md");
        struct watch *watch = watch_get(s, ri, a);
        const char *dur = json_str(md, "dur");

        watch->window.num = json_int(md, "num", 1);
        if (!dur || clock_parse_duration(dur, &watch->window.dur) < 0)
            watch->window.dur = 0;
        if (window_miss(&watch->window, missing_noticed(&s->detection, dgt)))
            json_array_append_new(list, json_string(ri));
    }
    return list;
}

static json_t *report(const struct series *s, const json_t *to)
{
    return json_pack("{ss ss ss sO s{s{so si}}}", "op", "report", "ri", s->ri, "event", "missing", "to", to, "rep", "m2m:tsn",
                     "mdlt", json_copy(s->mdlt), "mdc", (int)json_array_size(s->mdlt));
}

/* What the misses change, and whom they are told. The caller owns it. */
static json_t *operations(struct series *s, const struct wait *wait)
{
    json_t *ops = json_array();

    for (int i = 0; i < wait->count; i++) {
        const json_t *to = json_array_get(wait->told, (size_t)i);

        add_miss(s, wait->misses[i]);
        if (json_array_size(to) > 0)
            json_array_append_new(ops, report(s, to));
        while (json_array_size(ops) > REPORTS_MAX)
            json_array_remove(ops, 0);
    }
    json_array_insert_new(ops, 0,
                          json_pack("{ss ss s{so si}}", "op", "count", "ri", s->ri, "set", "mdlt", json_copy(s->mdlt), "mdc",
                                    (int)json_array_size(s->mdlt)));
    json_array_append_new(ops, store_keep_op(s->ri, progress(s)));
    return ops;
}

static void on_record(void *context, enum store_status st, struct slice body);

static void ask_record(struct series *s, struct wait *wait)
{
    json_auto_t *addresses = json_pack("[s]", s->ri);

    store_records(addresses, on_record, wait);
}

static void on_written(void *context, enum store_status st, struct slice body)
{
    struct wait *wait = context;
    struct series *s = st == STORE_FORGOTTEN ? NULL : waiting(wait);

    (void)body;
    if (s && st == STORE_STALE) { /* updated meanwhile; perhaps it is no longer wanted */
        ask_record(s, wait);
        return;
    }
    if (s) {
        s->busy = false;
        s->unkept = 0;
        subjects_changed(s->ri);
        schedule(s);
    }
    wait_free(wait);
}

static void write_misses(struct series *s, struct wait *wait)
{
    if (!wait->told) {
        wait->told = json_array();
        for (int i = 0; i < wait->count; i++)
            json_array_append_new(wait->told, told(s, wait->subscriptions, wait->misses[i]));
    }
    store_commit(operations(s, wait), json_pack("{sI}", s->ri, wait->v), on_written, wait);
}

static void on_subscriptions(void *context, enum store_status st, struct slice body)
{
    struct wait *wait = context;
    struct series *s = st == STORE_OK ? waiting(wait) : NULL;
    struct rows rows = {
        {NULL, 0},
        NULL
    };
    struct row row;

    if (!s) {
        wait_free(wait);
        return;
    }
    if (rows_open(&rows, body)) {
        while (rows_next(&rows, &row)) {
            if (row.ri && wants_missing(row.a))
                json_object_set(wait->subscriptions, row.ri, row.a);
            row_done(&row);
        }
    }
    if (rows.more)
        store_query(s->ri, TY_SUBSCRIPTION, 1, 0, rows.more, on_subscriptions, wait);
    else
        write_misses(s, wait);
    rows_done(&rows);
}

/* The record tells the version that the writing rests on, and the list as it is. */
static void on_record(void *context, enum store_status st, struct slice body)
{
    struct wait *wait = context;
    struct series *s = st == STORE_OK ? waiting(wait) : NULL;
    json_auto_t *list = s ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    const json_t *record = json_array_get(list, 0), *a = json_object_get(record, "a"), *mdlt = json_object_get(a, "mdlt");

    if (!s || !json_is_true(json_object_get(a, "mdd"))) { /* deleted or switched off: its event is on the way */
        wait_free(wait);
        return;
    }
    json_decref(s->mdlt);
    s->mdlt = mdlt ? json_copy((json_t *)mdlt) : json_array();
    wait->v = json_int(record, "v", 0);
    if (wait->subscriptions) {
        write_misses(s, wait);
        return;
    }
    wait->subscriptions = json_object();
    store_query(s->ri, TY_SUBSCRIPTION, 1, 0, NULL, on_subscriptions, wait);
}

static void settle(struct series *s)
{
    int64_t *misses = xcalloc((size_t)s->mdn, sizeof *misses);
    int count = missing_settle(&s->detection, clock_now_ms(), misses, (int)s->mdn);
    struct wait *wait;

    if (count == 0) {
        free(misses);
        schedule(s);
        return;
    }
    metric_add(&misses_total, count, NULL);
    s->busy = true;
    wait = wait_new(s, NULL);
    wait->misses = misses;
    wait->count = count;
    ask_record(s, wait);
}

/* ---- coming and going ----------------------------------------------------------------------------------------------- */

static bool detects(const json_t *a)
{
    return json_is_true(json_object_get(a, "mdd")) && json_int(a, "pei", 0) > 0 && json_int(a, "mdt", 0) > 0;
}

/* Begins anew. */
static struct series *begin(const char *ri, const json_t *a)
{
    static unsigned epochs;
    struct series *s = find(ri);
    const json_t *mdlt = json_object_get(a, "mdlt");

    if (s)
        series_free(s);
    s = xcalloc(1, sizeof *s);
    s->ri = xstrdup(ri);
    s->entry.key = s->ri;
    s->epoch = ++epochs;
    s->mdn = json_int(a, "mdn", list_max);
    if (s->mdn > LIST_MAX)
        s->mdn = LIST_MAX;
    s->mdlt = mdlt ? json_copy((json_t *)mdlt) : json_array();
    missing_init(&s->detection, json_int(a, "pei", 1), json_int(a, "peid", 0), json_int(a, "mdt", 1));
    table_insert(&all, &s->entry);
    metric_set(&series_count, (double)all.count, NULL);
    return s;
}

static void on_kept(void *context, enum store_status st, struct slice body)
{
    (void)st;
    (void)body;
    wait_free(context);
}

/* Keeps how far it is; the event counts as done when that is safe. */
static void keep(struct series *s, struct source *source)
{
    s->unkept = 0;
    store_commit(json_pack("[o]", store_keep_op(s->ri, progress(s))), NULL, on_kept, wait_new(s, source));
}

void series_on_change(const struct change *change, struct source *source)
{
    struct series *s = find(change->ri);

    if (change->op == OP_DELETE || !detects(change->a)) {
        if (s)
            series_free(s);
        return;
    }
    if (s && (change->seq <= s->seq || !change_touches(change, detection_attributes)))
        return;
    s = begin(change->ri, change->a);
    s->seq = change->seq;
    if (change->op == OP_UPDATE) /* nothing is to be found that was kept before */
        keep(s, source);
}

/* A point's time; false if it has none. */
static bool time_of(const json_t *a, int64_t *dgt)
{
    const char *text = json_str(a, "dgt"), *ct = json_str(a, "ct");
    int64_t created = 0;

    if (ct && clock_parse(ct, &created) < 0)
        return false;
    return text && clock_parse_absrel(text, created, dgt) == 0;
}

void series_on_point(const struct change *change, struct source *source)
{
    struct series *s = find(change->pi);
    int64_t dgt;
    bool first;

    if (!s || !time_of(change->a, &dgt))
        return;
    if (change->at > s->seen_at)
        s->seen_at = change->at;
    first = missing_stored(&s->detection, dgt);
    if (first || ++s->unkept >= KEEP_EVERY)
        keep(s, source);
    if (first)
        schedule(s);
}

void series_learn(const char *ri, const json_t *a, const json_t *kept)
{
    const json_t *early = json_object_get(kept, "early"), *n;
    struct series *s;
    size_t i;

    if (!detects(a))
        return;
    s = begin(ri, a);
    s->seq = json_int(kept, "seq", 0);
    if (!json_is_true(json_object_get(kept, "started")))
        return;
    missing_resume(&s->detection, json_int(kept, "first", 0), json_int(kept, "next", 1));
    json_array_foreach(early, i, n)
    {
        missing_stored(&s->detection, s->detection.first + json_integer_value(n) * s->detection.pei);
    }
    s->seen_at = json_int(kept, "at", 0);
}

/* ---- catching up ---------------------------------------------------------------------------------------------------- */

static void one_caught_up(void)
{
    void (*done)(void) = caught_up;

    if (--catching_up > 0)
        return;
    caught_up = NULL;
    done();
}

static void ask_points(struct series *s, const char *after, struct wait *wait);

static void on_points(void *context, enum store_status st, struct slice body)
{
    struct wait *wait = context;
    struct series *s = st == STORE_FORGOTTEN ? NULL : waiting(wait);
    struct rows rows = {
        {NULL, 0},
        NULL
    };
    struct row row;
    int64_t dgt;

    if (s && st == STORE_OK && rows_open(&rows, body)) {
        while (rows_next(&rows, &row)) {
            if (time_of(row.a, &dgt))
                missing_stored(&s->detection, dgt);
            row_done(&row);
        }
    }
    if (rows.more) {
        ask_points(s, rows.more, wait);
    } else {
        if (s)
            schedule(s);
        wait_free(wait);
        if (st != STORE_FORGOTTEN)
            one_caught_up();
    }
    rows_done(&rows);
}

static void ask_points(struct series *s, const char *after, struct wait *wait)
{
    store_query(s->ri, TY_POINT, 1, s->seen_at - CLOCKS_MS, after, on_points, wait);
}

static void catch_up_one(struct table_entry *entry, void *context)
{
    struct series *s = (struct series *)entry;

    (void)context;
    if (!s->detection.started)
        return;
    catching_up++;
    ask_points(s, NULL, wait_new(s, NULL));
}

void series_catch_up(void (*done)(void))
{
    caught_up = done;
    catching_up = 1;
    table_each(&all, catch_up_one, NULL);
    one_caught_up();
}

static void free_one(struct table_entry *entry, void *context)
{
    (void)context;
    series_free((struct series *)entry);
}

void series_forget(void)
{
    caught_up = NULL;
    table_each(&all, free_one, NULL);
}

void series_init(int64_t max)
{
    list_max = max;
}
