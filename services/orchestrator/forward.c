/* Carrying out PLAN_FORWARD: the request goes to another CSE, its response comes back to the originator as it is. */
#include "egress.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"

enum { WAY_BACK_MS = 50 };

/* One request that has been passed on and not answered. */
struct forward {
    struct forward *next;
    struct job *job;
    struct request req; /* as the other CSE gets it */
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
    free(f);
}

static void on_response(void *context, const struct response *rsp, const char *why)
{
    struct forward *f = context;
    struct job *job = f->job;
    auto_free char *cse = xstrdup(job->plan.address.cse);
    char status[16];

    snprintf(status, sizeof(status), "%d", rsp ? rsp->rsc : RSC_TARGET_NOT_REACHABLE);
    metric_add(&forwarded, 1, status);
    forward_free(f);
    if (rsp)
        answer_response(job, rsp);
    else
        answer_error(job, RSC_TARGET_NOT_REACHABLE, "%s cannot be reached: %s", cse, why);
}

void forward(struct job *job)
{
    struct forward *f = xmalloc(sizeof(*f));

    *f = (struct forward){.next = underway, .job = job, .req = job->req};
    f->req.fr = job->plan.from_outside;
    if (job->plan.to)
        f->req.to = job->plan.to;
    if (job->plan.release_1) {
        f->req.rvi = NULL;
        f->req.vsi = NULL;
    }
    if (is_underway(&f->req)) {
        free(f);
        answer_error(job, RSC_NOT_FOUND, "to: %s is not known: the request came back to this CSE", job->plan.address.cse);
        return;
    }
    underway = f;
    log_debug("request.forwarded", "rqi=%s to=%s fr=%s", f->req.rqi, f->req.to, f->req.fr);
    egress_forward(&f->req, job->plan.poa, job->plan.csz, job->answer_by - WAY_BACK_MS, on_response, f);
}
