#include "store.h"

#include "json.h"
#include "mem.h"

static const struct {
    const char *name;
    enum store_status st;
} statuses[] = {
    {"ok",      STORE_OK     },
    {"stale",   STORE_STALE  },
    {"exists",  STORE_EXISTS },
    {"none",    STORE_NONE   },
    {"refused", STORE_REFUSED},
    {"failed",  STORE_FAILED },
};

/* Written anew for each call: one thread, and the bus has copied it on return. */
static struct str head;
static struct str body;

static void on_reply(void *context, const struct envelope *e, enum bus_failure failure)
{
    struct store_call *call = context;
    struct store_reply reply = {failure == BUS_TIMEOUT ? STORE_TIMEOUT : STORE_LOST, NULL};
    const char *st = e ? envelope_str(e, "st") : NULL;

    if (e) {
        reply.e = e;
        reply.st = STORE_FAILED;
        for (size_t i = 0; st && i < ARRAY_LEN(statuses); i++)
            if (strcmp(st, statuses[i].name) == 0)
                reply.st = statuses[i].st;
    }
    call->done(call->context, &reply);
}

static void begin(const struct store_call *call, const char *verb, const struct str *need)
{
    str_reset(&head);
    str_reset(&body);
    head_str(&head, "do", verb);
    head_str(&head, "tenant", call->tenant);
    head_str(&head, "trace", call->trace);
    if (need && need->len > 2)
        head_raw(&head, "need", need->data, need->len);
}

static int send(struct store_call *call, const char *text, size_t len)
{
    return bus_send("storage", &head, text, len, call->deadline, on_reply, call);
}

int store_records(struct store_call *call, char *const *addresses, int count, const struct str *need)
{
    begin(call, "records", need);
    str_putc(&body, '[');
    for (int i = 0; i < count; i++) {
        if (i > 0)
            str_putc(&body, ',');
        str_json(&body, addresses[i]);
    }
    str_putc(&body, ']');
    return send(call, body.data, body.len);
}

int store_get(struct store_call *call, const char *to, enum address_virtual virt, const struct str *need)
{
    begin(call, "get", need);
    head_str(&head, "to", to);
    if (virt != VIRTUAL_NONE)
        head_str(&head, "virt", address_virtual_name(virt));
    return send(call, "", 0);
}

int store_query(struct store_call *call, const struct store_query *query, const struct str *need)
{
    begin(call, "query", need);
    head_str(&head, "root", query->root);
    head_str(&head, "mode", query->full ? "full" : "refs");
    if (json_object_size(query->fc) > 0) {
        json_write(&body, query->fc);
        head_raw(&head, "fc", body.data, body.len);
    }
    if (query->active)
        head_bool(&head, "active", true);
    if (query->lvl > 0)
        head_int(&head, "lvl", query->lvl);
    head_str(&head, "after", query->after);
    head_int(&head, "max", query->max);
    return send(call, "", 0);
}

/* What names the change and its author. */
static void begin_change(const struct store_call *call, const char *verb, const struct request *req, const char *originator,
                         const struct str *need)
{
    begin(call, verb, need);
    head_str(&head, "key", req->id && *req->id ? req->id : NULL);
    if (req->again)
        head_bool(&head, "again", true);
    head_str(&head, "also", req->key);
    head_str(&head, "fr", originator);
    head_str(&head, "rqi", req->rqi);
}

int store_append(struct store_call *call, const struct request *req, const struct plan *plan, int64_t now, const struct str *need)
{
    static const char *const limits[] = {"mni", "mbs"};

    begin_change(call, "append", req, plan->originator, need);
    head_str(&head, "pi", plan->target->ri);
    head_int(&head, "ty", plan->type->ty);
    head_int(&head, "cs", (int64_t)plan->size);
    head_int(&head, "ct", now);
    if (plan->et > 0)
        head_int(&head, "et", plan->et);
    head_str(&head, "rn", plan->rn);
    if (plan->unique)
        head_int(&head, "dgt", plan->dgt);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        int64_t limit = json_int(plan->limits, limits[i], -1);

        if (limit >= 0)
            head_int(&head, limits[i], limit);
    }
    if (plan->then) {
        json_write(&body, plan->then);
        head_raw(&head, "then", body.data, body.len);
    }
    return send(call, str_text(&plan->given), plan->given.len);
}

int store_commit(struct store_call *call, const struct request *req, const char *originator, const json_t *ops, int64_t now,
                 const struct str *need)
{
    begin_change(call, "commit", req, originator, need);
    head_int(&head, "at", now);
    str_puts(&body, "{\"ops\":");
    json_write(&body, ops);
    str_putc(&body, '}');
    return send(call, body.data, body.len);
}

int store_recall(struct store_call *call, const struct request *req, const struct resource *parent)
{
    static const char ops[] = "{\"ops\":[{\"op\":\"delete\",\"ri\":\"-\"}]}";
    /* A precondition that never holds ("-" is no id): an unknown key ends as `stale`, with nothing done or remembered. */
    const struct str never = {(char *)"{\"-\":1}", 7, 0};

    begin_change(call, parent ? "append" : "commit", req, req->fr, &never);
    if (!parent)
        return send(call, ops, sizeof(ops) - 1);
    head_str(&head, "pi", parent->ri);
    head_int(&head, "ty", req->ty);
    return send(call, "{}", 2);
}

int store_ping(struct store_call *call)
{
    begin(call, "ping", NULL);
    return send(call, "", 0);
}

/* Of an object, the members that jansson can read. */
static json_t *readable_members(struct slice text, int depth)
{
    struct json_member members[128];
    int count = json_members(text.p, text.n, members, ARRAY_LEN(members));
    json_t *object = count >= 0 ? json_object() : NULL;

    for (int i = 0; i < count; i++) {
        struct slice value = members[i].value;
        json_t *read = json_loadb(value.p, value.n, JSON_DECODE_ANY, NULL);

        if (!read && depth > 0)
            read = readable_members(value, depth - 1);
        if (read)
            json_object_setn_new(object, members[i].name.p, members[i].name.n, read);
    }
    return object;
}

json_t *store_record(struct slice text)
{
    json_t *record = json_loadb(text.p, text.n, 0, NULL);

    return record ? record : readable_members(text, 1);
}
