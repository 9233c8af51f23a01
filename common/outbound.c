#include "outbound.h"

#include "clock.h"
#include "log.h"
#include "loop.h"
#include "mem.h"

enum {
    WAY_BACK_MS = 50, /* of the deadline, for the reply of a request that is passed on */
    SWEEP_MS = 50,    /* how late the end of an attempt may be noticed */
};

static const struct outbound_binding *binding;
static struct outbound_limits limits;
static struct lanes *lanes;
static struct outbound *active; /* sent and not ended */
static struct table by_key;     /* of those, if the binding wants it */
static struct loop_timer *sweep;
static bool sweeping;

bool outbound_for_url(const struct request *req)
{
    return req->op == OP_NOTIFY && (!req->to || *req->to != '/');
}

/* ---- the reply on the bus ---- */

static void reply(struct outbound *o, const char *st, const struct response *rsp, const char *why)
{
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "st", st);
    if (why && str_clean(why, strlen(why)))
        head_str(&head, "why", why);
    if (o->sent)
        head_bool(&head, "sent", true);
    response_encode(&head, rsp);
    metric_add(&binding->metrics->results, 1, st);
    bus_reply(o->delivery, &head, rsp->pc.n > 0 ? rsp->pc.p : "", rsp->pc.n);
}

/* Nothing came back, or nothing was sent; `rsc` may be ABSENT. */
static void reply_bare(struct outbound *o, const char *st, int rsc, const char *why)
{
    struct response rsp;

    response_init(&rsp);
    rsp.rsc = rsc;
    reply(o, st, &rsp, why);
}

static void release(struct outbound *o)
{
    if (binding->release)
        binding->release(o);
    target_done(&o->target);
    free(o->key);
    free(o);
}

/* ---- those that are out ---- */

static char *key_of(const char *target, size_t len, const char *rqi)
{
    return xasprintf("%.*s %s", (int)len, target, rqi);
}

struct outbound *outbound_find(const char *target, size_t target_len, const char *rqi)
{
    auto_free char *key = key_of(target, target_len, rqi);
    struct table_entry *entry = table_find(&by_key, key);

    return entry ? (struct outbound *)(void *)((char *)entry - offsetof(struct outbound, entry)) : NULL;
}

static void link_active(struct outbound *o)
{
    o->prev = NULL;
    o->next = active;
    if (active)
        active->prev = o;
    active = o;
    if (binding->by_rqi && o->req.rqi) {
        o->key = key_of(str_text(&o->target.url), o->target.host, o->req.rqi);
        o->entry.key = o->key;
        table_insert(&by_key, &o->entry);
    }
    if (binding->expire && !sweeping) {
        sweeping = true;
        loop_timer_start(sweep, SWEEP_MS, SWEEP_MS);
    }
}

static void unlink_active(struct outbound *o)
{
    if (o->next)
        o->next->prev = o->prev;
    *(o->prev ? &o->prev->next : &active) = o->next;
    if (o->key)
        table_remove(&by_key, &o->entry);
}

static struct outbound *first_due(int64_t now)
{
    struct outbound *o = active;

    while (o && o->deadline > now)
        o = o->next;
    return o;
}

static void on_sweep(void *context)
{
    int64_t now = clock_now_ms();
    struct outbound *o;

    (void)context;
    while ((o = first_due(now))) {
        o->deadline = INT64_MAX; /* told once */
        binding->expire(o);
    }
    if (active)
        return;
    sweeping = false;
    loop_timer_stop(sweep);
}

/* ---- coming and going ---- */

static void pump(void);

/* Ends a started request and whatever its failure takes with it. */
static void finish(struct outbound *o, const char *st, const struct response *rsp, const char *why)
{
    bool failed = strcmp(st, "ok") != 0;
    struct job *rest = lanes_end(lanes, &o->job, failed && o->ordered);

    if (failed)
        log_debug("egress.failed", "url=%s st=%s rsc=%d why=%s rqi=%s", str_text(&o->target.url), st, rsp->rsc, why ? why : "",
                  o->req.rqi);
    metric_observe(&binding->metrics->seconds, (double)(clock_mono_us() - o->started) / 1e6, NULL);
    unlink_active(o);
    reply(o, st, rsp, why);
    release(o);
    while (rest) {
        struct outbound *next = (struct outbound *)rest;

        rest = rest->next;
        reply_bare(next, "unreachable", ABSENT, "not tried: the one before it in its lane failed");
        release(next);
    }
}

void outbound_answered(struct outbound *o, const struct response *rsp, const char *st, const char *why)
{
    if (!st)
        st = rsc_is_success(rsp->rsc) ? "ok" : rsp->rsc == RSC_TARGET_NOT_REACHABLE ? "unreachable" : "refused";
    finish(o, st, rsp, why);
    pump();
}

static void end_bare(struct outbound *o, const char *st, int rsc, const char *why)
{
    struct response rsp;

    response_init(&rsp);
    rsp.rsc = rsc;
    finish(o, st, &rsp, why);
}

void outbound_failed(struct outbound *o, const char *why)
{
    end_bare(o, "unreachable", ABSENT, why);
    pump();
}

void outbound_refused(struct outbound *o, int rsc, const char *why)
{
    end_bare(o, "refused", rsc, why);
    pump();
}

void outbound_lost(const char *target, size_t len, const char *why)
{
    struct outbound *o = active, *next;

    for (; o; o = next) {
        next = o->next;
        if (o->target.host == len && memcmp(str_text(&o->target.url), target, len) == 0)
            end_bare(o, "unreachable", ABSENT, why);
    }
    pump();
}

/*
 * ms that it may take. A notification has its own bound; what is passed on has the time that its originator gives it, less
 * the way back.
 */
static int64_t time_left(const struct outbound *o)
{
    int64_t left = envelope_int(&o->delivery->envelope, "deadline", INT64_MAX) - clock_now_ms();

    if (o->req.op == OP_NOTIFY)
        return left < limits.timeout ? left : limits.timeout;
    return left > 2 * WAY_BACK_MS ? left - WAY_BACK_MS : left;
}

static void start(struct outbound *o)
{
    int64_t left = time_left(o);

    o->started = clock_mono_us();
    o->deadline = clock_now_ms() + left;
    link_active(o);
    if (left <= 0)
        end_bare(o, "unreachable", ABSENT, "its deadline passed before its turn came");
    else if (binding->send(o, left) < 0)
        end_bare(o, "unreachable", ABSENT, o->why[0] ? o->why : "it could not be sent");
}

/* Not from inside itself: a send() that ends at once others may call for more. */
static void pump(void)
{
    static bool pumping;
    struct job *job;

    if (pumping)
        return;
    pumping = true;
    while ((job = lanes_start(lanes)))
        start((struct outbound *)job);
    pumping = false;
}

/* "ws:Cae" is no URL. */
static bool is_connection(const char *url)
{
    size_t n = binding->connection ? strlen(binding->connection) : 0;

    return n > 0 && strncmp(url, binding->connection, n) == 0 && url[n] != '/';
}

static int parse_target(struct outbound *o, const char *url, char *why, size_t why_size)
{
    if (!is_connection(url))
        return target_parse(&o->target, url, binding->schemes, why, why_size);
    o->target.scheme = strlen(binding->connection);
    o->target.host = strlen(url);
    str_puts(&o->target.url, url);
    return 0;
}

/* 0, or -1 with `why`: it cannot be sent. */
static int prepare(struct outbound *o, char *why, size_t why_size)
{
    const struct envelope *e = &o->delivery->envelope;
    const char *url = envelope_str(e, "url");

    if (request_decode(&o->req, e, why, why_size) < 0)
        return -1;
    if (!url) {
        snprintf(why, why_size, "no url");
        return -1;
    }
    if (parse_target(o, url, why, why_size) < 0)
        return -1;
    o->serialization = target_serialization(&o->target, envelope_raw(e, "csz"));
    return binding->prepare ? binding->prepare(o, why, why_size) : 0;
}

/*
 * Without a lane it waits for nobody, but, where an answer is found by its rqi, for those with the same. What is for another
 * CSE does not wait behind notifications to the same place either.
 */
static void add(struct outbound *o)
{
    const char *lane = envelope_str(&o->delivery->envelope, "lane");
    auto_free char *same = binding->by_rqi && o->req.rqi ? xasprintf("rqi %s", o->req.rqi) : NULL;

    o->ordered = lane && *lane;
    if (!o->ordered)
        lane = same ? same : o->delivery->id;
    lanes_add(lanes, &o->job, lane, strlen(lane), str_text(&o->target.url), o->target.host,
              outbound_for_url(&o->req) ? limits.per_target : limits.per_cse);
}

void outbound_handle(struct bus_delivery *delivery)
{
    struct outbound *o = xcalloc(1, binding->size);
    char why[160] = "";

    o->delivery = delivery;
    if (prepare(o, why, sizeof why) < 0) {
        reply_bare(o, "refused", RSC_BAD_REQUEST, why);
        release(o);
        return;
    }
    add(o);
    pump();
}

/* ---- life ---- */

static void on_render(void)
{
    metric_set(&binding->metrics->waiting, lanes_waiting(lanes), NULL);
}

void outbound_start(const struct outbound_binding *given, const struct outbound_limits *bounds)
{
    binding = given;
    limits = *bounds;
    lanes = lanes_new(limits.total);
    sweep = loop_timer_new(on_sweep, NULL);
    metrics_on_render(on_render);
}

bool outbound_idle(void)
{
    return !lanes || (lanes_active(lanes) == 0 && lanes_waiting(lanes) == 0); /* a process may be told to stop while it starts */
}

void outbound_stop(void)
{
    if (!lanes || !outbound_idle())
        return;
    lanes_free(lanes);
    lanes = NULL;
    loop_timer_free(sweep);
    free(by_key.slots);
    by_key = (struct table){0};
}
