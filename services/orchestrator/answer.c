/* What is said in the end: the response primitive, one log line and the counters. */
#include "clock.h"
#include "cse.h"
#include "emit.h"
#include "job.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "profile.h"
#include "render.h"
#include "subrequest.h"

static struct metric requests = METRIC_COUNTER("tessera_requests_total", "Requests answered", "operation", "type", "status");

static const char *const operations[] = {"none", "create", "retrieve", "update", "delete", "notify"};

const char *answer_prefix(const char *originator)
{
    static char *relative, *absolute;

    if (!originator || originator[0] != '/' || strcmp(originator, cse_id()) == 0)
        return "";
    if (!relative) {
        relative = xasprintf("%s/", cse_id());
        absolute = xasprintf("//%s%s/", cse_spid(), cse_id());
    }
    return originator[1] == '/' ? absolute : relative;
}

/* The parameters that every response has. `now` lends its memory to the response. */
static void fill(struct response *rsp, const struct request *req, int rsc, char now[CLOCK_TEXT_SIZE])
{
    response_init(rsp);
    rsp->rsc = rsc;
    rsp->fr = cse_id();
    if (!req)
        return;
    rsp->rqi = req->rqi;
    rsp->to = req->fr;
    rsp->rvi = cse_release_answered(req->rvi);
    rsp->vsi = req->vsi;
    rsp->ec = req->ec;
    if (req->ot) {
        clock_format(clock_now_ms(), now);
        rsp->ot = now;
    }
}

static void reply(struct bus_delivery *delivery, const struct response *rsp, struct slice content)
{
    static struct str head;

    str_reset(&head);
    response_encode(&head, rsp);
    bus_reply(delivery, &head, content.n > 0 ? content.p : "", content.n);
}

static const char *operation_name(int op)
{
    return op >= OP_CREATE && op <= OP_NOTIFY ? operations[op] : operations[0];
}

/* The type that the request was about: the one created, or the target's. */
static const char *type_name(const struct job *job)
{
    const struct rtype *type = job->plan.type;

    if (!type && job->plan.target)
        type = job->plan.target->type;
    return type ? type->sn : "none";
}

static void record(const struct job *job, int rsc, struct slice content)
{
    const struct request *req = &job->req;
    double ms = (double)(clock_mono_us() - job->delivery->received) / 1e3;
    char status[16];

    snprintf(status, sizeof(status), "%d", rsc);
    metric_add(&requests, 1, operation_name(req->op), type_name(job), status);
    if (rsc == RSC_TARGET_NOT_REACHABLE || rsc_row(rsc)->http >= 500)
        log_often(LOG_INFO, "request.failed", "rqi=%s op=%d to=%s fr=%s rsc=%d ms=%f why=%s trace=%s", req->rqi, req->op, req->to,
                  req->fr, rsc, ms, content.n > 0 ? content.p : NULL, req->trace);
    log_debug("request.done", "rqi=%s op=%d to=%s rsc=%d ms=%f trace=%s", req->rqi, req->op, req->to, rsc, ms, req->trace);
}

static void answer_prepared(struct job *job)
{
    answer(job, job->rsc, (struct slice){job->text.data, job->text.len});
}

/* What watches this operation is read first: `content` may be gone by then. */
static void answer_after(struct job *job, int rsc, struct slice content)
{
    job->rsc = rsc;
    if (content.n == 0 || content.p != job->text.data) {
        str_reset(&job->text);
        str_add(&job->text, content.n > 0 ? content.p : "", content.n);
    }
    emit_prepare(job, answer_prepared);
}

/* As text that lives as long as `memory`. */
static struct slice text_of(const json_t *value, struct str *memory)
{
    if (value)
        json_write(memory, value);
    return (struct slice){memory->data, memory->len};
}

static void take_results(struct response *rsp, const struct job *job)
{
    rsp->loc = job->loc;
    rsp->cnst = job->cnst;
    rsp->cnot = job->cnot;
    rsp->retry = job->retry;
}

/* What the hosting CSE says; who asked and with which id is known better here. */
static void take_over(struct response *rsp, const struct response *passed)
{
    const char *rqi = rsp->rqi, *to = rsp->to, *rvi = rsp->rvi;

    *rsp = *passed;
    rsp->rqi = rqi;
    rsp->to = to;
    rsp->rvi = passed->rvi ? passed->rvi : rvi;
}

void answer_response(struct job *job, const struct response *rsp)
{
    job->passed = rsp;
    answer(job, rsp->rsc, rsp->pc);
}

void answer(struct job *job, int rsc, struct slice content)
{
    static struct str profiled;
    auto_str struct str ati = STR_EMPTY;
    auto_str struct str tqf = STR_EMPTY;
    struct response rsp;
    char now[CLOCK_TEXT_SIZE];

    if (emit_needs(job)) {
        answer_after(job, rsc, content);
        return;
    }
    fill(&rsp, &job->req, rsc, now);
    if (!rsp.to)
        rsp.to = job->plan.originator;
    if (job->passed)
        take_over(&rsp, job->passed);
    else
        take_results(&rsp, job);
    if (job->plan.ati && !job->passed)
        rsp.ati = text_of(job->plan.ati, &ati);
    if (job->plan.tqf && rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE)
        rsp.tqf = text_of(job->plan.tqf, &tqf);
    emit_attempt(job, rsc);
    emit_clock(job);
    emit_request(job, rsc, content.n);
    if (!rsc_is_success(rsc))
        subrequests_undo(job);
    subrequests_after(job);
    if (job->sub) {
        subrequest_answer(job, &rsp, content);
        return;
    }
    if (job->plan.answers)
        profile_answer(job->plan.answers, &rsp, &content, &profiled);
    record(job, rsc, content);
    reply(job->delivery, &rsp, content);
    job_end(job);
}

void answer_elsewhere(struct job *job, const char *role, const struct request *req, const struct str *more)
{
    static struct str head;

    str_reset(&head);
    request_encode(&head, req);
    str_add(&head, str_text(more), more->len);
    if (bus_forward(job->delivery, role, &head, req->pc.n > 0 ? req->pc.p : "", req->pc.n, job->answer_by) < 0) {
        answer_later(job, "no service can be reached that would answer");
        return;
    }
    metric_add(&requests, 1, operation_name(req->op), type_name(job), "elsewhere");
    job_end(job); /* `req` borrows from the delivery, which is gone */
}

void answer_error(struct job *job, int rsc, const char *format, ...)
{
    auto_str struct str why = STR_EMPTY;
    auto_str struct str content = STR_EMPTY;
    va_list args;

    va_start(args, format);
    str_vaddf(&why, format, args);
    va_end(args);
    free(job->loc);
    job->loc = NULL;
    job->cnst = job->cnot = ABSENT;
    if (why.len > 0)
        render_debug(&content, str_text(&why));
    answer(job, rsc, (struct slice){content.data, content.len});
}

void answer_later(struct job *job, const char *format, ...)
{
    auto_str struct str why = STR_EMPTY;
    va_list args;

    va_start(args, format);
    str_vaddf(&why, format, args);
    va_end(args);
    job->retry = 1;
    answer_error(job, RSC_TARGET_NOT_REACHABLE, "%s", str_text(&why));
}

void answer_refuse(struct bus_delivery *delivery, const struct request *req, int rsc, const char *format, ...)
{
    auto_str struct str why = STR_EMPTY;
    auto_str struct str content = STR_EMPTY;
    struct response rsp;
    char now[CLOCK_TEXT_SIZE], status[16];
    va_list args;

    va_start(args, format);
    str_vaddf(&why, format, args);
    va_end(args);
    render_debug(&content, str_text(&why));
    fill(&rsp, req, rsc, now);
    if (!req)
        rsp.rqi = envelope_str(&delivery->envelope, "rqi");
    if (rsc == RSC_TARGET_NOT_REACHABLE)
        rsp.retry = 1;
    snprintf(status, sizeof(status), "%d", rsc);
    metric_add(&requests, 1, operation_name(req ? req->op : 0), "none", status);
    log_debug("request.refused", "rqi=%s rsc=%d why=%s", rsp.rqi, rsc, str_text(&why));
    reply(delivery, &rsp, (struct slice){content.data, content.len});
}
