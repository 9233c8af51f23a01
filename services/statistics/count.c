#include "count.h"

#include "active.h"
#include "book.h"
#include "clock.h"
#include "journal.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"

enum { FLUSH_MS = 500, CLOCK_MS = 1000, HELD_MAX = 4096 };

static struct metric events_total =
    METRIC_COUNTER("tessera_statistics_events_total", "Requests told by what became of them", "result");
static struct metric requests =
    METRIC_GAUGE("tessera_statistics_requests", "Requests that a statsCollect has counted", "rule", "operation");
static struct metric bytes = METRIC_GAUGE("tessera_statistics_bytes", "Bytes of their contents", "rule", "direction");

/* Not acknowledged: in the book, not in the journal yet. */
static struct bus_delivery *held[HELD_MAX];
static int held_count;
static json_t *now_ids, *kept_ids; /* those of `held`; those of the last flush, which may come back */
static struct loop_timer *flush_timer, *clock_timer;
static bool working, dirty, failing;

static void add_ids(struct str *out, json_t *ids)
{
    const char *id;
    json_t *value;

    str_puts(out, ",\"ids\":[");
    json_object_foreach(ids, id, value)
    {
        if (out->data[out->len - 1] != '[')
            str_putc(out, ',');
        str_json(out, id);
    }
    str_putc(out, ']');
}

static void flush(void *context)
{
    auto_str struct str members = STR_EMPTY;
    char why[256];

    (void)context;
    if (!working || !dirty)
        return;
    /* Without a request nothing can come back but what could before. */
    add_ids(&members, held_count > 0 ? now_ids : kept_ids);
    str_puts(&members, ",\"totals\":");
    book_save(&members);
    if (journal_write(book_records(), &members, clock_now_ms(), why, sizeof why) < 0) {
        if (!failing)
            log_error("statistics.write", "why=%s", why);
        failing = true;
        loop_timer_start(flush_timer, CLOCK_MS, 0);
        return;
    }
    failing = dirty = false;
    book_written();
    if (held_count > 0) {
        json_decref(kept_ids);
        kept_ids = now_ids;
        now_ids = json_object();
    }
    for (int i = 0; i < held_count; i++)
        active_done(held[i]);
    held_count = 0;
}

void count_touch(void)
{
    if (!dirty)
        loop_timer_start(flush_timer, FLUSH_MS, 0);
    dirty = true;
}

static void on_clock(void *context)
{
    (void)context;
    if (!working)
        return;
    book_clock(clock_now_ms());
    if (book_records()->len > 0)
        count_touch();
}

/* ---- events --------------------------------------------------------------------------------------------------------- */

static bool read_usage(struct usage *u, const struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;

    *u = (struct usage){
        .id = delivery->id,
        .fr = envelope_str(e, "fr"),
        .to = envelope_str(e, "to"),
        .rqi = envelope_str(e, "rqi"),
        .ri = envelope_str(e, "ri"),
        .path = envelope_str(e, "path"),
        .at = envelope_int(e, "at", 0),
        .asked = envelope_int(e, "asked", 0),
        .answered = envelope_int(e, "answered", 0),
        .op = (int)envelope_int(e, "op", 0),
        .ty = (int)envelope_int(e, "ty", 0),
        .rsc = (int)envelope_int(e, "rsc", 0),
    };
    return *u->id && u->fr && u->to && u->at > 0 && u->op > 0;
}

void count_on_event(struct bus_delivery *delivery)
{
    struct usage u;

    if (!read_usage(&u, delivery)) {
        log_error("event.malformed", "event_id=%s", delivery->id);
        metric_add(&events_total, 1, "malformed");
        active_reject(delivery);
        return;
    }
    if (json_object_get(kept_ids, u.id) || json_object_get(now_ids, u.id)) {
        metric_add(&events_total, 1, "again");
        active_done(delivery);
        return;
    }
    if (!book_count(&u)) {
        metric_add(&events_total, 1, "ignored");
        active_done(delivery);
        return;
    }
    metric_add(&events_total, 1, "counted");
    json_object_set_new(now_ids, u.id, json_true());
    held[held_count++] = delivery;
    count_touch();
    if (held_count == HELD_MAX)
        flush(NULL);
}

/* ---- begin and end -------------------------------------------------------------------------------------------------- */

static void show(const char *rule, const struct book_sum *sum)
{
    static const char *const operations[BOOK_OPERATIONS] = {NULL, "create", "retrieve", "update", "delete", "notify"};

    for (int op = 1; op < BOOK_OPERATIONS; op++)
        metric_set(&requests, (double)sum->requests[op], rule, operations[op]);
    metric_set(&bytes, (double)sum->asked, rule, "asked");
    metric_set(&bytes, (double)sum->answered, rule, "answered");
}

static void set_gauges(void)
{
    book_sums(show);
}

void count_start(const char *directory)
{
    journal_open(directory);
    flush_timer = loop_timer_new(flush, NULL);
    clock_timer = loop_timer_new(on_clock, NULL);
    loop_timer_start(clock_timer, CLOCK_MS, CLOCK_MS);
    metrics_on_render(set_gauges);
}

void count_begin(void)
{
    json_auto_t *state = journal_read();
    const json_t *id;
    size_t i;

    book_restore(json_object_get(state, "totals"));
    now_ids = json_object();
    kept_ids = json_object();
    json_array_foreach(json_object_get(state, "ids"), i, id)
    {
        json_object_set_new(kept_ids, json_string_value(id), json_true());
    }
    working = true;
}

void count_forget(void)
{
    loop_timer_stop(flush_timer);
    for (int i = 0; i < held_count; i++)
        active_done(held[i]);
    held_count = 0;
    json_decref(now_ids);
    json_decref(kept_ids);
    now_ids = kept_ids = NULL;
    working = dirty = failing = false;
    book_forget();
}
