/*
 * The life of one request: decode, plan, load what the plan lacks, plan again, perform, answer. Plans may rest on cached
 * resources: everything read goes along as a precondition, and a decision that needs no storage call (a refusal) is
 * confirmed by storage before it is told.
 */
#include "shell.h"

#include "claims.h"
#include "clock.h"
#include "config.h"
#include "cse.h"
#include "discover.h"
#include "emit.h"
#include "job.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "render.h"
#include "rows.h"
#include "rules.h"
#include "semantic.h"
#include "spend.h"
#include "subrequest.h"
#include "verify.h"

#include <assert.h>

enum {
    ROUNDS_MAX = 16,       /* of loading for one plan */
    STALES_MAX = 10,       /* of planning afresh */
    STALES_AT_ONCE = 3,    /* the first of them without a pause */
    STALE_PAUSE_MS = 5,    /* times the number of the attempt */
    ANSWER_MARGIN_MS = 50, /* for the way back, of the deadline */
    VIRTUAL_SUFFIX = 3,    /* "/la" */
    TY_REMOTE_CSE = 16,
};

static struct metric stages =
    METRIC_HISTOGRAM("tessera_stage_seconds", "Time that a request spent in a stage", metric_seconds, "stage");
static struct metric cached_reads = METRIC_COUNTER("tessera_cache_reads_total", "Resources looked for in the cache", "result");
static struct metric stale_plans = METRIC_COUNTER("tessera_stale_total", "Plans made again because something had changed", NULL);
static struct metric inflight = METRIC_GAUGE("tessera_requests_inflight", "Requests under way", NULL);
static struct metric cache_size = METRIC_GAUGE("tessera_cache_resources", "Resources in the cache", NULL);

static struct cache *cache;
static int jobs;
static int64_t jobs_max, patience; /* settings */

static void set_gauges(void)
{
    metric_set(&inflight, jobs, NULL);
    metric_set(&cache_size, (double)cache_count(cache), NULL);
}

void shell_start(void)
{
    cache = cache_new((size_t)config_int("orchestrator.cache"));
    jobs_max = config_int("orchestrator.inflight");
    patience = config_int("orchestrator.patience");
    subrequests_configure((size_t)config_int("orchestrator.response.max"));
    metrics_on_render(set_gauges);
}

void shell_stop(void)
{
    cache_free(cache);
    cache = NULL;
}

bool shell_idle(void)
{
    return jobs == 0 && subrequests_idle();
}

struct cache *job_cache(void)
{
    return cache;
}

static void observe(const char *stage, int64_t since)
{
    metric_observe(&stages, (double)(clock_mono_us() - since) / 1e6, stage);
}

/* The snapshot's view of the cache. */
static struct resource *cached(void *context, const char *address)
{
    struct job *job = context;
    /* A CSE has its remoteCSE under its id without the slash; who leads to a descendant only storage knows. */
    struct resource *r = cache_get(cache, *address == '/' ? address + 1 : address);

    if (r && *address == '/' && r->type->ty != TY_REMOTE_CSE) {
        resource_free(r);
        r = NULL;
    }
    metric_add(&cached_reads, 1, r ? "hit" : "miss");
    if (r) {
        job->from_cache = true;
        job->confirmed = false;
    }
    return r;
}

const struct str *job_need(const struct job *job)
{
    static struct str need;

    str_reset(&need);
    snapshot_need(&job->snap, &need);
    return &need;
}

/* Undoes all that rests on what was read. */
static void forget(struct job *job)
{
    snapshot_forget(&job->snap);
    job->req = job->asked;
    plan_done(&job->plan);
    plan_init(&job->plan);
    discover_free(job->discover);
    job->discover = NULL;
    semantic_free(job->semantic);
    job->semantic = NULL;
    emission_free(job->attempt);
    job->attempt = NULL;
    while (job->loading_count > 0)
        free(job->loading[--job->loading_count]);
    str_reset(&job->text);
    job->cnst = job->cnot = ABSENT;
    job->rounds = 0;
    job->poa_next = 0;
    job->consulted = 0;
    job->from_cache = job->confirmed = job->verified = job->gathered = false;
}

void job_end(struct job *job)
{
    observe("total", job->started);
    forget(job);
    plan_done(&job->plan);
    ask_done(&job->snap);
    loop_timer_free(job->pause);
    loop_timer_free(job->start);
    str_done(&job->text);
    free(job->loc);
    free(job->number);
    json_decref(job->spent);
    if (!job->sub)
        jobs--;
    free(job);
}

/* Storage calls. */

static void on_store(void *context, const struct store_reply *reply)
{
    struct job *job = context;

    observe(job->stage, job->called);
    job->on_reply(job, reply);
}

bool job_calls(struct job *job, const char *stage, void (*on_reply)(struct job *job, const struct store_reply *reply))
{
    int64_t now = clock_now_ms();

    if (now >= job->answer_by) {
        answer_error(job, RSC_REQUEST_TIMEOUT, "the time for this request is over");
        return false;
    }
    job->stage = stage;
    job->on_reply = on_reply;
    job->called = clock_mono_us();
    job->call = (struct store_call){
        .done = on_store,
        .context = job,
        .tenant = job->req.tenant,
        .trace = job->req.trace,
        .deadline = job->answer_by < now + patience ? job->answer_by : now + patience,
    };
    return true;
}

void job_called(struct job *job, int sent)
{
    if (sent < 0)
        answer_later(job, "storage cannot be reached now");
}

static void drop_stale(const struct envelope *e)
{
    struct json_member members[SNAPSHOT_MAX];
    int count;

    assert(e); /* only an answer says stale */
    count = json_members(e->body, e->body_len, members, ARRAY_LEN(members));
    for (int i = 0; i < count; i++) {
        auto_free char *ri = xstrndup(members[i].name.p, members[i].name.n);

        cache_drop(cache, ri);
    }
}

bool job_reply_ok(struct job *job, const struct store_reply *reply)
{
    const char *why = reply->e ? envelope_str(reply->e, "why") : NULL;

    switch (reply->st) {
    case STORE_OK:
        return true;
    case STORE_STALE:
        drop_stale(reply->e);
        job_replan(job);
        break;
    case STORE_REFUSED:
        answer_error(job, (int)envelope_int(reply->e, "rsc", RSC_BAD_REQUEST), "%s", why ? why : "refused");
        break;
    case STORE_NONE:
        answer_error(job, RSC_NOT_FOUND, "%s", why ? why : "not found");
        break;
    case STORE_EXISTS:
        answer_error(job, RSC_CONFLICT, "%s", why ? why : "exists already");
        break;
    case STORE_FAILED:
        answer_error(job, RSC_INTERNAL_SERVER_ERROR, "storage: %s", why ? why : "unknown failure");
        break;
    case STORE_TIMEOUT:
        if (job->req.rqet && clock_now_ms() >= job->answer_by)
            answer_error(job, RSC_REQUEST_TIMEOUT, "the time for this request is over");
        else
            answer_later(job, "storage did not answer in time");
        break;
    case STORE_LOST:
        answer_later(job, "the way to storage was lost");
        break;
    }
    return false;
}

bool job_reply_list(struct job *job, const struct store_reply *reply, struct slice *list)
{
    if (!job_reply_ok(job, reply))
        return false;
    if (list_open((struct slice){reply->e->body, reply->e->body_len}, list))
        return true;
    answer_error(job, RSC_INTERNAL_SERVER_ERROR, "storage: malformed answer");
    return false;
}

/* Loading. */

static bool is_virtual(const char *address)
{
    size_t len = strlen(address);

    return len > VIRTUAL_SUFFIX &&
           (strcmp(address + len - VIRTUAL_SUFFIX, "/la") == 0 || strcmp(address + len - VIRTUAL_SUFFIX, "/ol") == 0);
}

/* Takes a resource that storage has just told into the snapshot and the cache. */
static void add_record(struct job *job, const char *address, json_t *record)
{
    struct resource *r = record ? resource_new(record) : NULL;

    if (record && !r)
        log_often(LOG_ERROR, "load.unreadable", "address=%s rqi=%s", address, job->req.rqi);
    if (r)
        cache_put(cache, r);
    snapshot_add(&job->snap, address, r);
}

static void on_records(struct job *job, const struct store_reply *reply)
{
    struct slice list, item;

    if (!job_reply_list(job, reply, &list))
        return;
    for (int i = 0; i < job->loading_count; i++) {
        json_auto_t *record = list_next(&list, &item) && !slice_is(item, "null") ? store_record(item) : NULL;

        add_record(job, job->loading[i], record);
        free(job->loading[i]);
    }
    job->loading_count = 0;
    job_plan(job);
}

/* The representation of an instance as a record. The caller owns it. */
static json_t *record_of_instance(struct job *job, const char *container, struct slice rep)
{
    json_auto_t *a = store_record(render_inside(rep));
    const struct resource *parent = NULL;
    auto_free char *path = NULL;

    if (!json_str(a, "ri") || !json_str(a, "rn") || !json_str(a, "pi"))
        return NULL;
    if (snapshot_get(&job->snap, container, &parent) == FOUND)
        container = parent->path;
    path = xasprintf("%s/%s", container, json_str(a, "rn"));
    return json_pack("{ss ss sI ss sO}", "ri", json_str(a, "ri"), "pi", json_str(a, "pi"), "ty", json_int(a, "ty", 0), "path",
                     path, "a", a);
}

static void on_instance(struct job *job, const struct store_reply *reply)
{
    char *address = job->loading[0];
    json_auto_t *record = NULL;

    if (reply->st != STORE_NONE && !job_reply_ok(job, reply))
        return;
    job->loading_count = 0;
    if (reply->st == STORE_OK) {
        auto_free char *container = xstrndup(address, strlen(address) - VIRTUAL_SUFFIX);

        record = record_of_instance(job, container, (struct slice){reply->e->body, reply->e->body_len});
    }
    add_record(job, address, record);
    free(address);
    job_plan(job);
}

static void load(struct job *job)
{
    struct snapshot *snap = &job->snap;

    if (snap->too_many || snap->missing_count == 0 || ++job->rounds > ROUNDS_MAX) {
        answer_error(job, RSC_INTERNAL_SERVER_ERROR, "the request involves too many resources");
        return;
    }
    for (int i = 0; i < snap->missing_count; i++)
        if (!is_virtual(snap->missing[i]))
            job->loading[job->loading_count++] = xstrdup(snap->missing[i]);
    if (job->loading_count > 0) {
        if (job_calls(job, "load", on_records))
            job_called(job, store_records(&job->call, job->loading, job->loading_count, NULL));
        return;
    }
    job->loading[job->loading_count++] = xstrdup(snap->missing[0]);
    if (job_calls(job, "load", on_instance)) {
        auto_free char *container = xstrndup(snap->missing[0], strlen(snap->missing[0]) - VIRTUAL_SUFFIX);
        bool latest = is_virtual(snap->missing[0]) && snap->missing[0][strlen(container) + 1] == 'l';

        job_called(job, store_get(&job->call, container, latest ? VIRTUAL_LATEST : VIRTUAL_OLDEST, NULL));
    }
}

/* Planning. */

/* Takes over what storage says about a resource that was looked at. False: it is not as it was. */
static bool confirm(const struct resource *old, struct slice item)
{
    json_auto_t *record = slice_is(item, "null") ? NULL : store_record(item);
    struct resource *r = record ? resource_new(record) : NULL;
    bool same = r && r->v == old->v;

    if (!r)
        cache_drop(cache, old->ri);
    else if (!same)
        cache_put(cache, r);
    resource_free(r);
    return same;
}

static void go_on(struct job *job)
{
    if (job->plan.kind == PLAN_NEED)
        spend_rights(job, subrequests_start);
    else
        perform(job);
}

static void on_confirmed(struct job *job, const struct store_reply *reply)
{
    struct slice list, item;
    bool same = true;

    if (!job_reply_list(job, reply, &list))
        return;
    for (int i = 0; i < job->snap.found_count; i++) {
        const struct resource *r = job->snap.found[i];

        if (r->v != 0 && (!list_next(&list, &item) || !confirm(r, item)))
            same = false;
    }
    job->confirmed = true;
    if (same)
        go_on(job);
    else
        job_replan(job);
}

/* Asks for all that was looked at again. */
static void ask_to_confirm(struct job *job)
{
    char *ids[SNAPSHOT_MAX];
    int count = 0;

    for (int i = 0; i < job->snap.found_count; i++)
        if (job->snap.found[i]->v != 0)
            ids[count++] = job->snap.found[i]->ri;
    if (job_calls(job, "confirm", on_confirmed))
        job_called(job, store_records(&job->call, ids, count, NULL));
}

/* A plan that will ask storage for nothing, or others to do something, and that was made from what may be out of date. */
static bool must_confirm(const struct job *job)
{
    switch (job->plan.kind) {
    case PLAN_NEED:
    case PLAN_ANSWER:
    case PLAN_NOTIFY:
    case PLAN_RELAY:
    case PLAN_FORWARD:
    case PLAN_POLL:
        return job->from_cache && !job->confirmed;
    default:
        return false;
    }
}

void job_plan(struct job *job)
{
    int64_t start = clock_mono_us();

    plan_done(&job->plan);
    plan_init(&job->plan);
    plan_request(&job->asked, &job->snap, &job->plan);
    job->req = job->plan.profiled ? *job->plan.profiled : job->asked;
    observe("plan", start);
    if (job->plan.kind == PLAN_NEED && !ask_waits(&job->snap))
        load(job);
    else if (must_confirm(job))
        ask_to_confirm(job);
    else
        go_on(job);
}

static void on_pause(void *context)
{
    job_plan(context);
}

void job_replan(struct job *job)
{
    forget(job);
    metric_add(&stale_plans, 1, NULL);
    if (++job->stales > STALES_MAX) {
        answer_later(job, "what the request rests on keeps changing");
        return;
    }
    if (job->stales <= STALES_AT_ONCE) {
        job_plan(job);
        return;
    }
    if (!job->pause)
        job->pause = loop_timer_new(on_pause, job);
    loop_timer_start(job->pause, (int64_t)STALE_PAUSE_MS * job->stales, 0);
}

/* The request as the policy in force completes it; who waits for it waits no longer than it says. */
static void complete(struct job *job, int64_t now)
{
    bool given = job->req.rqet != NULL;
    int64_t until;

    cmdh_complete(cmdh_policy(), &job->req, &job->completed);
    if (!given && job->req.rqet && clock_parse_absrel(job->req.rqet, now, &until) == 0 &&
        until - ANSWER_MARGIN_MS < job->answer_by)
        job->answer_by = until - ANSWER_MARGIN_MS;
}

/* One that may have been carried out before, whoever brings it now. */
static void recognize(struct job *job)
{
    if (job->req.same && *job->req.same) {
        job->req.id = job->req.same;
        job->req.again = true;
    }
    forward_recognize(job);
}

struct job *job_new(struct bus_delivery *delivery, const struct request *req, struct sub *sub)
{
    struct job *job = xcalloc(1, sizeof(*job));
    int64_t now = clock_now_ms();
    int64_t deadline = req->deadline > 0 ? req->deadline : now + cse_request_lifetime_ms();

    job->delivery = delivery;
    job->sub = sub;
    job->req = *req;
    job->req.again = job->req.again || delivery->again;
    if (sub)
        job->req.key = job->req.same = NULL; /* of the whole, not of a part */
    else
        recognize(job);
    job->snap.now = now;
    job->snap.cached = cached;
    job->snap.context = job;
    job->snap.claim = claim;
    job->answer_by = deadline - ANSWER_MARGIN_MS;
    job->started = clock_mono_us();
    job->cnst = job->cnot = job->retry = ABSENT;
    plan_init(&job->plan);
    if (!sub)
        complete(job, now);
    job->asked = job->req;
    if (!sub) {
        observe("queue", delivery->received);
        jobs++;
    }
    return job;
}

static void begin(void *context)
{
    struct job *job = context;
    int op = job->req.op;

    if (job->req.again && (op == OP_CREATE || op == OP_UPDATE || op == OP_DELETE || request_is_deferred(&job->req)))
        perform_recall(job);
    else
        job_plan(job);
}

/* operationExecutionTime of a request whose originator waits; that of one who does not is the <request>'s. */
void job_run(struct job *job)
{
    char why[WHY_SIZE];
    int64_t oet;

    if (!job->sub && !job->req.again && !cmdh_allows(cmdh_policy(), &job->req, job->snap.now, why, sizeof why)) {
        answer_error(job, RSC_BAD_REQUEST, "%s", why);
        return;
    }
    if (!job->req.oet || request_is_deferred(&job->req) || clock_parse_absrel(job->req.oet, job->snap.now, &oet) < 0 ||
        oet <= job->snap.now) {
        begin(job);
    } else if (oet >= job->answer_by) {
        answer_error(job, RSC_REQUEST_TIMEOUT, "oet: later than this request can wait; ask for a non-blocking one (rt)");
    } else {
        job->start = loop_timer_new(begin, job);
        loop_timer_start(job->start, oet - job->snap.now, 0);
    }
}

void shell_on_request(struct bus_delivery *delivery)
{
    struct request req;
    char why[256] = "";

    if (request_decode(&req, &delivery->envelope, why, sizeof(why)) < 0) {
        answer_refuse(delivery, NULL, RSC_BAD_REQUEST, "%s", why);
        return;
    }
    if (jobs >= jobs_max) {
        answer_refuse(delivery, &req, RSC_TARGET_NOT_REACHABLE, "too many requests at once");
        return;
    }
    job_run(job_new(delivery, &req, NULL));
}
