#include "call.h"

#include "clock.h"
#include "config.h"
#include "connection.h"
#include "cors.h"
#include "cse.h"
#include "log.h"
#include "server.h"
#include "submit.h"
#include "text.h"

#include <ctype.h>
#include <strings.h>

#include "mem.h"

#define POOL_SIZE 256             /* calls kept for reuse */
#define KEPT_BODY (64 * 1024)     /* larger buffers are given back */
#define PATH_SHOWN 512            /* bytes of an address in a span */
#define LEAVE_MS 5000             /* that the end of a poll may take to get there */
#define DRAINED (4 * 1024 * 1024) /* beyond the limit, read and thrown away so that the client reads the answer */

struct call {
    struct submission submission; /* first */
    struct call *next;            /* in the pool */
    struct connection *connection;
    struct MHD_Connection *mhd;
    struct http_in in;
    struct mapping map;
    struct str body;
    struct str forwarded; /* identity that a balancer gave */
    char method[16];
    bool begun;    /* header fields are there */
    bool answered; /* a response is queued */
    bool suspended;
    bool close;        /* no further request on this connection */
    size_t received;   /* bytes of body, also those not kept */
    int64_t started;   /* clock_mono_us() */
    const char *fault; /* of the framing: the request cannot be trusted */
};

static struct call *pool;
static int pooled, waiting, opened;
static struct {
    size_t max_body;
    bool forwarded;
    const char *origins;
} settings;

SUBMIT_METRICS("http");

void call_setup(void)
{
    settings.max_body = (size_t)config_int("http.max_body");
    settings.forwarded = config_bool("http.forwarded");
    settings.origins = config_text("http.cors.origins");
    submit_begin_counting(&metrics);
    submit_setup(&(struct submit_limits){.lifetime = cse_request_lifetime_ms(),
                                         .poll_lifetime = config_int("http.poll.lifetime"),
                                         .polls = config_int("http.poll.max")});
}

int call_waiting(void)
{
    return waiting;
}

int call_open(void)
{
    return opened;
}

/* ---- life ---- */

void *call_begin(void *context, const char *uri, struct MHD_Connection *mhd)
{
    struct call *call = pool;
    size_t len = strlen(uri);

    (void)context;
    if (call) {
        pool = call->next;
        pooled--;
    } else {
        call = xmalloc(sizeof *call);
        call->body = call->forwarded = (struct str)STR_EMPTY;
    }
    mapping_init(&call->map);
    memset(&call->in, 0, sizeof call->in);
    call->connection = connection_of(mhd);
    call->mhd = mhd;
    call->in.target = arena_dup(&call->map.arena, uri, len); /* libmicrohttpd decodes its own in place */
    call->in.target_len = len;
    call->begun = call->answered = call->suspended = call->close = false;
    call->received = 0;
    call->started = clock_mono_us();
    call->fault = NULL;
    call->submission = (struct submission){0};
    call->method[0] = '\0';
    opened++;
    call->connection->call = call;
    connection_phase(call->connection, PHASE_RECEIVING, 0);
    return call;
}

static void call_free(struct call *call)
{
    opened--;
    call->connection->call = NULL;
    submission_done(&call->submission);
    mapping_done(&call->map);
    if (call->body.size > KEPT_BODY)
        str_done(&call->body);
    str_reset(&call->body);
    if (pooled < POOL_SIZE) {
        call->next = pool;
        pool = call;
        pooled++;
    } else {
        str_done(&call->body);
        str_done(&call->forwarded);
        free(call);
    }
}

void call_leave(struct call *call)
{
    if (call && call->suspended)
        submission_leave(&call->submission);
}

void call_completed(void *context, struct MHD_Connection *mhd, void **slot, enum MHD_RequestTerminationCode code)
{
    struct call *call = *slot;

    (void)context, (void)mhd;
    if (!call)
        return;
    *slot = NULL;
    if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        submission_leave(&call->submission);
    connection_phase(call->connection, PHASE_IDLE, 0);
    call_free(call);
}

void call_abandon(struct call *call)
{
    if (call)
        call_free(call);
}

/* ---- answering ---- */

static void account(struct call *call, const struct http_out *out)
{
    const struct request *req = &call->map.req;
    char path[PATH_SHOWN] = "";
    const struct otlp_attribute more[] = {
        {"http.request.method",       call->method, OTLP_NONE  },
        {"url.path",                  path,         OTLP_NONE  },
        {"http.response.status_code", NULL,         out->status},
        {NULL,                        NULL,         OTLP_NONE  },
    };
    double took;

    if (span_wanted())
        snprintf(path, sizeof path, "%.*s", (int)strcspn(call->in.target, "?"), call->in.target);
    took = submit_count(&metrics, &call->submission, req, out->rsc, call->started, call->received, out->body.n, more);

    if (out->status >= 500)
        log_often(LOG_INFO, "http.failed", "rqi=%s fr=%s method=%s target=%s status=%d rsc=%d ms=%.1f peer=%s trace=%s", req->rqi,
                  req->fr, call->method, call->in.target, out->status, out->rsc, took * 1e3, call->connection->peer, req->trace);
    else
        log_debug("http.answered", "rqi=%s fr=%s method=%s target=%s status=%d rsc=%d ms=%.1f peer=%s trace=%s", req->rqi,
                  req->fr, call->method, call->in.target, out->status, out->rsc, took * 1e3, call->connection->peer, req->trace);
}

static enum MHD_Result queue(struct call *call, const struct http_out *out)
{
    /* The library copies; it only reads what it is given. */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(out->body.n, (void *)(uintptr_t)out->body.p, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    for (int i = 0; i < out->count; i++)
        MHD_add_response_header(response, out->headers[i].name, out->headers[i].value);
    if (call->close || server_draining())
        MHD_add_response_header(response, "Connection", "close");
    call->answered = true;
    connection_phase(call->connection, PHASE_SENDING, out->body.n);
    result = MHD_queue_response(call->mhd, (unsigned)out->status, response);
    MHD_destroy_response(response);
    account(call, out);
    return result;
}

static enum MHD_Result refuse(struct call *call, enum rsc rsc, int status, const char *why, int retry)
{
    struct http_out out;
    enum MHD_Result result;

    render_init(&out);
    if (status)
        call->map.status = status;
    render_refusal(&out, &call->in, &call->map, rsc, why, retry);
    result = queue(call, &out);
    render_done(&out);
    return result;
}

static enum MHD_Result fail(struct call *call, const struct submit_failure *failure)
{
    metric_add(&metrics.refused, 1, failure->reason);
    return refuse(call, failure->rsc, 0, failure->why, failure->retry);
}

static void on_response(struct submission *submission, const struct response *rsp, const struct submit_failure *failure)
{
    struct call *call = (struct call *)submission;
    struct http_out out;

    waiting--;
    if (submission->poll && connection_left(call->connection))
        submission_leave(submission);
    if (failure) {
        fail(call, failure);
    } else {
        render_init(&out);
        render_response(&out, &call->in, &call->map, rsp);
        queue(call, &out);
        render_done(&out);
    }
    call->suspended = false;
    MHD_resume_connection(call->mhd);
    server_kick();
}

/* ---- the request ---- */

/* Who asks. A balancer in front says who is in front of it; with TLS, clients come here themselves. */
static struct slice identity(struct call *call)
{
    char peer[SUBMIT_PEER_SIZE];

    if (!settings.forwarded || call->connection->secure || !submit_forwarded(call->in.header[HEADER_FORWARDED_FOR], peer))
        return connection_identity(call->connection);
    str_reset(&call->forwarded);
    submit_identity(&call->forwarded, "none", NULL, peer);
    return (struct slice){call->forwarded.data, call->forwarded.len};
}

static enum MHD_Result dispatch(struct call *call)
{
    const struct submit_failure *failure;
    enum rsc rsc;

    call->in.method = call->method;
    call->in.body = &call->body;
    call->in.identity = identity(call);
    rsc = map_request(&call->in, &call->map);
    if (rsc != RSC_OK)
        return refuse(call, rsc, 0, call->map.why, ABSENT);
    failure = submit(&call->submission, &call->map.req, on_response);
    if (failure)
        return fail(call, failure);
    waiting++;
    call->suspended = true;
    connection_phase(call->connection, PHASE_WORKING, 0);
    MHD_suspend_connection(call->mhd);
    return MHD_YES;
}

static enum MHD_Result preflight(struct call *call)
{
    struct http_out out;
    enum MHD_Result result;

    render_init(&out);
    cors_preflight(&out, &call->in);
    out.rsc = RSC_OK;
    result = queue(call, &out);
    render_done(&out);
    return result;
}

static bool is_token(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && (name[i] == '\0' || !strchr("!#$%&'*+-.^_`|~", name[i])))
            return false;
    return len > 0;
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value,
                                   size_t len)
{
    struct call *call = context;
    int id = header_find(name, name_len);

    (void)kind;
    if (!is_token(name, name_len) || (value && memchr(value, 0, len)))
        call->fault = "malformed header field";
    if (id < 0 || !value)
        return MHD_YES;
    if (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
        while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
            len--;
        value = arena_dup(&call->map.arena, value, len);
    }
    if (!call->in.header[id])
        call->in.header[id] = value;
    else if (header_rows[id].joins)
        call->in.header[id] = arena_format(&call->map.arena, "%s, %s", call->in.header[id], value);
    else
        call->fault = arena_format(&call->map.arena, "%s given twice", header_rows[id].name);
    return MHD_YES;
}

/* RFC 9112 6.3: what two readers could understand differently is refused, so that no request hides in another. */
static void check_framing(struct call *call, const char *version)
{
    const char *length = call->in.header[HEADER_CONTENT_LENGTH];
    const char *coding = call->in.header[HEADER_TRANSFER_ENCODING];
    int64_t number;

    if (call->fault)
        return;
    if (length && coding)
        call->fault = "both Content-Length and Transfer-Encoding";
    else if (coding && (strcasecmp(coding, "chunked") != 0 || strcasecmp(version, MHD_HTTP_VERSION_1_0) == 0))
        call->fault = "Transfer-Encoding other than chunked";
    else if (length && !text_number(length, strlen(length), &number))
        call->fault = "malformed Content-Length";
}

static bool too_large(const struct call *call, size_t size)
{
    return size > settings.max_body || call->received > settings.max_body;
}

static enum MHD_Result refuse_size(struct call *call)
{
    char why[80];

    snprintf(why, sizeof why, "the content is larger than %zu bytes", settings.max_body);
    return refuse(call, RSC_BAD_REQUEST, 413, why, ABSENT);
}

/* The header fields are complete: refuses at once what need not be read further. */
static enum MHD_Result begin(struct call *call, const char *method, const char *version)
{
    int64_t announced = 0;

    call->begun = true;
    snprintf(call->method, sizeof call->method, "%s", method);
    call->in.origins = settings.origins;
    call->in.now = clock_now_ms();
    MHD_get_connection_values_n(call->mhd, MHD_HEADER_KIND, take_header, call);
    call->in.release = cse_release_answered(call->in.header[HEADER_RVI]);
    check_framing(call, version);
    if (call->fault) {
        call->close = true;
        return refuse(call, RSC_BAD_REQUEST, 0, call->fault, ABSENT);
    }
    if (call->in.header[HEADER_CONTENT_LENGTH])
        text_number(call->in.header[HEADER_CONTENT_LENGTH], strlen(call->in.header[HEADER_CONTENT_LENGTH]), &announced);
    if (too_large(call, (size_t)announced) && (call->in.header[HEADER_EXPECT] || announced > DRAINED)) {
        call->close = true;
        return refuse_size(call);
    }
    return MHD_YES;
}

static enum MHD_Result take_body(struct call *call, const char *data, size_t *size)
{
    call->received += *size;
    call->connection->bytes += *size;
    if (!too_large(call, 0))
        str_add(&call->body, data, *size);
    else if (call->received > settings.max_body + DRAINED)
        return MHD_NO; /* ends the connection: it was told nothing yet, but it will not stop either */
    *size = 0;
    return MHD_YES;
}

enum MHD_Result call_proceed(void *context, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
                             const char *data, size_t *size, void **slot)
{
    struct call *call = *slot;

    (void)context, (void)mhd, (void)url;
    if (!call->begun)
        return begin(call, method, version);
    if (*size > 0)
        return call->answered ? (*size = 0, MHD_YES) : take_body(call, data, size);
    if (call->answered || call->suspended)
        return MHD_YES;
    if (strcmp(method, MHD_HTTP_METHOD_OPTIONS) == 0)
        return preflight(call);
    if (too_large(call, 0))
        return refuse_size(call);
    return dispatch(call);
}
