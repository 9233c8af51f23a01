#include "announcer.h"

#include "announce.h"
#include "clock.h"
#include "contact.h"
#include "cse.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "subrequest.h"

enum {
    TY_AE = 2,
    TY_REMOTE_CSE = 16,
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
    json_t *tasks; /* requests that are still to be made: [{"op","to","pc"},...] */
    json_t *at;    /* of an update: addresses of the copies; NULL once the tasks are known */
    char *home;    /* of an update: the <AEAnnc> at the IN-CSE, or NULL */
    json_t *mod;   /* of an update: names of what has changed */
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
    json_decref(c->tasks);
    json_decref(c->at);
    json_decref(c->mod);
    free(c->home);
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
    log_warn("announcement.given_up", "ri=%s to=%s", c->ri, json_str(json_array_get(c->tasks, 0), "to"));
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

static bool is_passing(int rsc)
{
    return rsc == RSC_TARGET_NOT_REACHABLE || rsc == RSC_REQUEST_TIMEOUT || rsc == RSC_INTERNAL_SERVER_ERROR;
}

/* ---- telling others ---- */

static void tell_next(struct change *c);

/* A CSE that says no, or has no copy any more, has been told. */
static void on_told(void *context, int rsc, struct slice content)
{
    struct change *c = context;

    if (is_passing(rsc)) {
        retry(c);
        return;
    }
    if (!rsc_is_success(rsc) && rsc != RSC_NOT_FOUND)
        log_warn("announcement.refused", "ri=%s to=%s rsc=%d why=%.*s", c->ri, json_str(json_array_get(c->tasks, 0), "to"), rsc,
                 (int)content.n, content.p);
    json_array_remove(c->tasks, 0);
    c->attempts = 0;
    tell_next(c);
}

static void tell_next(struct change *c)
{
    json_auto_t *task = json_incref(json_array_get(c->tasks, 0));
    auto_str struct str pc = STR_EMPTY;

    if (!task) {
        finish(c, "told");
        return;
    }
    if (json_object_get(task, "pc"))
        json_write(&pc, json_object_get(task, "pc"));
    send_request(c, (int)json_int(task, "op", 0), json_str(task, "to"), (struct slice){pc.data, pc.len}, on_told);
}

/* ---- what they are told of an update ---- */

static void add_task(struct change *c, int op, const char *to, json_t *pc /* taken, or NULL */)
{
    json_array_append_new(c->tasks, json_pack("{si ss so*}", "op", op, "to", to, "pc", pc));
}

/* The resource as it is now: what this event knows may be old. */
static void on_retrieved(void *context, int rsc, struct slice content)
{
    struct change *c = context;
    json_auto_t *pc = rsc == RSC_OK ? json_loadb(content.p, content.n, 0, NULL) : NULL;
    void *root = json_object_iter(pc);
    const json_t *a = root ? json_object_iter_value(root) : NULL;
    const struct rtype *type = root ? rtype_by_key(json_object_iter_key(root)) : NULL;
    json_auto_t *update = type ? announced_update(type, a, c->mod) : NULL;
    json_auto_t *at = c->at;

    if (is_passing(rsc)) {
        retry(c);
        return;
    }
    c->at = NULL;
    for (size_t i = 0; update && i < json_array_size(at); i++)
        add_task(c, OP_UPDATE, json_string_value(json_array_get(at, i)), json_incref(update));
    if (c->home && json_str(a, "et"))
        add_task(c, OP_UPDATE, c->home, json_pack("{s{sO}}", "m2m:aeA", "et", json_object_get(a, "et")));
    if (json_array_size(c->tasks) > 0)
        tell_next(c);
    else /* gone since, or nothing that is announced */
        finish(c, "nothing");
}

static void begin(struct change *c)
{
    if (c->at)
        send_request(c, OP_RETRIEVE, c->ri, (struct slice){NULL, 0}, on_retrieved);
    else
        tell_next(c);
}

static void on_timer(void *context)
{
    begin(context);
}

/* ---- reading ---- */

/* The <AEAnnc> of an AE whose id the IN-CSE gave; NULL: it is none of these. The caller frees. */
static char *home_of(int ty, const json_t *a)
{
    const char *stem = json_str(a, "aei");
    auto_free char *ri = stem ? contact_annc_ri(stem) : NULL;

    return ty == TY_AE && stem && contact_is_stem(stem) && cse_in() ? xasprintf("%s/%s", cse_in(), ri) : NULL;
}

/* The AE that an event of its own or of its <AEAnnc> at the IN-CSE is about, if the IN-CSE lists it; or NULL. */
static const char *listed(int ty, const json_t *a)
{
    const char *stem = json_str(a, "aei");
    auto_free char *ri = stem ? contact_annc_ri(stem) : NULL;

    if (cse_type() != CSE_TYPE_IN || !stem || !contact_is_stem(stem))
        return NULL;
    return ty == TY_AE || strcmp(json_str(a, "ri"), ri) == 0 ? stem : NULL;
}

static bool has_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

/* It has been deleted: the copies go, the IN-CSE and, if nobody said so, its node are told. */
static void add_ends(struct change *c, const struct envelope *e, int ty, const json_t *a)
{
    const json_t *at = json_object_get(a, "at");
    const char *id = json_str(a, ty == TY_AE ? "aei" : "csi"), *nl = json_str(a, "nl"), *fr = envelope_str(e, "fr");

    for (size_t i = 0; i < json_array_size(at); i++)
        add_task(c, OP_DELETE, json_string_value(json_array_get(at, i)), NULL);
    if (c->home)
        add_task(c, OP_UPDATE, c->home, json_pack("{s{ss}}", "m2m:aeA", "lnk", LINK_INACTIVE));
    if (id && nl && (ty == TY_AE || ty == TY_REMOTE_CSE) && fr && strcmp(fr, cse_id()) == 0)
        add_task(c, OP_NOTIFY, nl, json_pack("{s{ss}}", "m2m:gone", "id", id));
}

static void read_tasks(struct change *c, const struct envelope *e, const json_t *body, const json_t *a)
{
    int ty = (int)envelope_int(e, "ty", 0), op = (int)envelope_int(e, "op", 0);
    const json_t *at = json_object_get(a, "at");
    const char *stem = listed(ty, a);

    c->home = home_of(ty, a);
    if (op == OP_DELETE) {
        add_ends(c, e, ty, a);
    } else if (op == OP_UPDATE) {
        c->mod = json_object_get(body, "mod") ? json_incref(json_object_get(body, "mod")) : json_array();
        if (!has_text(c->mod, "et")) { /* all that the IN-CSE needs to know */
            free(c->home);
            c->home = NULL;
        }
        if (json_array_size(at) > 0 || c->home)
            c->at = at ? json_copy((json_t *)at) : json_array();
    }
    if (stem)
        add_task(c, OP_NOTIFY, cse_name(), json_pack("{s{ss}}", "m2m:moved", "id", stem));
}

/* NULL: there is nothing to be told. */
static struct change *read_event(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    json_auto_t *body = json_loadb(e->body, e->body_len, 0, NULL);
    void *root = json_object_iter(json_object_get(body, "rep"));
    const json_t *a = root ? json_object_iter_value(root) : NULL;
    struct change *c;

    if (!json_str(a, "ri") || !envelope_str(e, "tenant"))
        return NULL;
    c = xcalloc(1, sizeof(*c));
    c->tasks = json_array();
    read_tasks(c, e, body, a);
    if (!c->at && json_array_size(c->tasks) == 0) {
        json_decref(c->tasks);
        json_decref(c->mod);
        free(c->home);
        free(c);
        return NULL;
    }
    c->delivery = delivery;
    c->tenant = xstrdup(envelope_str(e, "tenant"));
    c->ri = xstrdup(json_str(a, "ri"));
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
