/*
 * Handing a request primitive that came over some binding to the orchestrator, and getting its response: steps 3 to 5 of TR 103
 * 527. What a protocol service does:
 *
 *     static void on_response(struct submission *s, const struct response *rsp, const struct submit_failure *failure)
 *     {
 *         struct call *call = (struct call *)s;           // the submission is its first member
 *         ... write `rsp`; if that is NULL, respond_refuse() with what `failure` says
 *         submission_done(&call->submission);
 *     }
 *
 *     req.identity = ...submit_identity(), req.trace = ...;
 *     rsc = submit_prepare(&req, now, why, sizeof why);   // tenant, trace, deadline
 *     failure = submit(&call->submission, &req, on_response);
 *     if (failure) ... refuse at once: nothing was sent, on_response is not called
 *
 * What is in flight is bounded by bus.inflight; beyond it, and when the broker is away, submit() refuses.
 */
#ifndef TESSERA_SUBMIT_H
#define TESSERA_SUBMIT_H

#include "metrics.h"
#include "primitive.h"
#include "span.h"

#define SUBMIT_TENANT "main"

/* ms that a request may take if it does not say (rqet), and longer than `lifetime` only a poll may: a RETRIEVE of a pcu. */
struct submit_limits {
    int64_t lifetime; /* cse_request_lifetime_ms() */
    int64_t poll_lifetime;
    int64_t polls; /* that wait at a time; fewer than bus.inflight, so that others are served */
};
void submit_setup(const struct submit_limits *limits); /* first of all */

/* Why there is no response from within. `reason` is for counting, `retry` in seconds or ABSENT. */
struct submit_failure {
    const char *reason;
    enum rsc rsc;
    const char *why;
    int retry;
};

struct submission;
/* Called once for what submit() took, never from inside it. One of `rsp` and `failure` is NULL; they live during the call. */
typedef void submit_fn(struct submission *s, const struct response *rsp, const struct submit_failure *failure);

/* Part of what the service keeps of a request, in memory that stays where it is until `done` was called. */
struct submission {
    submit_fn *done;
    char *poll; /* id of the request, if it is a poll; owned */
    struct span span;
    bool traced; /* what became of it is told by its span, or not at all */
};

/*
 * Gives the request its tenant, a deadline (from rqet, within the limits) and, unless it has one, a trace, whose text is
 * valid until the next call. RSC_OK, or a refusal with `why`: 4008, its rqet has passed.
 */
enum rsc submit_prepare(struct request *req, int64_t now, char *why, size_t why_size);
bool submit_is_poll(const struct request *req); /* a RETRIEVE of a pollingChannelURI: answered when there is something */

/* NULL: it is on its way. Everything that `req` borrows is copied. */
const struct submit_failure *submit(struct submission *s, const struct request *req, submit_fn *done);

/*
 * If it is a poll: whoever sent it will not get the response, or is not to wait for it any more. What it was given, if it was, is
 * for the next poll then.
 */
void submission_leave(const struct submission *s);
void submission_done(struct submission *s); /* forgets it; `done` was called, or submit() refused */

/* Appends the envelope's `identity`: `by` is "none", "psk", "certificate"...; `name` and `peer` (a numeric address) may be NULL.
 */
void submit_identity(struct str *out, const char *by, const char *name, const char *peer);
#define SUBMIT_PEER_SIZE 48
/*
 * The address that the nearest proxy has seen: the last one of X-Forwarded-For, since it appends and those before may be the
 * client's invention. False: there is none, or it is no numeric address. `list` may be NULL. Pure.
 */
bool submit_forwarded(const char *list, char peer[SUBMIT_PEER_SIZE]);

/* What every protocol service counts; SUBMIT_METRICS("coap") defines `metrics` of that name. */
struct submit_metrics {
    struct metric requests, seconds, bytes, refused;
};
#define SUBMIT_METRICS(service)                                                                                                  \
    static struct submit_metrics metrics = {                                                                                     \
        METRIC_COUNTER("tessera_" service "_requests_total", "Requests answered", "operation", "type", "status"),                \
        METRIC_HISTOGRAM("tessera_" service "_request_seconds", "Time from request to answer", metric_seconds, "operation"),     \
        METRIC_COUNTER("tessera_" service "_bytes_total", "Bytes of content", "direction"),                                      \
        METRIC_COUNTER("tessera_" service "_refused_total", "Requests that got no answer from within", "reason"),                \
    }
/* Requests that are refused are to be seen when the first one is: until then there were none. Once, before the first request. */
void submit_begin_counting(struct submit_metrics *m);
/*
 * One request answered with `rsc`, whether it was handed in (`s`) or refused before: counted, and its span ended. `started` as
 * clock_mono_us(), bytes of content in and out. `more`, if not NULL, says more about it in its span; ended by a NULL key. Returns
 * the seconds it took.
 */
double submit_count(struct submit_metrics *m, struct submission *s, const struct request *req, int rsc, int64_t started,
                    size_t in, size_t out, const struct otlp_attribute *more);

#endif
