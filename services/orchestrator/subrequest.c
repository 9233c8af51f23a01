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
#include "render.h"

enum {
    DEPTH_MAX = 8,      /* requests inside each other */
    MARGIN_MS = 100,    /* left to the one who asked, of its time */
    LATE_MS = 250,      /* before its end, a failure to reach somebody is no answer in time */
    LEAST_MS = 2000,    /* that any of them gets, however many there are, as long as the time is not over */
    UNDERWAY_MAX = 2048 /* in this process; beyond it, one at a time for each request */
};

/* Sub-requests of one request under way. Those that leave the CSE mostly wait. */
static const int at_once[ASK_PLACES] = {[ASK_HERE] = 64, [ASK_AWAY] = 128};

static int underway;
static size_t content_max; /* setting */

static struct metric subrequests = METRIC_COUNTER("tessera_subrequests_total", "Requests carried out for others", "status");

/* One request for another. It lives from its start to its answer. */
struct sub {
    struct job *parent;       /* that waits, or NULL: nobody does */
    struct asked *asked;      /* the question; NULL if nobody waits */
    subrequest_done_fn *done; /* of one without a parent, or NULL */
    void *context;
    enum ask_place place;
    struct str head, content; /* memory of the primitive */
    struct bus_delivery delivery;
    struct request req;
    int depth;
};

static void go_on(struct job *job);

void subrequests_configure(size_t most)
{
    content_max = most;
}

bool subrequests_idle(void)
{
    return underway == 0;
}

/* Did it fail because nobody answered in time? */
static bool is_late(const struct sub *sub, int rsc)
{
    return rsc == RSC_REQUEST_TIMEOUT ||
           (rsc == RSC_TARGET_NOT_REACHABLE && clock_now_ms() + LATE_MS >= sub->req.deadline && sub->req.deadline > 0);
}

static void tell(const struct sub *sub, int rsc, struct slice content, const struct response *rsp)
{
    struct asked *asked = sub->asked;

    asked->late = is_late(sub, rsc);
    if (rsp) {
        asked->loc = rsp->loc ? xstrdup(rsp->loc) : NULL;
        asked->cnst = rsp->cnst;
        asked->cnot = rsp->cnot;
    }
    asked_set_answer(&sub->parent->snap, asked, rsc, content, content_max);
}

/* The one who asked may be planned again from inside here, or start the next. */
static void sub_end(struct sub *sub, int rsc, struct slice content, const struct response *rsp)
{
    struct job *parent = sub->parent;
    enum ask_place place = sub->place;
    char status[16];

    snprintf(status, sizeof(status), "%d", rsc);
    metric_add(&subrequests, 1, status);
    if (parent)
        tell(sub, rsc, content, rsp);
    underway--;
    if (sub->done)
        sub->done(sub->context, rsc, content);
    str_done(&sub->head);
    str_done(&sub->content);
    free(sub);
    if (parent) {
        parent->subs_open[place]--;
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
    auto_str struct str text = STR_EMPTY;

    render_debug(&text, why);
    sub_end(sub, rsc, (struct slice){text.data, text.len}, NULL);
}

/* ---- a task for the service semantics ---- */

static void on_task_done(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct sub *sub = context;
    const char *st = reply ? envelope_str(reply, "st") : NULL, *why = reply ? envelope_str(reply, "why") : NULL;

    if (failure != BUS_OK || !st)
        refuse(sub, RSC_TARGET_NOT_REACHABLE, "semantics did not answer in time");
    else if (strcmp(st, "ok") != 0)
        refuse(sub, (int)envelope_int(reply, "rsc", RSC_INTERNAL_SERVER_ERROR), why ? why : "refused");
    else
        sub_end(sub, RSC_OK, (struct slice){reply->body, reply->body_len}, NULL);
}

static void give_task(struct sub *sub, int64_t deadline)
{
    const struct request *req = &sub->req;
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "do", req->to + strlen(ASK_SEMANTICS));
    head_str(&head, "tenant", req->tenant);
    head_str(&head, "trace", req->trace);
    if (bus_send("semantics", &head, req->pc.n > 0 ? req->pc.p : "", req->pc.n, deadline, on_task_done, sub) < 0)
        refuse(sub, RSC_TARGET_NOT_REACHABLE, "semantics cannot be reached now");
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

/* The deadline of the request is set. It may be answered at once. */
static void start(struct sub *sub, int64_t deadline, struct slice pc, bool again)
{
    char why[128] = "";

    underway++;
    if (envelope_parse(&sub->delivery.envelope, sub->head.data, sub->head.len) < 0 ||
        request_decode(&sub->req, &sub->delivery.envelope, why, sizeof(why)) < 0) {
        log_error("subrequest.malformed", "why=%s", why);
        refuse(sub, RSC_INTERNAL_SERVER_ERROR, "malformed sub-request");
        return;
    }
    sub->delivery.id = sub->req.id;
    sub->delivery.again = again;
    sub->delivery.received = clock_mono_us();
    sub->req.inner = true;
    sub->req.deadline = deadline;
    sub->req.pc = pc;
    if (deadline <= clock_now_ms())
        refuse(sub, RSC_REQUEST_TIMEOUT, "the time for this request is over");
    else if (sub->depth > DEPTH_MAX)
        refuse(sub, RSC_TARGET_NOT_REACHABLE, "too many requests inside each other");
    else if (strncmp(sub->req.to, ASK_SEMANTICS, strlen(ASK_SEMANTICS)) == 0)
        give_task(sub, deadline);
    else if (strstr(sub->req.to, "://") && delivery_role(sub->req.to, NULL))
        deliver(sub);
    else
        job_run(job_new(&sub->delivery, &sub->req, sub));
}

/* Takes the question's memory, its content excepted. */
static struct sub *sub_new(struct job *parent, struct asked *asked)
{
    struct sub *sub = xcalloc(1, sizeof(*sub));

    sub->parent = parent;
    sub->asked = parent ? asked : NULL;
    sub->place = asked->place;
    sub->depth = parent && parent->sub ? parent->sub->depth + 1 : 1;
    sub->head = asked->head;
    asked->head = (struct str)STR_EMPTY;
    return sub;
}

/*
 * Those that wait must get their turn while there is time, even if all before them use up theirs: each gets its share.
 */
static int64_t deadline_of(const struct job *job, const struct asked *asked)
{
    int64_t now = clock_now_ms(), end = job->answer_by - MARGIN_MS;
    int64_t turns = (int64_t)job->snap.asked_new[asked->place] / at_once[asked->place] + 1;
    int64_t share = (end - now) / turns;

    if (share < LEAST_MS)
        share = LEAST_MS;
    if (now + share < end)
        end = now + share;
    return asked->deadline > 0 && asked->deadline < end ? asked->deadline : end;
}

static int open_count(const struct job *job)
{
    return job->subs_open[ASK_HERE] + job->subs_open[ASK_AWAY];
}

/* The next one that may be started now, or NULL. A request that waits for nothing may always go on: there is no deadlock. */
static struct asked *next(struct job *job)
{
    struct asked *asked;

    if (underway >= UNDERWAY_MAX && open_count(job) > 0)
        return NULL;
    for (enum ask_place place = ASK_HERE; place < ASK_PLACES; place++)
        if (job->subs_open[place] < at_once[place] && (asked = ask_next(&job->snap, place)))
            return asked;
    return NULL;
}

/* Sends what may be sent; with nothing under way any more, the plan has its answers. */
static void go_on(struct job *job)
{
    struct asked *asked;

    if (job->subs_starting) /* one was answered at once: the loop below goes on */
        return;
    job->subs_starting = true;
    while ((asked = next(job))) {
        int64_t deadline = deadline_of(job, asked);

        asked_set_open(&job->snap, asked);
        job->subs_open[asked->place]++;
        start(sub_new(job, asked), deadline, asked->pc, job->req.again);
    }
    job->subs_starting = false;
    if (open_count(job) == 0)
        job_plan(job);
}

void subrequests_start(struct job *job)
{
    go_on(job);
}

/* ---- without anybody who waits ---- */

static void start_alone(struct asked *asked, bool again, subrequest_done_fn *done, void *context)
{
    struct sub *sub = sub_new(NULL, asked);

    sub->done = done;
    sub->context = context;
    sub->content = asked->own;
    asked->own = (struct str)STR_EMPTY;
    start(sub, clock_now_ms() + cse_request_lifetime_ms(), (struct slice){sub->content.data, sub->content.len}, again);
}

void subrequest_run(const struct request *req, subrequest_done_fn *done, void *context)
{
    struct snapshot throwaway = {0};

    snapshot_ask(&throwaway, req, "own", req, ASK_AFTER);
    start_alone(throwaway.asked[0], req->again, done, context);
    ask_done(&throwaway);
}

static void delete_created(const struct job *job, const struct asked *asked)
{
    auto_free char *key = xasprintf("%s/undo", asked->key);
    struct snapshot throwaway = {0};
    struct request undo;

    request_init(&undo);
    undo.op = OP_DELETE;
    undo.to = asked->loc;
    undo.fr = asked->fr;
    if (!snapshot_ask(&throwaway, &job->req, key, &undo, 0))
        start_alone(throwaway.asked[0], false, NULL, NULL);
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

void subrequests_after(struct job *job)
{
    for (size_t i = 0; i < job->snap.asked_count; i++)
        if (job->snap.asked[i]->state == ASKED_AFTER)
            start_alone(job->snap.asked[i], job->req.again, NULL, NULL);
}
