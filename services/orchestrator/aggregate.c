#include "aggregate.h"

#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "rules.h"
#include "subrequest.h"

enum { GATHER_MS = 200, ITEMS_MAX = 32, TY_DELIVERY = 6, EC_BEST_EFFORT = 3, LIFE_MAX_S = 86400 };

struct item {
    const json_t *a;
    aggregate_fn *done;
    void *context;
};

/* Requests that travel together; open ones are listed. */
struct batch {
    struct batch *next;
    const char *tenant, *cse; /* of the first item */
    int ec, count;
    int64_t et; /* the last of theirs */
    struct item items[ITEMS_MAX];
    struct loop_timer *timer;
};

static struct batch *open_batches;

static void end(struct batch *b, enum aggregate_result result)
{
    for (int i = 0; i < b->count; i++)
        b->items[i].done(b->items[i].context, result);
    loop_timer_free(b->timer);
    free(b);
}

static void on_answer(void *context, int rsc, struct slice content)
{
    struct batch *b = context;

    (void)content;
    log_debug("delivery.sent", "to=%s requests=%d rsc=%d", b->cse, b->count, rsc);
    if (rsc_is_success((enum rsc)rsc))
        end(b, AGGREGATE_PASSED);
    else if (rsc == RSC_TARGET_NOT_REACHABLE || rsc == RSC_REQUEST_TIMEOUT || rsc == RSC_INTERNAL_SERVER_ERROR)
        end(b, AGGREGATE_LATER);
    else
        end(b, AGGREGATE_REFUSED);
}

/* m2m:aggregatedRequest/request. Its identifier is that of the <request> here: no other has it, also when it is sent again. */
static json_t *request_of(const json_t *a)
{
    static const char *const settled[] = {"rt", "rp", "oet", "da"};
    auto_free char *fr = originator_outside(json_str(a, "org"), json_str(a, "tg"));
    json_t *mi = json_copy(json_object_get(a, "mi"));
    json_t *request = json_pack("{sO ss ss ss so}", "op", json_object_get(a, "op"), "to", json_str(a, "tg"), "fr", fr, "rqi",
                                json_str(a, "ri"), "mi", mi);

    for (size_t i = 0; i < ARRAY_LEN(settled); i++)
        json_object_del(mi, settled[i]);
    if (json_object_get(a, "pc"))
        json_object_set(request, "pc", json_object_get(a, "pc"));
    return request;
}

static json_t *content_of(const struct batch *b)
{
    int64_t most = clock_now_ms() + LIFE_MAX_S * INT64_C(1000);
    json_t *list = json_array();

    for (int i = 0; i < b->count; i++)
        json_array_append_new(list, request_of(b->items[i].a));
    return json_pack("{s{ss ss so si s{sb} s{so}}}", "m2m:dlv", "sr", cse_id(), "tg", b->cse, "ls",
                     json_time(b->et < most ? b->et : most), "ec", b->ec == ABSENT ? EC_BEST_EFFORT : b->ec, "dmd", "tcop", 0,
                     "arq", "req", list);
}

static void transmit(void *context)
{
    struct batch *b = context, **link = &open_batches;
    json_auto_t *content = content_of(b);
    auto_str struct str text = STR_EMPTY;
    struct request req;
    char id[ID_SIZE];

    while (*link != b)
        link = &(*link)->next;
    *link = b->next;
    json_write(&text, content);
    id_random("dlv", id);
    request_init(&req);
    req.id = id;
    req.rqi = id;
    req.tenant = b->tenant;
    req.identity = (struct slice){"{\"by\":\"cse\"}", 12};
    req.op = OP_CREATE;
    req.ty = TY_DELIVERY;
    req.rcn = 0;
    req.to = b->cse;
    req.fr = cse_id();
    req.rvi = "3";
    req.ec = b->ec;
    req.pc = (struct slice){text.data, text.len};
    subrequest_run(&req, on_answer, b);
}

static struct batch *batch_for(const char *tenant, const char *cse, int ec)
{
    struct batch *b;

    for (b = open_batches; b; b = b->next)
        if (b->count < ITEMS_MAX && b->ec == ec && strcmp(b->cse, cse) == 0 && strcmp(b->tenant, tenant) == 0)
            return b;
    b = xcalloc(1, sizeof(*b));
    b->tenant = tenant;
    b->cse = cse;
    b->ec = ec;
    b->next = open_batches;
    open_batches = b;
    b->timer = loop_timer_new(transmit, b);
    loop_timer_start(b->timer, GATHER_MS, 0);
    return b;
}

void aggregate_add(const char *tenant, const char *cse, int ec, const json_t *a, int64_t et, aggregate_fn *done, void *context)
{
    struct batch *b = batch_for(tenant, cse, ec);

    b->items[b->count++] = (struct item){a, done, context};
    if (et > b->et)
        b->et = et;
    if (b->count == ITEMS_MAX)
        loop_timer_start(b->timer, 0, 0);
}
