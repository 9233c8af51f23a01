#include "store.h"

#include "bus.h"
#include "change.h"
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"

enum { DEADLINE_MS = 10000, RETRY_MS = 500, PAGE = 200 };

/* One question until it is answered. */
struct call {
    struct call *next, **at; /* list of those that wait for the next try, or for an answer */
    struct str head, body;
    store_fn *fn;
    void *context;
    bool asked, forgotten;
};

static struct call *calls;
static struct loop_timer *retry;

static void call_free(struct call *call)
{
    if (call->at) {
        *call->at = call->next;
        if (call->next)
            call->next->at = call->at;
    }
    str_done(&call->head);
    str_done(&call->body);
    free(call);
}

static void finish(struct call *call, enum store_status st, struct slice body)
{
    call->fn(call->context, st, body);
    call_free(call);
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure);

static void ask(struct call *call)
{
    call->asked =
        bus_send("storage", &call->head, call->body.data, call->body.len, clock_now_ms() + DEADLINE_MS, on_reply, call) == 0;
}

static void on_retry(void *context)
{
    bool waits = false;

    (void)context;
    for (struct call *call = calls; call; call = call->next) {
        if (!call->asked)
            ask(call);
        waits = waits || !call->asked;
    }
    if (waits)
        loop_timer_start(retry, RETRY_MS, 0);
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    const char *st = failure == BUS_OK ? envelope_str(reply, "st") : NULL;
    struct call *call = context;
    struct slice none = {NULL, 0};

    call->asked = false;
    if (call->forgotten)
        call_free(call);
    else if (st && strcmp(st, "ok") == 0)
        finish(call, STORE_OK, (struct slice){reply->body, reply->body_len});
    else if (st && (strcmp(st, "stale") == 0 || strcmp(st, "none") == 0))
        finish(call, STORE_STALE, none);
    else if (st && strcmp(st, "failed") != 0) {
        log_error("storage.refused", "st=%s why=%s", st, envelope_str(reply, "why"));
        finish(call, STORE_REFUSED, none);
    } else {
        loop_timer_start(retry, RETRY_MS, 0);
    }
}

static struct call *call_new(const char *verb, store_fn *fn, void *context)
{
    struct call *call = xcalloc(1, sizeof *call);

    if (!retry)
        retry = loop_timer_new(on_retry, NULL);
    call->fn = fn;
    call->context = context;
    call->next = calls;
    call->at = &calls;
    if (calls)
        calls->at = &call->next;
    calls = call;
    head_str(&call->head, "do", verb);
    head_str(&call->head, "tenant", STORE_TENANT);
    return call;
}

static void transmit(struct call *call)
{
    ask(call);
    if (!call->asked)
        loop_timer_start(retry, RETRY_MS, 0);
}

void store_records(const json_t *addresses, store_fn *fn, void *context)
{
    struct call *call = call_new("records", fn, context);

    json_write(&call->body, addresses);
    transmit(call);
}

void store_query(const char *root, int ty, int lvl, int64_t since, const char *after, store_fn *fn, void *context)
{
    struct call *call = call_new("query", fn, context);
    char time[CLOCK_TEXT_SIZE];
    auto_free char *fc = NULL;

    clock_format(since, time);
    fc = since > 0 ? xasprintf("{\"ty\":[%d],\"cra\":\"%s\"}", ty, time) : xasprintf("{\"ty\":[%d]}", ty);
    head_str(&call->head, "root", root);
    head_str(&call->head, "mode", "full");
    head_raw(&call->head, "fc", fc, strlen(fc));
    if (lvl > 0)
        head_int(&call->head, "lvl", lvl);
    head_str(&call->head, "after", after);
    head_int(&call->head, "max", PAGE);
    transmit(call);
}

void store_kept(const char *after, store_fn *fn, void *context)
{
    struct call *call = call_new("kept", fn, context);

    head_str(&call->head, "name", "timing");
    head_str(&call->head, "after", after);
    head_int(&call->head, "max", PAGE);
    transmit(call);
}

void store_commit(json_t *ops, json_t *need, store_fn *fn, void *context)
{
    struct call *call = call_new("commit", fn, context);
    auto_str struct str text = STR_EMPTY;
    char key[ID_SIZE];

    /* Asked again, it is the same commit. */
    id_random("t", key);
    head_str(&call->head, "key", key);
    head_bool(&call->head, "again", true);
    head_str(&call->head, "fr", cse_id());
    head_int(&call->head, "at", clock_now_ms());
    if (need) {
        json_write(&text, need);
        head_raw(&call->head, "need", text.data, text.len);
    }
    str_puts(&call->body, "{\"ops\":");
    json_write(&call->body, ops);
    str_putc(&call->body, '}');
    json_decref(ops);
    json_decref(need);
    transmit(call);
}

json_t *store_keep_op(const char *ri, json_t *value)
{
    return json_pack("{ss ss ss so}", "op", "keep", "ri", ri, "name", "timing", "value", value ? value : json_null());
}

void store_forget(void)
{
    struct call *call;

    while ((call = calls)) {
        calls = call->next;
        if (calls)
            calls->at = &calls;
        call->next = NULL;
        call->at = NULL;
        call->fn(call->context, STORE_FORGOTTEN, (struct slice){NULL, 0});
        call->forgotten = true;
        if (!call->asked)
            call_free(call);
    }
}

/* {"rows":[...],"more":...} */
bool rows_open(struct rows *rows, struct slice body)
{
    struct json_member members[4];
    int count = json_members(body.p, body.n, members, ARRAY_LEN(members));
    struct str more = STR_EMPTY;

    *rows = (struct rows){
        {NULL, 0},
        NULL
    };
    for (int i = 0; i < count; i++) {
        if (slice_is(members[i].name, "rows"))
            rows->rest = members[i].value;
        else if (slice_is(members[i].name, "more") && json_unquote(members[i].value, &more))
            rows->more = str_take(&more);
    }
    str_done(&more);
    return rows->rest.n > 0;
}

static char *take_text(struct slice raw)
{
    struct str text = STR_EMPTY;

    if (json_unquote(raw, &text))
        return str_take(&text);
    str_done(&text);
    return NULL;
}

/* ["path","ri",ty,"pi",acpi,by,v,a] */
bool rows_next(struct rows *rows, struct row *row)
{
    struct slice item, rest, column;

    if (!json_next_element(&rows->rest, &item))
        return false;
    *row = (struct row){0};
    rest = item;
    for (int i = 0; json_next_element(&rest, &column); i++) {
        if (i == 0)
            row->path = take_text(column);
        else if (i == 1)
            row->ri = take_text(column);
        else if (i == 3)
            row->pi = take_text(column);
        else if (i == 6 && !slice_is(column, "null"))
            row->v = strtoll(column.p, NULL, 10);
        else if (i == 7)
            row->a = attributes_read(column);
    }
    return true;
}

void row_done(struct row *row)
{
    free(row->path);
    free(row->ri);
    free(row->pi);
    json_decref(row->a);
}

void rows_done(struct rows *rows)
{
    free(rows->more);
}
