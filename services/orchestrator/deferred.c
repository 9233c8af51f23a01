#include "deferred.h"

#include "address.h"
#include "aggregate.h"
#include "backlog.h"
#include "clock.h"
#include "cmdh.h"
#include "cse.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "primitive.h"
#include "subrequest.h"
#include "table.h"

enum {
    TY_REQUEST = 17,
    ASYNCH = 2,
    HOLD_MAX_MS = 600000, /* an unacknowledged event; the broker's limit is half an hour */
    RETRY_MS = 500,       /* doubled with each attempt */
    RETRY_MAX_MS = 30000,
    LOOK_MS = 500,         /* while it may not leave for another CSE */
    HOLD_CLOSED_MS = 5000, /* then others get their turn */
};

static struct metric outcomes =
    METRIC_COUNTER("tessera_deferred_total", "Non-blocking requests by what became of them", "result");

/* The same event once more: acknowledged together with the first. */
struct again {
    struct again *next;
    struct bus_delivery *delivery;
};

/* One <request> whose event this instance holds. */
struct deferred {
    struct table_entry entry; /* key = ri */
    struct bus_delivery *delivery;
    struct again *more;
    char *tenant, *ri;
    json_t *tell; /* who has still to be told, list of addresses */
    int64_t oet;  /* not before; 0 = at once */
    int64_t et;   /* no longer than */
    struct loop_timer *timer;
    int attempts;
    bool begun;        /* perhaps carried out already, by this instance or by one that was killed: its changes may be there */
    struct str result; /* {"m2m:rsp":...} once it is there */

    char *cse;    /* that it is for, NULL: this one */
    json_t *a;    /* attributes of the <request>, of one to be aggregated, else NULL */
    int64_t rqet; /* INT64_MAX: none */
    int64_t held; /* since when it has waited for the network, 0: it does not */
    int ec;
    size_t size; /* bytes of its content */
    bool passed; /* to the other CSE in a <delivery> */
};

static struct table all;

static void deferred_free(struct deferred *d)
{
    if (table_find(&all, d->ri) == &d->entry)
        table_remove(&all, &d->entry);
    for (struct again *next; d->more; d->more = next) {
        next = d->more->next;
        bus_done(d->more->delivery);
        free(d->more);
    }
    loop_timer_free(d->timer);
    json_decref(d->tell);
    json_decref(d->a);
    free(d->cse);
    str_done(&d->result);
    free(d->tenant);
    free(d->ri);
    free(d);
}

static void finish(struct deferred *d, const char *result)
{
    metric_add(&outcomes, 1, result);
    log_debug("deferred.done", "ri=%s result=%s attempts=%d", d->ri, result, d->attempts);
    bus_done(d->delivery);
    deferred_free(d);
}

/* Later again, as long as its result is wanted. */
static void retry(struct deferred *d)
{
    int64_t pause = (int64_t)RETRY_MS << (d->attempts < 6 ? d->attempts : 6);

    int64_t random = 0, policy;

    d->attempts++;
    d->begun = true;
    if (pause > RETRY_MAX_MS)
        pause = RETRY_MAX_MS;
    if (d->cse && !d->result.len && (policy = cmdh_back_off(cmdh_policy(), d->ec, d->attempts, &random)) >= 0)
        pause = policy + arc4random_uniform((uint32_t)random + 1);
    if (clock_now_ms() + pause >= d->et)
        finish(d, d->result.len > 0 ? "untold" : "expired");
    else
        loop_timer_start(d->timer, pause, 0);
}

static void notify(struct deferred *d, const char *id, const char *to, struct slice content, subrequest_done_fn *done)
{
    struct request req;

    request_init(&req);
    req.id = id;
    req.rqi = id;
    req.tenant = d->tenant;
    req.identity = (struct slice){"{\"by\":\"cse\"}", 12};
    req.op = OP_NOTIFY;
    req.to = to;
    req.fr = cse_id();
    req.rvi = "3";
    req.pc = content;
    req.again = d->begun;
    subrequest_run(&req, done, d);
}

/* ---- telling ---- */

static void tell_next(struct deferred *d);

/* A target that says no has been told. */
static void on_told(void *context, int rsc, struct slice content)
{
    struct deferred *d = context;

    (void)content;
    if (rsc == RSC_TARGET_NOT_REACHABLE || rsc == RSC_REQUEST_TIMEOUT) {
        retry(d);
        return;
    }
    json_array_remove(d->tell, 0);
    tell_next(d);
}

static void tell_next(struct deferred *d)
{
    const char *to = json_string_value(json_array_get(d->tell, 0));
    auto_free char *id = to ? xasprintf("%s/told/%d", d->ri, (int)json_array_size(d->tell)) : NULL;
    auto_free char *target = to ? xstrdup(to) : NULL;

    if (to)
        notify(d, id, target, (struct slice){d->result.data, d->result.len}, on_told);
    else
        finish(d, "done");
}

/* ---- carrying out ---- */

static void on_carried_out(void *context, int rsc, struct slice content)
{
    struct deferred *d = context;

    if (rsc == RSC_OK) {
        str_add(&d->result, content.p, content.n);
        d->attempts = 0;
        tell_next(d);
    } else if (rsc == RSC_NOT_FOUND) {
        finish(d, "recalled");
    } else {
        retry(d);
    }
}

static void carry_out(struct deferred *d)
{
    auto_free char *id = xasprintf("%s/carried", d->ri);

    notify(d, id, d->ri, (struct slice){"{\"m2m:req\":{}}", 14}, on_carried_out);
}

/* ---- passing on in a <delivery> ---- */

/* It is somebody else's now: FORWARDED. */
static void on_noted(void *context, int rsc, struct slice content)
{
    struct deferred *d = context;

    (void)content;
    if (rsc == RSC_OK || rsc == RSC_NOT_FOUND)
        finish(d, "delivered");
    else
        retry(d);
}

static void note_passed(struct deferred *d)
{
    static const char content[] = "{\"m2m:req\":{\"rs\":4}}";
    auto_free char *id = xasprintf("%s/forwarded", d->ri);

    notify(d, id, d->ri, (struct slice){content, sizeof content - 1}, on_noted);
}

static void on_delivered(void *context, enum aggregate_result result)
{
    struct deferred *d = context;

    switch (result) {
    case AGGREGATE_PASSED:
        d->passed = true;
        d->attempts = 0;
        note_passed(d);
        break;
    case AGGREGATE_LATER:
        retry(d);
        break;
    case AGGREGATE_REFUSED: /* that CSE takes no <delivery>: one by one */
        json_decref(d->a);
        d->a = NULL;
        carry_out(d);
        break;
    }
}

/* ---- waiting ---- */

static void go(struct deferred *d)
{
    if (d->cse && (d->attempts > 0 || backlog_waits(d->ec)))
        backlog_release(d->ec);
    if (d->held)
        backlog_remove(d->ec, d->size);
    d->held = 0;
    if (d->a && d->rqet > clock_now_ms())
        aggregate_add(d->tenant, d->cse, d->ec, d->a, d->et, on_delivered, d);
    else
        carry_out(d);
}

static void republish(struct deferred *d);

static void hold(struct deferred *d, int64_t now)
{
    if (!d->held) {
        backlog_add(d->ec, d->size);
        d->held = now;
    }
    if (now - d->held < HOLD_CLOSED_MS) {
        loop_timer_start(d->timer, LOOK_MS, 0);
        return;
    }
    backlog_remove(d->ec, d->size);
    d->held = 0;
    republish(d);
}

/* Now, or when it may leave for the CSE that it is for. One whose time is over fails. */
static void attempt(struct deferred *d)
{
    int64_t now = clock_now_ms();
    size_t volume = d->attempts > 0 ? BACKLOG_ALL : backlog_volume(d->ec) + (d->held ? 0 : d->size);

    if (d->cse && d->rqet > now && (!cmdh_known() || !cmdh_may_send(cmdh_policy(), d->ec, now, volume)))
        hold(d, now);
    else
        go(d);
}

/* There is no copy, as far as is known. */
static void keep_holding(struct deferred *d)
{
    if (!table_find(&all, d->ri))
        table_insert(&all, &d->entry);
    loop_timer_start(d->timer, RETRY_MS, 0);
}

static void on_republished(void *context, bool failed)
{
    struct deferred *d = context;

    if (failed)
        keep_holding(d);
    else
        finish(d, "held");
}

/* The broker does not leave an event unacknowledged for ever: a copy takes its place. It may be here before it is confirmed. */
static void republish(struct deferred *d)
{
    const struct envelope *e = &d->delivery->envelope;
    auto_str struct str text = STR_EMPTY;
    auto_free char *key = xasprintf("%s.req.create.later", d->tenant);

    if (table_find(&all, d->ri) == &d->entry)
        table_remove(&all, &d->entry);
    str_puts(&text, "{\"id\":");
    str_json(&text, d->delivery->id);
    head_str(&text, "tenant", d->tenant);
    head_str(&text, "event", "resource");
    head_int(&text, "op", OP_CREATE);
    head_int(&text, "ty", TY_REQUEST);
    head_str(&text, "ri", d->ri);
    if (d->begun)
        head_bool(&text, "again", true);
    str_puts(&text, "}\n");
    str_add(&text, e->body, e->body_len);
    str_putc(&text, '\n');
    if (bus_event(key, text.data, text.len, on_republished, d) < 0)
        keep_holding(d);
}

static void on_timer(void *context)
{
    struct deferred *d = context;

    if (d->result.len > 0)
        tell_next(d);
    else if (d->passed)
        note_passed(d);
    else if (d->oet > clock_now_ms())
        republish(d);
    else
        attempt(d);
}

/* ---- reading ---- */

static int64_t time_of(const json_t *object, const char *name, int64_t otherwise)
{
    const char *text = json_str(object, name);
    int64_t ms;

    return text && clock_parse(text, &ms) == 0 ? ms : otherwise;
}

/* Whom to tell: the targets named, or the originator if none are. */
static json_t *targets(const json_t *a)
{
    const json_t *rt = json_object_get(json_object_get(a, "mi"), "rt");
    json_t *nu = json_object_get(rt, "nu");

    if (json_int(rt, "rtv", 0) != ASYNCH)
        return json_array();
    return nu ? json_copy(nu) : json_pack("[O]", json_object_get(a, "org"));
}

/* Where it leads to, and how it may go there. */
static void read_way(struct deferred *d, const json_t *a)
{
    const json_t *mi = json_object_get(a, "mi"), *content = json_object_get(a, "pc");
    struct address address;
    char why[64];

    d->ec = (int)json_int(mi, "ec", ABSENT);
    d->rqet = time_of(mi, "rqet", INT64_MAX);
    if (content) {
        auto_str struct str text = STR_EMPTY;

        json_write(&text, content);
        d->size = text.len;
    }
    if (!json_str(a, "tg") || address_parse(&address, json_str(a, "tg"), why, sizeof why) < 0)
        return;
    if (!address.hosted)
        d->cse = xstrdup(address.cse);
    if (d->cse && json_is_true(json_object_get(mi, "da")))
        d->a = json_incref((json_t *)a);
    address_done(&address);
}

static struct deferred *read_event(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    json_auto_t *body = json_loadb(e->body, e->body_len, 0, NULL);
    const json_t *a = json_object_get(json_object_get(body, "rep"), "m2m:req");
    const char *tenant = envelope_str(e, "tenant");
    struct deferred *d;

    if (!json_str(a, "ri") || !tenant)
        return NULL;
    d = xcalloc(1, sizeof(*d));
    d->delivery = delivery;
    d->begun = delivery->again || envelope_bool(e, "again", false);
    d->tenant = xstrdup(tenant);
    d->ri = xstrdup(json_str(a, "ri"));
    d->entry.key = d->ri;
    d->tell = targets(a);
    d->oet = time_of(json_object_get(a, "mi"), "oet", 0);
    d->et = time_of(a, "et", INT64_MAX);
    d->timer = loop_timer_new(on_timer, d);
    read_way(d, a);
    return d;
}

/* An event may come twice (docs/contracts.md): what is under way is not begun again. Frees `d` then. */
static bool is_held(struct deferred *d)
{
    struct deferred *first = (struct deferred *)table_find(&all, d->ri);
    struct again *again;

    if (!first)
        return false;
    again = xmalloc(sizeof *again);
    *again = (struct again){first->more, d->delivery};
    first->more = again;
    deferred_free(d);
    return true;
}

void deferred_handle(struct bus_delivery *delivery)
{
    struct deferred *d = read_event(delivery);
    int64_t wait;

    if (!d) {
        bus_reject(delivery);
        return;
    }
    if (is_held(d))
        return;
    table_insert(&all, &d->entry);
    wait = d->oet - clock_now_ms();
    if (wait <= 0)
        attempt(d);
    else
        loop_timer_start(d->timer, wait < HOLD_MAX_MS ? wait + 1 : HOLD_MAX_MS, 0);
}
