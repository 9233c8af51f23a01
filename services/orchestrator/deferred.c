#include "deferred.h"

#include "address.h"
#include "aggregate.h"
#include "backlog.h"
#include "clock.h"
#include "cmdh.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "primitive.h"
#include "siblings.h"
#include "store.h"
#include "subrequest.h"
#include "table.h"

enum {
    TY_REQUEST = 17,
    RETRY_MS = 500, /* doubled with each attempt */
    RETRY_MAX_MS = 30000,
    LOOK_MS = 500,         /* while it may not leave for another CSE */
    HELD_MAX = 256,        /* of those in this process; others wait in storage, so that new ones get their turn */
    HOLD_MAX_MS = 600000,  /* an unacknowledged event; the broker's limit is half an hour */
    HOLD_PAUSE_MS = 10000, /* in storage, and up to as much again */
    PARK_MS = 2000,        /* what waits longer than this waits in storage */
    AHEAD_MS = 1000,       /* and comes back so long before: time enough to ask the siblings */
    COMMIT_MS = 5000,
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
    int64_t oet; /* not before; 0 = at once */
    int64_t et;  /* no longer than */
    struct loop_timer *timer;
    int attempts;
    unsigned era; /* of the connection that its event, or the latest copy of it, came over */
    bool begun;   /* perhaps carried out already, by this instance or by one that was killed: its changes may be there */
    bool asks;    /* others may have it: not before they are asked */
    int64_t park; /* it is to wait in storage until then; 0: here */
    struct store_call call;

    char *cse;    /* that it is for, NULL: this one */
    json_t *a;    /* attributes of the <request>, of one to be aggregated, else NULL */
    int64_t rqet; /* INT64_MAX: none */
    int64_t held; /* since when it has waited for the network, 0: it does not */
    int ec;
    size_t size; /* bytes of its content */
    bool passed; /* to the other CSE in a <delivery> */
};

static struct table all;
static size_t held;  /* that may not leave for another CSE now */
static unsigned era; /* grows with each connection to the broker that is lost */

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
    json_decref(d->a);
    free(d->cse);
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

/* ---- waiting in storage ---- */

static void park(struct deferred *d, int64_t at);

static void on_parked(void *context, const struct store_reply *reply)
{
    struct deferred *d = context;

    if (reply->st == STORE_OK)
        finish(d, "parked");
    else if (reply->st == STORE_NONE)
        finish(d, "recalled");
    else
        loop_timer_start(d->timer, RETRY_MS, 0);
}

/*
 * It is kept with the <request> when it is due, and `timing` hears of it: that has it come back, in an event of its own. Until
 * then it costs nothing here; the event is acknowledged.
 */
static void park(struct deferred *d, int64_t at)
{
    json_auto_t *due = json_pack("{sI si sb}", "at", (json_int_t)at, "tries", d->attempts, "again", d->begun);
    json_auto_t *ops = json_pack("[{ss ss ss sO} {ss ss ss s[] s{sO}}]", "op", "keep", "ri", d->ri, "name", "due", "value", due,
                                 "op", "report", "ri", d->ri, "event", "armed", "to", "rep", "due", due);
    int64_t now = clock_now_ms();
    struct request req;
    char id[ID_SIZE];

    id_random("park", id);
    request_init(&req);
    req.id = req.rqi = id;
    d->park = at;
    d->call = (struct store_call){.done = on_parked, .context = d, .tenant = d->tenant, .deadline = now + COMMIT_MS};
    if (store_commit(&d->call, &req, cse_id(), ops, now, NULL) < 0)
        loop_timer_start(d->timer, RETRY_MS, 0);
}

/* Later again, as long as its result is wanted. */
static void retry(struct deferred *d)
{
    int64_t pause = (int64_t)RETRY_MS << (d->attempts < 6 ? d->attempts : 6), now = clock_now_ms();
    int64_t random = 0, policy;

    d->attempts++;
    d->begun = true;
    if (pause > RETRY_MAX_MS)
        pause = RETRY_MAX_MS;
    if (d->cse && (policy = cmdh_back_off(cmdh_policy(), d->ec, d->attempts, &random)) >= 0)
        pause = policy + arc4random_uniform((uint32_t)random + 1);
    if (now + pause >= d->et)
        finish(d, "expired");
    else if (pause > PARK_MS && !d->passed)
        park(d, now + pause - AHEAD_MS);
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

/* ---- carrying out ---- */

static void on_carried_out(void *context, int rsc, struct slice content)
{
    struct deferred *d = context;

    (void)content;
    if (rsc == RSC_OK)
        finish(d, "done"); /* `notification` hears of the result, and tells it */
    else if (rsc == RSC_NOT_FOUND)
        finish(d, "recalled");
    else
        retry(d);
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

/* ---- waiting here ---- */

static void let_go(struct deferred *d)
{
    if (!d->held)
        return;
    backlog_remove(d->ec, d->size);
    d->held = 0;
    held--;
}

static void go(struct deferred *d)
{
    if (d->cse && (d->attempts > 0 || backlog_waits(d->ec)))
        backlog_release(d->ec);
    let_go(d);
    if (d->a && d->rqet > clock_now_ms())
        aggregate_add(d->tenant, d->cse, d->ec, d->a, d->et, on_delivered, d);
    else
        carry_out(d);
}

static void hold(struct deferred *d, int64_t now)
{
    if (!d->held && held < HELD_MAX) {
        backlog_add(d->ec, d->size);
        d->held = now;
        held++;
    }
    if (d->held && now - d->held < HOLD_MAX_MS) {
        loop_timer_start(d->timer, LOOK_MS, 0);
        return;
    }
    let_go(d);
    park(d, now + HOLD_PAUSE_MS + arc4random_uniform(HOLD_PAUSE_MS));
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

static void begin(struct deferred *d)
{
    int64_t wait = d->oet - clock_now_ms();

    if (wait > PARK_MS)
        park(d, d->oet - AHEAD_MS);
    else if (wait > 0)
        loop_timer_start(d->timer, wait + 1, 0);
    else
        attempt(d);
}

/* ---- others who may have it ---- */

static void on_asked(void *context, enum sibling_answer answer)
{
    struct deferred *d = context;

    switch (answer) {
    case SIBLINGS_HOLD:
        finish(d, "elsewhere");
        break;
    case SIBLINGS_PERHAPS:
        loop_timer_start(d->timer, RETRY_MS, 0);
        break;
    case SIBLINGS_NONE:
        d->asks = false;
        begin(d);
        break;
    }
}

static void ask(struct deferred *d)
{
    if (siblings_ask(d->tenant, d->ri, on_asked, d) < 0)
        loop_timer_start(d->timer, RETRY_MS, 0);
}

static enum sibling_state state_of(const char *ri)
{
    const struct deferred *d = (const struct deferred *)table_find(&all, ri);

    if (!d)
        return SIBLING_FREE;
    if (d->asks)
        return SIBLING_ASKING;
    return d->era == era ? SIBLING_HELD : SIBLING_LOOSE;
}

static void on_bus_state(bool up)
{
    era += !up;
}

static void on_timer(void *context)
{
    struct deferred *d = context;

    if (d->asks)
        ask(d);
    else if (d->park)
        park(d, d->park);
    else if (d->passed)
        note_passed(d);
    else
        begin(d);
}

/* ---- reading ---- */

static int64_t time_of(const json_t *object, const char *name, int64_t otherwise)
{
    const char *text = json_str(object, name);
    int64_t ms;

    return text && clock_parse(text, &ms) == 0 ? ms : otherwise;
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

/* It has waited in storage: its first event may still be somewhere. */
static bool is_due(const struct envelope *e)
{
    const char *event = envelope_str(e, "event");

    return event && strcmp(event, "due") == 0;
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
    d->attempts = (int)json_int(json_object_get(body, "rep"), "tries", 0);
    d->begun = delivery->again || envelope_bool(e, "again", false) ||
               json_is_true(json_object_get(json_object_get(body, "rep"), "again"));
    d->asks = d->begun || is_due(e);
    d->era = era;
    d->tenant = xstrdup(tenant);
    d->ri = xstrdup(json_str(a, "ri"));
    d->entry.key = d->ri;
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
    first->era = d->era;
    deferred_free(d);
    return true;
}

void deferred_handle(struct bus_delivery *delivery)
{
    struct deferred *d = read_event(delivery);

    if (!d) {
        bus_reject(delivery);
        return;
    }
    if (is_held(d))
        return;
    if (siblings_wanted(d->ri)) {
        finish(d, "elsewhere");
        return;
    }
    table_insert(&all, &d->entry);
    if (d->asks)
        ask(d);
    else
        begin(d);
}

void deferred_start(void)
{
    bus_on_state(on_bus_state);
    siblings_start(state_of);
}
