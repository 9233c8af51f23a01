/*
 * Carrying out PLAN_FORWARD: the request goes to another CSE, as soon as the policy in force lets it (cmdh.h); its response comes
 * back to the originator as it is.
 *
 * Who is killed meanwhile gets it again, and sends it again. The other CSE cannot tell that from a new one by the Request
 * Identifier, which is the client's and perhaps always the same: so the request's own id goes along as vendor information, if
 * there is none already. Another Tessera takes it for the idempotency key, and carries it out once.
 */
#include "backlog.h"
#include "clock.h"
#include "egress.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"

enum { WAY_BACK_MS = 50, LOOK_MS = 200, NUMBER_MAX = 400 };

static const char number_prefix[] = "tessera-request=";

/* One request that has been passed on and not answered. */
struct forward {
    struct forward *next;
    struct job *job;
    struct request req;       /* as the other CSE gets it */
    char *vsi;                /* that was added, or NULL */
    struct loop_timer *timer; /* NULL: it never had to wait */
    bool spread;              /* nor waits any more */
};

static struct metric forwarded = METRIC_COUNTER("tessera_forwarded_total", "Requests passed on to other CSEs", "status");
static struct forward *underway;

/*
 * Where descendants are known wrongly a request could go round in circles: each would come by here again before the first one
 * is answered.
 */
static bool is_underway(const struct request *req)
{
    for (const struct forward *f = underway; f; f = f->next)
        if (f->req.op == req->op && strcmp(f->req.rqi, req->rqi) == 0 && strcmp(f->req.fr, req->fr) == 0 &&
            strcmp(f->req.to, req->to) == 0)
            return true;
    return false;
}

static void forward_free(struct forward *f)
{
    struct forward **link = &underway;

    while (*link != f)
        link = &(*link)->next;
    *link = f->next;
    free(f->vsi);
    loop_timer_free(f->timer);
    free(f);
}

static void on_response(void *context, const struct response *rsp, const char *why)
{
    struct forward *f = context;
    struct job *job = f->job;
    auto_free char *cse = xstrdup(job->plan.address.cse);
    struct response whole;
    char status[16];

    snprintf(status, sizeof(status), "%d", rsp ? rsp->rsc : RSC_TARGET_NOT_REACHABLE);
    metric_add(&forwarded, 1, status);
    if (rsp) {
        whole = *rsp;
        if (f->vsi) /* nobody asked for it */
            whole.vsi = NULL;
    }
    forward_free(f);
    if (rsp)
        answer_response(job, &whole);
    else
        answer_error(job, RSC_TARGET_NOT_REACHABLE, "%s cannot be reached: %s", cse, why);
}

static bool changes(const struct request *req)
{
    return req->op == OP_CREATE || req->op == OP_UPDATE || req->op == OP_DELETE;
}

/* As ids are made: no blanks, not too long. */
static bool is_number(const char *text)
{
    size_t n = 0;

    while (text[n] > ' ' && text[n] < 0x7f)
        n++;
    return n > 0 && n <= NUMBER_MAX && !text[n];
}

void forward_recognize(struct job *job)
{
    struct request *req = &job->req;
    size_t n = sizeof(number_prefix) - 1;

    if (!changes(req) || !req->fr || *req->fr != '/' || !req->vsi || strncmp(req->vsi, number_prefix, n) != 0 ||
        !is_number(req->vsi + n))
        return;
    job->number = xasprintf("%s#%s", req->fr, req->vsi + n);
    req->id = job->number;
    req->again = true; /* perhaps */
}

static void transmit(void *context);

static void wait_for(struct forward *f, int64_t ms)
{
    if (!f->timer)
        f->timer = loop_timer_new(transmit, f);
    loop_timer_start(f->timer, ms, 0);
}

/* Sends it, or waits until it may leave. */
static void transmit(void *context)
{
    struct forward *f = context;
    struct job *job = f->job;
    int64_t now = clock_now_ms();
    int ec = f->req.ec;

    if (f->timer && now >= job->answer_by) {
        forward_free(f);
        answer_error(job, RSC_REQUEST_TIMEOUT, "no cmdhNwAccessRule let it leave in time");
        return;
    }
    if (!f->spread && (!cmdh_known() || !cmdh_may_send(cmdh_policy(), ec, now, backlog_volume(ec) + f->req.pc.n))) {
        wait_for(f, LOOK_MS);
        return;
    }
    if (f->timer && !f->spread) {
        if (backlog_waits(ec))
            backlog_release(ec);
        f->spread = true;
        wait_for(f, (int64_t)arc4random_uniform((uint32_t)cmdh_spread(cmdh_policy(), ec) + 1));
        return;
    }
    log_debug("request.forwarded", "rqi=%s to=%s fr=%s", f->req.rqi, f->req.to, f->req.fr);
    egress_forward(&f->req, job->plan.poa, job->plan.csz, job->answer_by - WAY_BACK_MS, on_response, f);
}

void forward(struct job *job)
{
    struct forward *f = xmalloc(sizeof(*f));

    *f = (struct forward){.next = underway, .job = job, .req = job->req};
    f->req.fr = job->plan.from_outside;
    f->req.via = json_string_value(job->plan.via);
    f->req.key = f->req.same = NULL;
    if (job->plan.to)
        f->req.to = job->plan.to;
    if (job->plan.release_1) {
        f->req.rvi = NULL;
        f->req.vsi = NULL;
    }
    if (job->plan.numbered && changes(&f->req) && f->req.id && !f->req.vsi)
        f->req.vsi = f->vsi = xasprintf("%s%s", number_prefix, f->req.id);
    if (!job->sub && is_underway(&f->req)) { /* one of its own may come again after a crash */
        free(f->vsi);
        free(f);
        answer_error(job, RSC_NOT_FOUND, "to: %s is not known: the request came back to this CSE", job->plan.address.cse);
        return;
    }
    underway = f;
    transmit(f);
}
