#include "calls.h"

#include "bus.h"
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "primitive.h"

enum { DEADLINE_MS = 10000, RETRY_MS = 500, PAGE = 200, TY_CONTENT = 4 };

struct call {
    struct call *next, **at;
    const char *role;
    struct str head, body;
    call_fn *fn;
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

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure);

static void ask(struct call *call)
{
    call->asked = bus_send(call->role, &call->head, str_text(&call->body), call->body.len, clock_now_ms() + DEADLINE_MS, on_reply,
                           call) == 0;
    if (!call->asked)
        loop_timer_start(retry, RETRY_MS, 0);
}

static void on_retry(void *context)
{
    (void)context;
    for (struct call *call = calls; call; call = call->next)
        if (!call->asked)
            ask(call);
}

/* Storage answers `st`, the orchestrator `rsc`. */
static bool is_transient(const struct envelope *reply)
{
    const char *st = envelope_str(reply, "st");

    return st ? strcmp(st, "failed") == 0
              : envelope_find(reply, "retry") || envelope_int(reply, "rsc", 0) == RSC_TARGET_NOT_REACHABLE;
}

static bool is_good(const struct envelope *reply)
{
    const char *st = envelope_str(reply, "st");
    int rsc = (int)envelope_int(reply, "rsc", 0);

    return st ? strcmp(st, "ok") == 0 : rsc_is_success(rsc) || rsc == RSC_CONFLICT;
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct call *call = context;
    json_auto_t *body = NULL;

    call->asked = false;
    if (call->forgotten) {
        call_free(call);
        return;
    }
    if (failure != BUS_OK || is_transient(reply)) {
        loop_timer_start(retry, RETRY_MS, 0);
        return;
    }
    if (!is_good(reply))
        log_info("network.call", "role=%s st=%s rsc=%d why=%s", call->role, envelope_str(reply, "st"),
                 (int)envelope_int(reply, "rsc", 0), envelope_str(reply, "why"));
    body = reply->body_len > 0 ? json_loadb(reply->body, reply->body_len, JSON_DECODE_ANY, NULL) : NULL;
    call->fn(call->context, is_good(reply) ? CALL_OK : CALL_REFUSED, body);
    call_free(call);
}

static struct call *call_new(const char *role, call_fn *fn, void *context)
{
    struct call *call = xcalloc(1, sizeof *call);

    if (!retry)
        retry = loop_timer_new(on_retry, NULL);
    call->role = role;
    call->fn = fn;
    call->context = context;
    call->next = calls;
    call->at = &calls;
    if (calls)
        calls->at = &call->next;
    calls = call;
    head_str(&call->head, "tenant", CALLS_TENANT);
    return call;
}

void calls_record(const char *ri, call_fn *fn, void *context)
{
    struct call *call = call_new("storage", fn, context);

    head_str(&call->head, "do", "records");
    str_putc(&call->body, '[');
    str_json(&call->body, ri);
    str_putc(&call->body, ']');
    ask(call);
}

void calls_query(int ty, const char *after, call_fn *fn, void *context)
{
    struct call *call = call_new("storage", fn, context);
    auto_free char *fc = xasprintf("{\"ty\":[%d]}", ty);

    head_str(&call->head, "do", "query");
    head_str(&call->head, "root", cse_ri());
    head_str(&call->head, "mode", "full");
    head_raw(&call->head, "fc", fc, strlen(fc));
    head_str(&call->head, "after", after);
    head_int(&call->head, "max", PAGE);
    ask(call);
}

void calls_commit(json_t *op, call_fn *fn, void *context)
{
    struct call *call = call_new("storage", fn, context);
    json_auto_t *body = json_pack("{s[o]}", "ops", op);
    char key[ID_SIZE];

    id_random("n", key); /* asked again, it is the same commit */
    head_str(&call->head, "do", "commit");
    head_str(&call->head, "key", key);
    head_bool(&call->head, "again", true);
    head_str(&call->head, "fr", cse_id());
    head_int(&call->head, "at", clock_now_ms());
    json_write(&call->body, body);
    ask(call);
}

void calls_store(const char *container, const char *rn, const json_t *content, call_fn *fn, void *context)
{
    struct call *call = call_new("orchestrator", fn, context);
    auto_str struct str text = STR_EMPTY;
    json_auto_t *body = NULL;

    json_write(&text, content);
    body = json_pack("{s{ss ss ss}}", "m2m:cin", "rn", rn, "cnf", "application/geo+json:0", "con", str_text(&text));
    json_write(&call->body, body);
    head_raw(&call->head, "identity", "{\"by\":\"none\"}", 13);
    head_int(&call->head, "op", OP_CREATE);
    head_str(&call->head, "to", container);
    head_str(&call->head, "fr", cse_id());
    head_str(&call->head, "rqi", rn);
    head_int(&call->head, "ty", TY_CONTENT);
    head_str(&call->head, "rvi", cse_release_answered(NULL));
    ask(call);
}

void calls_forget(void)
{
    struct call *call;

    while ((call = calls)) {
        calls = call->next;
        if (calls)
            calls->at = &calls;
        call->next = NULL;
        call->at = NULL;
        call->fn(call->context, CALL_FORGOTTEN, NULL);
        call->forgotten = true;
        if (!call->asked)
            call_free(call);
    }
}
