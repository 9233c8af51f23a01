#include "call.h"

#include "address.h"
#include "clock.h"
#include "config.h"
#include "cse.h"
#include "egress.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "primitive_json.h"
#include "respond.h"
#include "submit.h"

SUBMIT_METRICS("websocket");

/* One request that is being carried out. */
struct call {
    struct submission submission; /* first */
    struct connection *connection;
    struct call *prev, *next;
    struct str message; /* what `request` borrows from */
    struct primitive request;
    int64_t started;
    size_t received;
};

static struct call *all;

void call_setup(void)
{
    submit_begin_counting(&metrics);
    submit_setup(&(struct submit_limits){cse_request_lifetime_ms(), config_int("websocket.poll.lifetime"),
                                         config_int("websocket.poll.max")});
}

static void send(struct call *call, const struct response *rsp)
{
    struct primitive p = {.kind = PRIMITIVE_RESPONSE, .rsp = *rsp};
    auto_str struct str text = STR_EMPTY;
    char why[160];

    if (primitive_serialize(&text, &p, call->connection->cbor, why, sizeof why) < 0) {
        log_warn("websocket.response", "rqi=%s why=%s", rsp->rqi, why);
        return;
    }
    submit_count(&metrics, &call->submission, &call->request.req, rsp->rsc, call->started, call->received, text.len, NULL);
    connection_send(call->connection, text.data, text.len);
}

static void refuse(struct call *call, int rsc, const char *why, int retry)
{
    struct respond r;

    respond_refuse(&r, &call->request.req, rsc, why, retry);
    send(call, &r.rsp);
    respond_done(&r);
}

static void call_done(struct call *call)
{
    struct connection *c = call->connection;

    if (call->next)
        call->next->prev = call->prev;
    *(call->prev ? &call->prev->next : &all) = call->next;
    submission_done(&call->submission);
    str_done(&call->message);
    free(call);
    connection_call_ended(c);
}

/* The AE-ID that a registration was given: {"m2m:ae":{...,"aei":"Cae"}}. NULL: none is told. The caller frees. */
static char *registered(struct slice content)
{
    struct json_member root, members[64];
    auto_str struct str text = STR_EMPTY;
    int count;

    if (json_members(content.p, content.n, &root, 1) != 1)
        return NULL;
    count = json_members(root.value.p, root.value.n, members, (int)ARRAY_LEN(members));
    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, "aei") && json_unquote(members[i].value, &text))
            return str_take(&text);
    return NULL;
}

/* Who got an answer that only the registered get, is who it says: the connection speaks for it. */
static void learn(struct call *call, const struct response *rsp)
{
    const struct request *req = &call->request.req;
    auto_free char *id = NULL;

    if (!rsc_is_success(rsp->rsc) || call->connection->address)
        return;
    if (req->op == OP_CREATE && req->ty == 2)
        id = registered(rsp->pc);
    else if (req->fr && *req->fr)
        id = xstrdup(req->fr);
    if (id)
        connection_speaks_for(call->connection, id);
}

static void on_response(struct submission *submission, const struct response *rsp, const struct submit_failure *failure)
{
    struct call *call = (struct call *)submission;

    if (call->connection->gone) {
        if (submission->poll)
            submission_leave(submission);
    } else if (failure) {
        metric_add(&metrics.refused, 1, failure->reason);
        refuse(call, failure->rsc, failure->why, failure->retry);
    } else {
        learn(call, rsp);
        send(call, rsp);
    }
    call_done(call);
}

static void carry_out(struct call *call)
{
    struct request *req = &call->request.req;
    const struct submit_failure *failure;
    char why[160];
    enum rsc rsc;

    req->identity = (struct slice){call->connection->identity.data, call->connection->identity.len};
    rsc = submit_prepare(req, clock_now_ms(), why, sizeof why);
    if (rsc != RSC_OK) {
        refuse(call, rsc, why, ABSENT);
        call_done(call);
        return;
    }
    failure = submit(&call->submission, req, on_response);
    if (!failure)
        return;
    metric_add(&metrics.refused, 1, failure->reason);
    refuse(call, failure->rsc, failure->why, failure->retry);
    call_done(call);
}

static struct call *call_new(struct connection *c, struct str *message)
{
    struct call *call = xcalloc(1, sizeof *call);

    call->connection = c;
    call->started = clock_mono_us();
    call->received = message->len;
    call->message = *message;
    *message = (struct str)STR_EMPTY;
    call->next = all;
    if (all)
        all->prev = call;
    all = call;
    connection_call_began(c);
    return call;
}

static void take_response(struct call *call, int read, const char *why)
{
    if (read == 0)
        egress_answer(call->connection, &call->request.rsp);
    else
        log_often(LOG_INFO, "websocket.malformed", "why=%s", why);
    call_done(call);
}

static void refuse_malformed(struct call *call, const char *why)
{
    if (call->request.kind == PRIMITIVE_NONE)
        request_init(&call->request.req);
    metric_add(&metrics.refused, 1, "malformed");
    refuse(call, RSC_BAD_REQUEST, why, ABSENT);
    call_done(call);
}

void call_take(struct connection *c, struct str *message)
{
    struct call *call = call_new(c, message);
    char why[160] = "";
    int read = primitive_read(&call->request, &call->message, c->cbor, why, sizeof why);

    if (call->request.kind == PRIMITIVE_RESPONSE)
        take_response(call, read, why);
    else if (read < 0)
        refuse_malformed(call, why);
    else
        carry_out(call);
}

void call_leave(const struct connection *c)
{
    for (const struct call *call = all; call; call = call->next)
        if (call->connection == c)
            submission_leave(&call->submission);
}
