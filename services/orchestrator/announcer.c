#include "announcer.h"

#include "announce.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "subrequest.h"

enum {
    RETRY_MS = 500, /* doubled with each attempt */
    RETRY_MAX_MS = 30000,
    HOLD_MAX_MS = 1200000, /* an unacknowledged event; the broker's limit is half an hour */
};

static struct metric outcomes = METRIC_COUNTER("tessera_announced_total", "Changes sent on to announced resources", "result");

/* One event. Those about one resource are worked on one after the other. */
struct change {
    struct change *next; /* all of them, oldest first */
    struct bus_delivery *delivery;
    char *tenant, *ri;
    json_t *to;  /* addresses of copies that have not been told yet */
    json_t *mod; /* names of what has changed; NULL for a deletion */
    struct str content;
    struct loop_timer *timer;
    int64_t since;
    int attempts;
};

static struct change *changes;

static void begin(struct change *c);

static bool is_first(const struct change *c)
{
    for (const struct change *other = changes; other != c; other = other->next)
        if (strcmp(other->ri, c->ri) == 0)
            return false;
    return true;
}

static void begin_next(const char *ri)
{
    for (struct change *c = changes; c; c = c->next) {
        if (strcmp(c->ri, ri) == 0) {
            begin(c);
            return;
        }
    }
}

static void finish(struct change *c, const char *result)
{
    struct change **link = &changes;
    auto_free char *ri = c->ri;

    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    metric_add(&outcomes, 1, result);
    bus_done(c->delivery);
    loop_timer_free(c->timer);
    json_decref(c->to);
    json_decref(c->mod);
    str_done(&c->content);
    free(c->tenant);
    free(c);
    begin_next(ri);
}

static void retry(struct change *c)
{
    int64_t now = clock_mono_us() / 1000, pause = (int64_t)RETRY_MS << (c->attempts < 6 ? c->attempts : 6);

    c->attempts++;
    if (pause > RETRY_MAX_MS)
        pause = RETRY_MAX_MS;
    if (now + pause - c->since < HOLD_MAX_MS) {
        loop_timer_start(c->timer, pause, 0);
        return;
    }
    log_warn("announcement.given_up", "ri=%s copy=%s", c->ri, json_string_value(json_array_get(c->to, 0)));
    finish(c, "given_up");
}

static void send_request(struct change *c, int op, const char *to, struct slice content, subrequest_done_fn *done)
{
    auto_free char *id = xasprintf("%s/%s/%d", c->delivery->id, to, c->attempts);
    struct request req;

    request_init(&req);
    req.id = req.rqi = id;
    req.tenant = c->tenant;
    req.identity = (struct slice){"{\"by\":\"cse\"}", 12};
    req.op = op;
    req.to = to;
    req.fr = cse_id();
    req.rvi = "3";
    req.pc = content;
    subrequest_run(&req, done, c);
}

/* ---- telling the copies ---- */

static void tell_next(struct change *c);

/* A CSE that says no, or has no copy any more, has been told. */
static void on_told(void *context, int rsc, struct slice content)
{
    struct change *c = context;

    if (rsc == RSC_TARGET_NOT_REACHABLE || rsc == RSC_REQUEST_TIMEOUT || rsc == RSC_INTERNAL_SERVER_ERROR) {
        retry(c);
        return;
    }
    if (!rsc_is_success(rsc) && rsc != RSC_NOT_FOUND)
        log_warn("announcement.refused", "ri=%s copy=%s rsc=%d why=%.*s", c->ri, json_string_value(json_array_get(c->to, 0)), rsc,
                 (int)content.n, content.p);
    json_array_remove(c->to, 0);
    c->attempts = 0;
    tell_next(c);
}

static void tell_next(struct change *c)
{
    auto_free char *to = NULL;

    if (json_array_size(c->to) == 0) {
        finish(c, "told");
        return;
    }
    to = xstrdup(json_string_value(json_array_get(c->to, 0)));
    send_request(c, c->mod ? OP_UPDATE : OP_DELETE, to, (struct slice){c->content.data, c->content.len}, on_told);
}

/* ---- what they are told ---- */

/* The resource as it is now: what this event knows may be old. */
static void on_retrieved(void *context, int rsc, struct slice content)
{
    struct change *c = context;
    json_auto_t *pc = rsc == RSC_OK ? json_loadb(content.p, content.n, 0, NULL) : NULL;
    void *root = json_object_iter(pc);
    const struct rtype *type = root ? rtype_by_key(json_object_iter_key(root)) : NULL;
    json_auto_t *update = type ? announced_update(type, json_object_iter_value(root), c->mod) : NULL;

    if (rsc == RSC_TARGET_NOT_REACHABLE || rsc == RSC_REQUEST_TIMEOUT || rsc == RSC_INTERNAL_SERVER_ERROR) {
        retry(c);
        return;
    }
    if (!update) { /* gone since, or nothing that is announced */
        finish(c, "nothing");
        return;
    }
    json_write(&c->content, update);
    tell_next(c);
}

static void begin(struct change *c)
{
    if (!c->mod || c->content.len > 0)
        tell_next(c);
    else
        send_request(c, OP_RETRIEVE, c->ri, (struct slice){NULL, 0}, on_retrieved);
}

static void on_timer(void *context)
{
    begin(context);
}

/* ---- reading ---- */

static struct change *read_event(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    json_auto_t *body = json_loadb(e->body, e->body_len, 0, NULL);
    void *root = json_object_iter(json_object_get(body, "rep"));
    const json_t *a = root ? json_object_iter_value(root) : NULL;
    const json_t *at = json_object_get(a, "at");
    struct change *c;

    if (json_array_size(at) == 0 || !json_str(a, "ri") || !envelope_str(e, "tenant"))
        return NULL;
    c = xcalloc(1, sizeof(*c));
    c->delivery = delivery;
    c->tenant = xstrdup(envelope_str(e, "tenant"));
    c->ri = xstrdup(json_str(a, "ri"));
    c->to = json_copy((json_t *)at);
    if (envelope_int(e, "op", 0) == OP_UPDATE)
        c->mod = json_object_get(body, "mod") ? json_incref(json_object_get(body, "mod")) : json_array();
    c->timer = loop_timer_new(on_timer, c);
    c->since = clock_mono_us() / 1000;
    return c;
}

void announcer_handle(struct bus_delivery *delivery)
{
    struct change *c = read_event(delivery), **link = &changes;

    if (!c) {
        bus_done(delivery);
        return;
    }
    while (*link)
        link = &(*link)->next;
    *link = c;
    if (is_first(c))
        begin(c);
}
