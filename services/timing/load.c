#include "load.h"

#include "actions.h"
#include "beacons.h"
#include "cse.h"
#include "due.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mashups.h"
#include "mem.h"
#include "processes.h"
#include "series.h"
#include "store.h"
#include "windows.h"

enum { RETRY_MS = 300 };

static void learn_series(const struct row *row, const json_t *kept)
{
    series_learn(row->ri, row->a, kept);
}

static void learn_process(const struct row *row, const json_t *kept)
{
    (void)kept;
    processes_learn(row->ri);
}

static void learn_state(const struct row *row, const json_t *kept)
{
    (void)kept;
    processes_learn_state(row->ri, row->pi, row->a);
}

static void learn_action(const struct row *row, const json_t *kept)
{
    actions_learn(row->ri, row->pi, row->a, kept);
}

static void learn_beacon(const struct row *row, const json_t *kept)
{
    (void)kept;
    beacons_learn(row->ri, row->path, row->a);
}

static void learn_window(const struct row *row, const json_t *kept)
{
    (void)kept;
    windows_learn(row->ri, row->a);
}

static void learn_mashup(const struct row *row, const json_t *kept)
{
    (void)kept;
    mashups_learn(row->ri, row->a);
}

/* Columns: resource type, who learns it. In this order. */
static const struct {
    int ty;
    void (*learn)(const struct row *row, const json_t *kept);
} types[] = {
    {29, learn_series },
    {63, learn_process},
    {64, learn_state  },
    {65, learn_action },
    {60, learn_beacon },
    {48, learn_window },
    {41, learn_mashup },
};

static void (*ready)(void);
static json_t *kept; /* id -> what was kept with it */
static size_t type;
static int64_t learnt;
static struct loop_timer *retry;

static void finished(void)
{
    void (*done)(void) = ready;

    ready = NULL;
    json_decref(kept);
    kept = NULL;
    log_info("load.done", "resources=%lld", (long long)learnt);
    processes_begin();
    due_begin();
    done();
}

static void learn_rows(struct rows *rows)
{
    struct row row;

    while (rows_next(rows, &row)) {
        if (row.ri && row.pi && row.path && row.a) {
            types[type].learn(&row, json_object_get(kept, row.ri));
            learnt++;
        }
        row_done(&row);
    }
}

static void ask_rows(const char *after);

static void on_rows(void *context, enum store_status st, struct slice body)
{
    struct rows rows = {
        {NULL, 0},
        NULL
    };

    (void)context;
    if (st == STORE_FORGOTTEN)
        return;
    if (st != STORE_OK || !rows_open(&rows, body)) { /* there is no CSEBase yet */
        loop_timer_start(retry, RETRY_MS, 0);
        return;
    }
    learn_rows(&rows);
    if (rows.more) {
        ask_rows(rows.more);
    } else if (++type < ARRAY_LEN(types)) {
        ask_rows(NULL);
    } else {
        series_catch_up(finished);
    }
    rows_done(&rows);
}

static void ask_rows(const char *after)
{
    store_query(cse_ri(), types[type].ty, 0, 0, after, on_rows, NULL);
}

static void on_retry(void *context)
{
    (void)context;
    if (ready)
        ask_rows(NULL);
}

/* [["ri",value],...] */
static void on_kept(void *context, enum store_status st, struct slice body)
{
    json_auto_t *list = st == STORE_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    const char *last = NULL;
    json_t *entry;
    size_t i;

    (void)context;
    if (st == STORE_FORGOTTEN)
        return;
    json_array_foreach(list, i, entry)
    {
        last = json_string_value(json_array_get(entry, 0));
        if (last)
            json_object_set(kept, last, json_array_get(entry, 1));
    }
    if (last)
        store_kept("timing", last, on_kept, NULL);
    else
        ask_rows(NULL);
}

void load_begin(void (*done)(void))
{
    if (!retry)
        retry = loop_timer_new(on_retry, NULL);
    ready = done;
    type = 0;
    learnt = 0;
    kept = json_object();
    store_kept("timing", NULL, on_kept, NULL);
}

void load_forget(void)
{
    ready = NULL;
    json_decref(kept);
    kept = NULL;
    if (retry)
        loop_timer_stop(retry);
}
