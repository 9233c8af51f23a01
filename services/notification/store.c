#include "store.h"

#include "bus.h"
#include "clock.h"
#include "log.h"
#include "mem.h"

#define DEADLINE_MS 10000

struct call {
    store_fn *fn;
    void *context;
};

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct call *call = context;
    const char *st = reply ? envelope_str(reply, "st") : NULL;
    enum store_status status = STORE_FAILED;

    if (failure == BUS_OK && st) {
        if (strcmp(st, "ok") == 0)
            status = STORE_OK;
        else if (strcmp(st, "failed") != 0)
            status = STORE_REFUSED;
        if (status != STORE_OK)
            log_often(LOG_WARN, "storage.answer", "st=%s why=%s", st, envelope_str(reply, "why"));
    }
    call->fn(call->context, status, reply);
    free(call);
}

void store_begin(struct str *head, const char *verb)
{
    head_str(head, "do", verb);
    head_str(head, "tenant", STORE_TENANT);
}

int store_send(const struct str *head, const char *body, size_t len, store_fn *fn, void *context)
{
    struct call *call = xmalloc(sizeof *call);

    *call = (struct call){fn, context};
    if (bus_send("storage", head, body, len, clock_now_ms() + DEADLINE_MS, on_reply, call) == 0)
        return 0;
    free(call);
    return -1;
}

int store_record(const char *address, const char *other, store_fn *fn, void *context)
{
    auto_str struct str head = STR_EMPTY, body = STR_EMPTY;

    store_begin(&head, "records");
    str_putc(&body, '[');
    str_json(&body, address);
    if (other) {
        str_putc(&body, ',');
        str_json(&body, other);
    }
    str_putc(&body, ']');
    return store_send(&head, body.data, body.len, fn, context);
}
