/* What an event tells is copied from the job, whose plan may be forgotten before it is sent. */
#include "emit.h"

#include "clock.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "rows.h"

enum {
    EMISSIONS_MAX = 256,
    SUBSCRIPTIONS_MAX = 1000,
    NET_EMPTY = 5,
    NET_MONITORING = 31,
    TY_SUBSCRIPTION = 23,
    GATHER_MS = 3000
};

static struct metric lost =
    METRIC_COUNTER("tessera_events_lost_total", "Events that are not kept and could not be sent", "event");

static const char empty[] = "empty", attempt[] = "attempt"; /* the events */

struct emission {
    struct store_call call;
    const char *event;
    int op, rsc;
    char *tenant, *fr, *rqi, *trace;
    struct resource *target;
    json_t *self; /* its state, for the subscriptions' criteria */
    struct str subs;
    int64_t at;
    struct job *job; /* that waits for the gathering */
    job_step *then;
};

static int emissions;

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

void emission_free(struct emission *e)
{
    if (!e)
        return;
    free(e->tenant);
    free(e->fr);
    free(e->rqi);
    free(e->trace);
    resource_free(e->target);
    json_decref(e->self);
    str_done(&e->subs);
    free(e);
    emissions--;
}

static struct emission *emission_new(const struct job *job, const char *event)
{
    struct emission *e;

    if (emissions >= EMISSIONS_MAX) {
        metric_add(&lost, 1, event);
        return NULL;
    }
    emissions++;
    e = xcalloc(1, sizeof(*e));
    e->event = event;
    e->op = job->req.op;
    e->tenant = copy(job->req.tenant);
    e->fr = copy(job->plan.originator ? job->plan.originator : job->req.fr);
    e->rqi = copy(job->req.rqi);
    e->trace = copy(job->req.trace);
    e->target = resource_ref((struct resource *)job->plan.target);
    e->at = job->snap.now;
    return e;
}

static void on_confirm(void *context, bool failed)
{
    if (failed)
        metric_add(&lost, 1, (const char *)context);
}

/* Sends what was gathered; ends the emission. */
static void publish(struct emission *e)
{
    auto_str struct str text = STR_EMPTY;
    auto_free char *key = xasprintf("%s.%s.%s.watched", e->tenant ? e->tenant : "main", e->target->type->sn, e->event);
    char id[ID_SIZE];

    id_random("e", id);
    str_puts(&text, "{\"id\":");
    str_json(&text, id);
    head_str(&text, "tenant", e->tenant);
    head_str(&text, "event", e->event);
    head_int(&text, "at", e->at);
    head_int(&text, "op", e->op);
    if (e->rsc > 0)
        head_int(&text, "rsc", e->rsc);
    head_int(&text, "ty", e->target->type->ty);
    head_str(&text, "ri", e->target->ri);
    head_str(&text, "pi", e->target->pi);
    head_str(&text, "path", e->target->path);
    head_str(&text, "fr", e->fr);
    head_str(&text, "rqi", e->rqi);
    head_str(&text, "trace", e->trace);
    str_puts(&text, "}\n{\"self\":");
    json_write(&text, e->self);
    str_puts(&text, ",\"subs\":[");
    str_add(&text, str_text(&e->subs), e->subs.len);
    str_puts(&text, "]}\n");
    if (e->subs.len > 0 && bus_event(key, text.data, text.len, on_confirm, (void *)e->event) < 0)
        metric_add(&lost, 1, e->event);
    emission_free(e);
}

/* Everything is known, or will not be: the job goes on. */
static void gathered(struct emission *e, bool complete)
{
    struct job *job = e->job;
    job_step *then = e->then;

    if (!complete) {
        metric_add(&lost, 1, e->event);
        emission_free(e);
    } else if (e->event == attempt) {
        job->attempt = e;
    } else {
        publish(e);
    }
    then(job);
}

/* A subscription as events name it. */
static void add_subscription(struct emission *e, const struct row *row)
{
    if (e->subs.len > 0)
        str_putc(&e->subs, ',');
    str_puts(&e->subs, "{\"ri\":");
    str_add(&e->subs, row->ri.p, row->ri.n);
    head_raw(&e->subs, "path", row->path.p, row->path.n);
    head_str(&e->subs, "side", "self");
    head_raw(&e->subs, "by", row->by.p, row->by.n);
    head_raw(&e->subs, "a", row->a.p, row->a.n);
    str_putc(&e->subs, '}');
}

static void on_subscriptions(void *context, const struct store_reply *reply)
{
    struct emission *e = context;
    struct slice rest, more;
    struct row row;

    if (reply->st != STORE_OK || !rows_open((struct slice){reply->e->body, reply->e->body_len}, &rest, &more)) {
        gathered(e, false);
        return;
    }
    while (row_next(&rest, &row) > 0)
        add_subscription(e, &row);
    gathered(e, true);
}

/* {"ri","ct":ms,"lt":ms,"et":ms,"st":n,"cbs":n} as far as it has them. */
static json_t *state_of(const json_t *a)
{
    static const char *const times[] = {"ct", "lt", "et"};
    static const char *const counters[] = {"st", "cbs"};
    json_t *state = json_pack("{sO?}", "ri", json_object_get(a, "ri"));

    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        const char *text = json_str(a, times[i]);
        int64_t ms;

        if (text && clock_parse(text, &ms) == 0)
            json_object_set_new(state, times[i], json_integer(ms));
    }
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        if (json_object_get(a, counters[i]))
            json_object_set(state, counters[i], json_object_get(a, counters[i]));
    return state;
}

static void on_target(void *context, const struct store_reply *reply)
{
    struct emission *e = context;
    json_auto_t *criteria = json_pack("{s[i]}", "ty", TY_SUBSCRIPTION);
    struct store_query query = {.root = e->target->ri, .full = true, .fc = criteria, .lvl = 1, .max = SUBSCRIPTIONS_MAX};
    json_auto_t *record = NULL;
    struct slice list, item;

    if (reply->st == STORE_OK && list_open((struct slice){reply->e->body, reply->e->body_len}, &list) && list_next(&list, &item))
        record = store_record(item);
    if (!json_is_object(record)) {
        gathered(e, false);
        return;
    }
    e->self = state_of(json_object_get(record, "a"));
    e->call.done = on_subscriptions;
    if (store_query(&e->call, &query, NULL) < 0)
        gathered(e, false);
}

/* What goes to the members of a group is no operation on the group. */
static bool is_watched(const struct job *job, int bit)
{
    return job->plan.target && job->plan.address.virt != VIRTUAL_FANOUT && job->plan.target->subs & UINT32_C(1) << bit;
}

/* Reads the subscriptions as long as somebody waits for the job's answer, then goes on with `then`. */
static void gather(struct job *job, const char *event, job_step *then)
{
    int64_t deadline = clock_now_ms() + GATHER_MS;
    struct emission *e = emission_new(job, event);

    if (!e) {
        then(job);
        return;
    }
    e->job = job;
    e->then = then;
    e->call = (struct store_call){
        .done = on_target,
        .context = e,
        .tenant = e->tenant,
        .trace = e->trace,
        .deadline = deadline < job->answer_by ? deadline : job->answer_by,
    };
    if (store_records(&e->call, &e->target->ri, 1, NULL) < 0)
        gathered(e, false);
}

void emit_empty(struct job *job, job_step *then)
{
    if (is_watched(job, NET_EMPTY))
        gather(job, empty, then);
    else
        then(job);
}

bool emit_needs(const struct job *job)
{
    return !job->gathered && is_watched(job, NET_MONITORING);
}

void emit_prepare(struct job *job, job_step *then)
{
    if (emit_needs(job)) {
        job->gathered = true;
        gather(job, attempt, then);
    } else {
        then(job);
    }
}

void emit_attempt(struct job *job, int rsc)
{
    struct emission *e = job->attempt;

    if (!e)
        return;
    job->attempt = NULL;
    e->rsc = rsc;
    publish(e);
}

static bool told; /* requests are, MARK_COUNTED */

void emit_tell_requests(bool tell)
{
    told = tell;
}

/* The type that the request was about, 0 = unknown. */
static int type_of(const struct job *job)
{
    const struct rtype *type = job->plan.type;

    if (!type && job->plan.target)
        type = job->plan.target->type;
    return type ? type->ty : 0;
}

void emit_request(const struct job *job, int rsc, size_t size)
{
    static const char event[] = "request";
    const struct resource *target = job->plan.target;
    auto_str struct str text = STR_EMPTY;
    auto_free char *key = NULL;

    if (!told || job->sub || !job->plan.originator || rsc == RSC_ORIGINATOR_NOT_AUTHENTICATED ||
        rsc == RSC_SECURITY_ASSOCIATION_REQUIRED)
        return;
    key = xasprintf("%s.%s.%s.counted", job->req.tenant ? job->req.tenant : "main", target ? target->type->sn : "none", event);
    str_puts(&text, "{\"id\":");
    str_json(&text, job->req.id ? job->req.id : "");
    head_str(&text, "tenant", job->req.tenant);
    head_str(&text, "event", event);
    head_int(&text, "at", job->snap.now);
    head_int(&text, "op", job->req.op);
    head_int(&text, "rsc", rsc);
    head_int(&text, "ty", type_of(job));
    head_str(&text, "fr", job->plan.originator);
    head_str(&text, "to", job->req.to);
    head_str(&text, "rqi", job->req.rqi);
    if (target) {
        head_str(&text, "ri", target->ri);
        head_str(&text, "path", target->path);
    }
    head_int(&text, "asked", (int64_t)job->req.pc.n);
    head_int(&text, "answered", (int64_t)size);
    str_puts(&text, "}\n{}\n");
    if (bus_event(key, text.data, text.len, on_confirm, (void *)event) < 0)
        metric_add(&lost, 1, event);
}

void emit_clock(const struct job *job)
{
    static const char event[] = "clock";
    auto_str struct str text = STR_EMPTY;
    auto_free char *key = NULL;
    char id[ID_SIZE];
    int64_t ot;

    if (!job->plan.clock || !job->plan.originator || clock_parse(job->req.ot, &ot) < 0)
        return;
    key = xasprintf("%s.ae.%s.quiet", job->req.tenant ? job->req.tenant : "main", event);
    id_random("e", id);
    str_puts(&text, "{\"id\":");
    str_json(&text, id);
    head_str(&text, "tenant", job->req.tenant);
    head_str(&text, "event", event);
    head_int(&text, "at", job->snap.now);
    head_str(&text, "fr", job->plan.originator);
    head_int(&text, "ot", ot);
    str_puts(&text, "}\n{}\n");
    if (bus_event(key, text.data, text.len, on_confirm, (void *)event) < 0)
        metric_add(&lost, 1, event);
}
