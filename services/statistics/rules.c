#include "rules.h"

#include "book.h"
#include "bus.h"
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "primitive.h"

#define TENANT "main"
#define MARK_COUNTED (INT64_C(1) << 26) /* docs/contracts.md */

enum { TY_EVENT_CONFIG = 7, TY_STATS_COLLECT = 21, DEADLINE_MS = 10000, RETRY_MS = 500, PAGE = 200 };

static void (*ready)(void);
static struct loop_timer *retry;
static char *after; /* where the next page begins, NULL = at the first */
static int round_;  /* grows when everything is forgotten: answers of before do not count */
static enum { UNKNOWN = -1, OFF, ON } marked = UNKNOWN;
static bool marking, loaded;

static void go_on(void);

/* ---- the mark ------------------------------------------------------------------------------------------------------- */

static void on_marked(void *context, const struct envelope *reply, enum bus_failure failure)
{
    const char *st = failure == BUS_OK ? envelope_str(reply, "st") : NULL;
    int sent = (int)((intptr_t)context & 1);

    if ((int)((intptr_t)context >> 1) != round_)
        return;
    marking = false;
    if (!st || strcmp(st, "ok") != 0) {
        loop_timer_start(retry, RETRY_MS, 0);
        return;
    }
    marked = sent ? ON : OFF;
    log_info("statistics.mark", "on=%d", sent);
    go_on();
}

static void set_mark(bool on)
{
    auto_str struct str head = STR_EMPTY, body = STR_EMPTY;
    char key[ID_SIZE];

    id_random("st", key);
    head_str(&head, "do", "commit");
    head_str(&head, "tenant", TENANT);
    head_str(&head, "key", key);
    head_str(&head, "fr", cse_id());
    head_int(&head, "at", clock_now_ms());
    str_puts(&body, "{\"ops\":[{\"op\":\"mark\",\"ri\":");
    str_json(&body, cse_ri());
    head_int(&body, on ? "on" : "off", MARK_COUNTED);
    str_puts(&body, "}]}");
    marking = bus_send("storage", &head, body.data, body.len, clock_now_ms() + DEADLINE_MS, on_marked,
                       (void *)(((intptr_t)round_ << 1) | on)) == 0;
    if (!marking)
        loop_timer_start(retry, RETRY_MS, 0);
}

/* ---- learning ------------------------------------------------------------------------------------------------------- */

static void learn(int ty, const char *ri, const json_t *a)
{
    if (ty == TY_STATS_COLLECT)
        book_rule(ri, a);
    else
        book_event(ri, a);
}

/* ["path","ri",ty,"pi",acpi,by,v,a] */
static void learn_row(const json_t *row)
{
    const char *ri = json_string_value(json_array_get(row, 1));
    const json_t *a = json_array_get(row, 7);

    if (ri && json_is_object(a))
        learn((int)json_integer_value(json_array_get(row, 2)), ri, a);
}

static void finished(void)
{
    void (*done)(void) = ready;

    ready = NULL;
    loaded = true;
    book_prune();
    log_info("load.done", "active=%zu", book_active_rules());
    done();
    go_on();
}

static void on_page(void *context, const struct envelope *reply, enum bus_failure failure)
{
    const char *st = failure == BUS_OK ? envelope_str(reply, "st") : NULL;
    json_auto_t *answer = st && strcmp(st, "ok") == 0 ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;
    const json_t *row;
    size_t i;

    if ((int)(intptr_t)context != round_)
        return;
    if (!answer) { /* storage is away, or there is no CSEBase yet */
        loop_timer_start(retry, RETRY_MS, 0);
        return;
    }
    json_array_foreach(json_object_get(answer, "rows"), i, row)
    {
        learn_row(row);
    }
    free(after);
    after = json_str(answer, "more") ? xstrdup(json_str(answer, "more")) : NULL;
    if (after)
        go_on();
    else
        finished();
}

static void ask_page(void)
{
    auto_str struct str head = STR_EMPTY;
    auto_free char *fc = xasprintf("{\"ty\":[%d,%d]}", TY_EVENT_CONFIG, TY_STATS_COLLECT);

    head_str(&head, "do", "query");
    head_str(&head, "tenant", TENANT);
    head_str(&head, "root", cse_ri());
    head_str(&head, "mode", "full");
    head_raw(&head, "fc", fc, strlen(fc));
    head_int(&head, "lvl", 2); /* below the CSEBase, and below a statsConfig there */
    head_str(&head, "after", after);
    head_int(&head, "max", PAGE);
    if (bus_send("storage", &head, "", 0, clock_now_ms() + DEADLINE_MS, on_page, (void *)(intptr_t)round_) < 0)
        loop_timer_start(retry, RETRY_MS, 0);
}

static void go_on(void)
{
    int wanted = book_active_rules() > 0 ? ON : OFF;

    if (ready)
        ask_page();
    else if (loaded && !marking && (int)marked != wanted)
        set_mark(wanted == ON);
}

static void on_retry(void *context)
{
    (void)context;
    go_on();
}

void rules_load(void (*done)(void))
{
    if (!retry)
        retry = loop_timer_new(on_retry, NULL);
    ready = done;
    ask_page();
}

void rules_forget(void)
{
    round_++;
    ready = NULL;
    loaded = marking = false;
    marked = UNKNOWN;
    free(after);
    after = NULL;
    if (retry)
        loop_timer_stop(retry);
}

/* {"rep":{"m2m:stcl":{...}},...} */
bool rules_on_change(const struct envelope *e)
{
    json_auto_t *body = json_loadb(e->body, e->body_len, 0, NULL);
    const json_t *rep = json_object_get(body, "rep");
    const json_t *a = json_object_iter_value(json_object_iter((json_t *)rep));
    const char *ri = envelope_str(e, "ri");

    if (!ri || !json_is_object(a))
        return false;
    learn((int)envelope_int(e, "ty", 0), ri, envelope_int(e, "op", 0) == OP_DELETE ? NULL : a);
    go_on();
    return true;
}
