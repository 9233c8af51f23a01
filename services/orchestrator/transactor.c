#include "transactor.h"

#include "clock.h"
#include "cse.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "subrequest.h"
#include "transaction.h"

enum {
    HOLD_MAX_MS = 600000, /* an unacknowledged event; the broker's limit is half an hour */
    GIVE_UP_MS = 1200000, /* of cleaning up behind one that is gone: what is left expires by itself */
    RETRY_MS = 200,       /* doubled with each attempt, and a bit more or less so that two do not go on in step */
    RETRY_MAX_MS = 10000,
};

static struct metric outcomes =
    METRIC_COUNTER("tessera_transactions_total", "Events of transactions by what became of them", "result");

/* One resource whose event this instance holds. */
struct drive {
    struct drive *next;
    struct bus_delivery *delivery;
    char *tenant, *ri, *creator;
    int ty;
    json_t *left; /* of one that is gone: addresses of its <transaction>s that are still there; else NULL */
    struct loop_timer *timer;
    int64_t since;
    int64_t wake; /* ms; 0: not known */
    int tries;
    bool busy;   /* a request is under way */
    bool poked;  /* it has changed meanwhile */
    bool sends;  /* the next of `left` is sent `control` before it is deleted */
    int control; /* the commit if that was decided, else ABORT */
};

static struct drive *drives;

static void go_on(struct drive *d);

static struct drive *find(const char *tenant, const char *ri)
{
    struct drive *d = drives;

    while (d && (d->left || strcmp(d->ri, ri) != 0 || strcmp(d->tenant, tenant) != 0))
        d = d->next;
    return d;
}

static void finish(struct drive *d, const char *result)
{
    struct drive **link = &drives;

    while (*link != d)
        link = &(*link)->next;
    *link = d->next;
    metric_add(&outcomes, 1, result);
    log_debug("transaction.done", "ri=%s result=%s", d->ri, result);
    bus_done(d->delivery);
    loop_timer_free(d->timer);
    json_decref(d->left);
    free(d->tenant);
    free(d->ri);
    free(d->creator);
    free(d);
}

static void pause_before_retry(struct drive *d)
{
    int64_t pause = (int64_t)RETRY_MS << (d->tries < 6 ? d->tries : 6);

    d->tries++;
    pause += clock_mono_us() % (pause / 2);
    loop_timer_start(d->timer, pause < RETRY_MAX_MS ? pause : RETRY_MAX_MS, 0);
}

static void send_request(struct drive *d, int op, const char *to, const char *fr, const char *content, subrequest_done_fn *done)
{
    static unsigned number;
    auto_free char *id = xasprintf("%s/step/%lld/%u", d->ri, (long long)clock_now_ms(), ++number);
    struct request req;

    request_init(&req);
    req.id = req.rqi = id;
    req.tenant = d->tenant;
    req.identity = (struct slice){"{\"by\":\"cse\"}", 12};
    req.op = op;
    req.to = to;
    req.fr = fr;
    req.rvi = "3";
    req.pc = (struct slice){content, strlen(content)};
    d->busy = true;
    subrequest_run(&req, done, d);
}

static bool is_passing(int rsc)
{
    return rsc == RSC_TARGET_NOT_REACHABLE || rsc == RSC_REQUEST_TIMEOUT || rsc == RSC_INTERNAL_SERVER_ERROR ||
           rsc == RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE;
}

/* ---- leading on ---- */

static void on_republished(void *context, bool failed)
{
    struct drive *d = context;

    d->busy = false;
    if (failed)
        pause_before_retry(d);
    else
        finish(d, "held");
}

/* The broker does not leave an event unacknowledged for ever: another one takes its place. */
static void republish(struct drive *d)
{
    const struct envelope *e = &d->delivery->envelope;
    auto_str struct str text = STR_EMPTY;
    auto_free char *key = xasprintf("%s.%s.create.later", d->tenant, d->ty == TY_TRANSACTION ? "trac" : "tram");

    str_puts(&text, "{\"id\":");
    str_json(&text, d->delivery->id);
    head_str(&text, "tenant", d->tenant);
    head_str(&text, "event", "resource");
    head_int(&text, "op", OP_CREATE);
    head_int(&text, "ty", d->ty);
    head_str(&text, "ri", d->ri);
    str_puts(&text, "}\n");
    str_add(&text, e->body, e->body_len);
    str_putc(&text, '\n');
    d->busy = true;
    if (bus_event(key, text.data, text.len, on_republished, d) < 0) {
        d->busy = false;
        pause_before_retry(d);
    }
}

static void sleep_until(struct drive *d, int64_t wake)
{
    int64_t wait = wake - clock_now_ms();

    d->tries = 0;
    d->wake = wake;
    loop_timer_start(d->timer, wait > HOLD_MAX_MS ? HOLD_MAX_MS : wait > 0 ? wait + 1 : 1, 0);
}

static void on_step(void *context, int rsc, struct slice content)
{
    struct drive *d = context;
    json_auto_t *root = rsc == RSC_OK ? json_loadb(content.p, content.n, 0, NULL) : NULL;
    const json_t *what = json_object_get(root, "m2m:tram");
    int64_t wake = json_int(what, "wake", 0);
    bool poked = d->poked;

    d->busy = d->poked = false;
    if (is_passing(rsc) || json_is_true(json_object_get(what, "retry"))) {
        pause_before_retry(d);
    } else if (!what) {
        finish(d, rsc == RSC_NOT_FOUND ? "gone" : "refused");
    } else if (wake > 0 || poked) {
        sleep_until(d, poked ? 0 : wake);
    } else {
        finish(d, "done");
    }
}

static void take_step(struct drive *d)
{
    auto_free char *content = xasprintf("{\"m2m:tram\":{\"tries\":%d}}", d->tries);

    d->wake = 0;
    send_request(d, OP_NOTIFY, d->ri, cse_id(), content, on_step);
}

/* ---- cleaning up ---- */

static void on_removed(void *context, int rsc, struct slice content)
{
    struct drive *d = context;
    bool sent = d->sends, tells = rsc == RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE && !sent;

    (void)content;
    d->busy = false;
    if (!tells && is_passing(rsc) && clock_mono_us() / 1000 - d->since < GIVE_UP_MS) {
        pause_before_retry(d);
        return;
    }
    d->sends = tells;
    if (!tells && !sent) {
        json_array_remove(d->left, 0);
        d->sends = d->control == CONTROL_COMMIT;
        d->tries = 0;
    }
    go_on(d);
}

/* Here by the CSE itself: its creator may be gone, too. */
static void remove_next(struct drive *d)
{
    auto_free char *to = NULL, *content = xasprintf("{\"m2m:trac\":{\"tctl\":%d}}", d->control);
    const char *fr;

    if (json_array_size(d->left) == 0) {
        finish(d, "removed");
        return;
    }
    to = xstrdup(json_string_value(json_array_get(d->left, 0)));
    fr = to[0] == '/' ? d->creator : cse_id();
    if (d->sends)
        send_request(d, OP_UPDATE, to, fr, content, on_removed);
    else
        send_request(d, OP_DELETE, to, fr, "", on_removed);
}

static void go_on(struct drive *d)
{
    if (d->left)
        remove_next(d);
    else if (d->wake > clock_now_ms())
        republish(d);
    else
        take_step(d);
}

static void on_timer(void *context)
{
    go_on(context);
}

/* ---- reading ---- */

/* Where the <transaction>s of a <transactionMgmt> are. */
static json_t *addresses(const json_t *a)
{
    const json_t *list = json_object_get(json_object_get(a, "rsps"), "m2m:rsp");
    json_t *found = json_array();

    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_str(json_array_get(list, i), "fr"))
            json_array_append(found, json_object_get(json_array_get(list, i), "fr"));
    return found;
}

/* A <transaction> is led by its <transactionMgmt>, or whoever made it, unless it has times. */
static bool is_ours(int ty, const json_t *a)
{
    return ty == TY_TRANSACTION_MGMT || json_str(a, "tltm") || json_str(a, "text") || json_str(a, "tct");
}

static struct drive *read_event(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    int ty = (int)envelope_int(e, "ty", 0), op = (int)envelope_int(e, "op", 0);
    json_auto_t *body = json_loadb(e->body, e->body_len, 0, NULL);
    const json_t *a = json_object_get(json_object_get(body, "rep"), ty == TY_TRANSACTION ? "m2m:trac" : "m2m:tram");
    const char *tenant = envelope_str(e, "tenant"),
               *creator = json_str(json_array_get(json_object_get(json_object_get(a, "rqps"), "req"), 0), "fr");
    struct drive *d;

    if (!tenant || !json_str(a, "ri") || !is_ours(ty, a) || (op == OP_DELETE && (ty == TY_TRANSACTION || !creator)))
        return NULL;
    d = xcalloc(1, sizeof(*d));
    d->delivery = delivery;
    d->tenant = xstrdup(tenant);
    d->ri = xstrdup(json_str(a, "ri"));
    d->creator = xstrdup(creator ? creator : "");
    d->ty = ty;
    d->left = op == OP_DELETE ? addresses(a) : NULL;
    d->sends = json_int(a, "trst", 0) == STATE_EXECUTED && json_int(a, "tctl", 0) == CONTROL_COMMIT;
    d->control = d->sends ? CONTROL_COMMIT : CONTROL_ABORT;
    d->timer = loop_timer_new(on_timer, d);
    d->since = clock_mono_us() / 1000;
    return d;
}

/* Who leads it on already is told; its own event is still there. */
void transactor_handle(struct bus_delivery *delivery)
{
    struct drive *d = read_event(delivery), *other;

    if (!d) {
        bus_done(delivery);
        return;
    }
    other = d->left ? NULL : find(d->tenant, d->ri);
    d->next = drives;
    drives = d;
    if (!other) {
        go_on(d);
        return;
    }
    other->poked = true;
    if (!other->busy)
        loop_timer_start(other->timer, 1, 0);
    if (!other->busy)
        other->wake = 0;
    finish(d, "joined");
}
