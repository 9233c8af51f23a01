#include "subrequest.h"

#include "clock.h"
#include "cse.h"
#include "delivery.h"
#include "egress.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"

enum {
    AT_ONCE = 32,    /* sub-requests of one request under way */
    DEPTH_MAX = 8,   /* requests inside each other */
    MARGIN_MS = 100, /* left to the one who asked, of its time */
};

static struct metric subrequests = METRIC_COUNTER("tessera_subrequests_total", "Requests carried out for others", "status");

/* One request for another. It lives from its start to its answer. */
struct sub {
    struct job *parent;  /* that waits, or NULL: nobody does */
    struct asked *asked; /* the question; NULL if nobody waits */
    struct str text;     /* memory of the primitive */
    struct bus_delivery delivery;
    struct request req;
    int depth;
};

static void go_on(struct job *job);

/* The one who asked may be planned again from inside here, or start the next. */
static void sub_end(struct sub *sub, int rsc, struct slice content, const struct response *rsp)
{
    struct job *parent = sub->parent;
    char status[16];

    snprintf(status, sizeof(status), "%d", rsc);
    metric_add(&subrequests, 1, status);
    if (sub->asked)
        asked_set_answer(sub->asked, rsc, content, rsp ? rsp->loc : NULL, rsp ? rsp->cnst : ABSENT, rsp ? rsp->cnot : ABSENT);
    str_done(&sub->text);
    free(sub);
    if (parent) {
        parent->subs_open--;
        go_on(parent);
    }
}

void subrequest_answer(struct job *job, const struct response *rsp, struct slice content)
{
    struct sub *sub = job->sub;
    auto_str struct str kept = STR_EMPTY; /* what the response borrows ends with the job */
    auto_free char *loc = rsp->loc ? xstrdup(rsp->loc) : NULL;
    struct response copy = *rsp;

    copy.loc = loc;
    str_add(&kept, content.n > 0 ? content.p : "", content.n);
    job_end(job);
    sub_end(sub, copy.rsc, (struct slice){kept.data, kept.len}, &copy);
}

static void refuse(struct sub *sub, int rsc, const char *why)
{
    auto_free char *text = xasprintf("{\"m2m:dbg\":\"%s\"}", why);

    sub_end(sub, rsc, (struct slice){text, strlen(text)}, NULL);
}

/* ---- a NOTIFY to a URL ---- */

static void on_delivered(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct sub *sub = context;
    const char *st = reply ? envelope_str(reply, "st") : NULL;
    int rsc = reply ? (int)envelope_int(reply, "rsc", 0) : 0;

    if (failure != BUS_OK || !st || strcmp(st, "unreachable") == 0)
        refuse(sub, RSC_TARGET_NOT_REACHABLE, failure == BUS_TIMEOUT ? "no answer in time" : "it cannot be reached");
    else
        sub_end(sub,
                rsc                     ? rsc
                : strcmp(st, "ok") == 0 ? RSC_OK
                                        : RSC_BAD_REQUEST,
                (struct slice){reply->body, reply->body_len}, NULL);
}

static void deliver(struct sub *sub)
{
    const struct request *req = &sub->req;
    struct egress_notify n = {.url = req->to, .fr = req->fr, .rqi = req->rqi, .rvi = req->rvi, .ec = req->ec, .content = req->pc};

    if (req->op != OP_NOTIFY || egress_send(req, &n, req->deadline, on_delivered, sub) < 0)
        refuse(sub, RSC_TARGET_NOT_REACHABLE, "no service for its protocol can be reached");
}

/* ---- starting ---- */

/* Takes the text. False with an answer given: it could not be started. */
static void start(struct sub *sub, int64_t deadline, bool again)
{
    char why[128] = "";

    /* What the questions' writer wrote is well-formed, unless the content is none. */
    if (envelope_parse(&sub->delivery.envelope, sub->text.data, sub->text.len) < 0 ||
        request_decode(&sub->req, &sub->delivery.envelope, why, sizeof(why)) < 0) {
        log_error("subrequest.malformed", "why=%s", why);
        refuse(sub, RSC_INTERNAL_SERVER_ERROR, "malformed sub-request");
        return;
    }
    sub->delivery.id = sub->req.id;
    sub->delivery.again = again;
    sub->delivery.received = clock_mono_us();
    sub->req.deadline = deadline;
    if (deadline <= clock_now_ms())
        refuse(sub, RSC_REQUEST_TIMEOUT, "the time for this request is over");
    else if (sub->depth > DEPTH_MAX)
        refuse(sub, RSC_TARGET_NOT_REACHABLE, "too many requests inside each other");
    else if (delivery_role(sub->req.to, NULL))
        deliver(sub);
    else
        job_run(job_new(&sub->delivery, &sub->req, sub));
}

static struct sub *sub_new(struct job *parent, struct asked *asked, struct str *text)
{
    struct sub *sub = xcalloc(1, sizeof(*sub));

    sub->parent = parent;
    sub->asked = asked;
    sub->text = *text;
    *text = (struct str)STR_EMPTY;
    return sub;
}

/* Sends what may be sent; with nothing under way any more, the plan has its answers. */
static void go_on(struct job *job)
{
    struct asked *asked;

    if (job->subs_starting) /* one was answered at once: the loop below goes on */
        return;
    job->subs_starting = true;
    while (job->subs_open < AT_ONCE && (asked = ask_next(&job->snap))) {
        struct sub *sub = sub_new(job, asked, &asked->text);

        sub->depth = job->sub ? job->sub->depth + 1 : 1;
        asked->state = ASKED_OPEN;
        job->subs_open++;
        start(sub, job->answer_by - MARGIN_MS, job->req.again);
    }
    job->subs_starting = false;
    if (job->subs_open == 0)
        job_plan(job);
}

void subrequests_start(struct job *job)
{
    go_on(job);
}

/* ---- undoing ---- */

static void delete_created(const struct job *job, const struct asked *asked)
{
    auto_free char *key = xasprintf("%s/undo", asked->key);
    struct snapshot throwaway = {0};
    struct request undo;

    request_init(&undo);
    undo.op = OP_DELETE;
    undo.to = asked->loc;
    undo.fr = asked->fr;
    if (!snapshot_ask(&throwaway, &job->req, key, &undo, 0)) {
        struct asked *question = ask_next(&throwaway);

        start(sub_new(NULL, NULL, &question->text), clock_now_ms() + cse_request_lifetime_ms(), false);
    }
    ask_done(&throwaway);
}

void subrequests_undo(struct job *job)
{
    for (size_t i = 0; i < job->snap.asked_count; i++) {
        const struct asked *asked = job->snap.asked[i];

        if ((asked->flags & ASK_UNDO) && asked->state == ASKED_ANSWERED && asked->loc && rsc_is_success(asked->rsc))
            delete_created(job, asked);
    }
}
