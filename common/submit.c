#include "submit.h"

#include "bus.h"
#include "clock.h"
#include "log.h"
#include "rtype.h"
#include "trace.h"

#include <arpa/inet.h>

#include "mem.h"

#define POLL_MAX_MS 1800000 /* nobody waits longer for whom it was sent to */
#define ATTRIBUTES_MAX 12
#define LEAVE_MS 5000 /* that the end of a poll may take to get there */

static struct submit_limits limits;
static int64_t polls; /* that wait */

static const struct submit_failure too_many_polls = {"polls", RSC_TARGET_NOT_REACHABLE, "too many polls are waiting; try again",
                                                     1};
static const struct submit_failure busy = {"busy", RSC_TARGET_NOT_REACHABLE, "too much to do, or the broker is away; try again",
                                           1};
static const struct submit_failure timeout = {"timeout", RSC_REQUEST_TIMEOUT, "no answer in time", ABSENT};
static const struct submit_failure lost = {"lost", RSC_TARGET_NOT_REACHABLE,
                                           "the broker went away; whether the request was carried out is not known", 1};
static const struct submit_failure nobody = {"nobody", RSC_TARGET_NOT_REACHABLE,
                                             "this part of the platform is not there yet; try again", 1};
static const struct submit_failure malformed = {"malformed", RSC_INTERNAL_SERVER_ERROR,
                                                "malformed answer from within the platform", ABSENT};

void submit_setup(const struct submit_limits *given)
{
    limits = *given;
}

bool submit_is_poll(const struct request *req)
{
    const char *last = req->op == OP_RETRIEVE && req->to ? strrchr(req->to, '/') : NULL;

    return last && strcmp(last, "/pcu") == 0;
}

enum rsc submit_prepare(struct request *req, int64_t now, char *why, size_t why_size)
{
    static char trace[TRACE_SIZE];
    bool poll = submit_is_poll(req);
    int64_t longest = poll && req->rqet ? POLL_MAX_MS : poll ? limits.poll_lifetime : limits.lifetime;
    int64_t expires;

    req->tenant = SUBMIT_TENANT;
    if (!req->trace) {
        trace_new(trace);
        req->trace = trace;
        req->untraced = true;
    }
    req->deadline = now + longest;
    if (!req->rqet || clock_parse_absrel(req->rqet, now, &expires) < 0)
        return RSC_OK;
    if (expires <= now) {
        snprintf(why, why_size, "rqet: has passed already");
        return RSC_REQUEST_TIMEOUT;
    }
    if (expires < req->deadline)
        req->deadline = expires;
    return RSC_OK;
}

static void respond(struct submission *s, const struct envelope *reply)
{
    struct response rsp;
    char why[120] = "no rsc";

    if (response_decode(&rsp, reply, why, sizeof why) == 0 && rsp.rsc > 0) {
        s->done(s, &rsp, NULL);
        return;
    }
    log_error("submit.reply", "rqi=%s why=%s", envelope_str(reply, "rqi"), why);
    s->done(s, NULL, &malformed);
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct submission *s = context;

    polls -= s->poll != NULL;
    if (failure == BUS_OK)
        respond(s, reply);
    else
        s->done(s, NULL, failure == BUS_TIMEOUT ? &timeout : failure == BUS_LOST ? &lost : &nobody);
}

/* Begins its span; `copy` is the traceparent to hand on then. */
static void begin_span(struct submission *s, const struct request *req, char copy[TRACE_SIZE])
{
    s->traced = true;
    if (!span_wanted() || !req->trace || strlen(req->trace) != TRACE_LEN)
        return;
    memcpy(copy, req->trace, TRACE_SIZE);
    span_begin(&s->span, copy, req->untraced);
}

const struct submit_failure *submit(struct submission *s, const struct request *req, submit_fn *done)
{
    static struct str head; /* keeps its memory */
    bool poll = submit_is_poll(req);
    struct request traced;
    char trace[TRACE_SIZE];

    *s = (struct submission){.done = done};
    if (poll && polls >= limits.polls)
        return &too_many_polls;
    begin_span(s, req, trace);
    if (span_recorded(&s->span)) {
        traced = *req;
        traced.trace = trace;
        req = &traced;
    }
    str_reset(&head);
    request_encode(&head, req);
    if (bus_send("orchestrator", &head, req->pc.n ? req->pc.p : "", req->pc.n, req->deadline, on_reply, s) < 0)
        return &busy;
    if (poll) {
        s->poll = xstrdup(bus_sent_id());
        polls++;
    }
    return NULL;
}

void submission_leave(const struct submission *s)
{
    auto_str struct str head = STR_EMPTY;

    if (!s->poll)
        return;
    head_str(&head, "do", "leave");
    head_str(&head, "poll", s->poll);
    bus_send("egress.poll", &head, "", 0, clock_now_ms() + LEAVE_MS, NULL, NULL);
}

void submission_done(struct submission *s)
{
    free(s->poll);
    s->poll = NULL;
}

void submit_identity(struct str *out, const char *by, const char *name, const char *peer)
{
    size_t at = out->len;

    head_str(out, "by", by);
    head_str(out, "name", name);
    head_str(out, "peer", peer);
    out->data[at] = '{'; /* instead of a comma */
    str_putc(out, '}');
}

bool submit_forwarded(const char *list, char peer[SUBMIT_PEER_SIZE])
{
    const char *comma = list ? strrchr(list, ',') : NULL;
    const char *last = comma ? comma + 1 : list;
    unsigned char address[sizeof(struct in6_addr)];
    size_t len;

    if (!last)
        return false;
    last += strspn(last, " \t");
    len = strcspn(last, " \t");
    if (len >= SUBMIT_PEER_SIZE || last[len + strspn(last + len, " \t")])
        return false;
    memcpy(peer, last, len);
    peer[len] = '\0';
    return inet_pton(AF_INET, peer, address) == 1 || inet_pton(AF_INET6, peer, address) == 1;
}

static void end_span(struct submission *s, const struct request *req, int rsc, int64_t started, const char *type,
                     const struct otlp_attribute *more)
{
    const char *operation = primitive_operation(req->op);
    struct otlp_attribute attributes[ATTRIBUTES_MAX] = {
        {"onem2m.operation",     operation,           OTLP_NONE},
        {"onem2m.resource_type", *type ? type : NULL, OTLP_NONE},
        {"onem2m.to",            req->to,             OTLP_NONE},
        {"onem2m.request_id",    req->rqi,            OTLP_NONE},
        {"onem2m.status_code",   NULL,                rsc      },
    };
    bool failed = rsc == RSC_INTERNAL_SERVER_ERROR || rsc == RSC_TARGET_NOT_REACHABLE || rsc == RSC_REQUEST_TIMEOUT;
    char name[80];
    int n = 5;

    while (more && more->key && n < ATTRIBUTES_MAX)
        attributes[n++] = *more++;
    snprintf(name, sizeof name, "%s%s%s", operation, *type ? " " : "", type);
    span_end(&s->span, &(struct span_end){.kind = OTLP_SERVER,
                                          .name = name,
                                          .started = started,
                                          .attributes = attributes,
                                          .count = n,
                                          .error = failed ? rsc_row(rsc)->name : NULL});
}

void submit_begin_counting(struct submit_metrics *m)
{
    const struct submit_failure *const all[] = {&too_many_polls, &busy, &timeout, &lost, &nobody, &malformed};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        metric_add(&m->refused, 0, all[i]->reason);
}

double submit_count(struct submit_metrics *m, struct submission *s, const struct request *req, int rsc, int64_t started,
                    size_t in, size_t out, const struct otlp_attribute *more)
{
    const struct rtype *type = req->op == OP_CREATE ? rtype_by_ty(req->ty) : NULL;
    const char *operation = primitive_operation(req->op);
    double took = (double)(clock_mono_us() - started) / 1e6;
    char status[8], trace[TRACE_SIZE];

    if (!s->traced) /* refused before it was handed in */
        begin_span(s, req, trace);
    if (span_recorded(&s->span))
        end_span(s, req, rsc, started, type ? type->sn : "", more);
    snprintf(status, sizeof status, "%d", rsc);
    metric_add(&m->requests, 1, operation, type ? type->sn : "", status);
    metric_observe(&m->seconds, took, operation);
    metric_add(&m->bytes, (double)in, "in");
    metric_add(&m->bytes, (double)out, "out");
    return took;
}
