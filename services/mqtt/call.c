#include "call.h"

#include "bus.h"
#include "clock.h"
#include "config.h"
#include "cse.h"
#include "log.h"
#include "map.h"
#include "mem.h"
#include "primitive_json.h"
#include "recent.h"
#include "respond.h"
#include "submit.h"

enum {
    MANY = 32, /* requests at a time */
    DRAIN_PATIENCE_US = 1000000
};

SUBMIT_METRICS("mqtt");

/* One request that is being carried out. */
struct call {
    struct submission submission; /* first */
    struct str message;           /* what `request` borrows from */
    struct primitive request;
    struct topic topic; /* of the request */
    char *to, *same;    /* what `request` borrows as well, if it was changed; owned */
    struct str identity;
    char key[MAP_KEY_SIZE];
    uint64_t recent; /* its number there; 0: none */
    bool again;      /* the broker has delivered it before */
    int64_t started;
    size_t received;
};

static struct line *own;
static const char *prefix;
static int open_calls;
static bool bare, authenticated;
static int64_t draining; /* since, clock_mono_us(); 0: not */

static struct metric repeated = METRIC_COUNTER("tessera_mqtt_repeated_total", "Messages that the broker delivered again", "what");

void call_setup(struct line *link, const char *given)
{
    own = link;
    prefix = given;
    bare = config_bool("mqtt.mobius");
    authenticated = config_bool("mqtt.authenticated") || (!*config_text("mqtt.url") && *config_text("mqtt.users"));
    submit_begin_counting(&metrics);
    submit_setup(
        &(struct submit_limits){cse_request_lifetime_ms(), config_int("mqtt.poll.lifetime"), config_int("mqtt.poll.max")});
}

static void send(struct call *call, const struct response *rsp)
{
    struct primitive p = {.kind = PRIMITIVE_RESPONSE, .wrapped = call->request.wrapped && !bare, .rsp = *rsp};
    struct topic topic = call->topic;
    auto_str struct str text = STR_EMPTY, name = STR_EMPTY;
    char why[160] = "too much waits to be sent";

    topic.kind = topic.kind == TOPIC_REQUEST ? TOPIC_RESPONSE : TOPIC_REGISTRATION_RESPONSE;
    topic_write(&name, prefix, &topic);
    if (primitive_serialize(&text, &p, topic.serialization == SERIALIZATION_CBOR, why, sizeof why) < 0 ||
        line_publish(own, name.data, text.data, text.len, 0) < 0) {
        log_warn("mqtt.response", "rqi=%s why=%s", rsp->rqi, why);
        metric_add(&metrics.refused, 1, "response");
        return;
    }
    submit_count(&metrics, &call->submission, &call->request.req, rsp->rsc, call->started, call->received, text.len, NULL);
}

static void call_done(struct call *call)
{
    if (call->recent)
        recent_end(call->recent);
    open_calls--;
    submission_done(&call->submission);
    str_done(&call->message);
    free(call->to);
    free(call->same);
    str_done(&call->identity);
    free(call);
}

/* Ends the call. */
static void refuse(struct call *call, int rsc, const char *why, int retry)
{
    struct respond r;

    respond_refuse(&r, &call->request.req, rsc, why, retry);
    send(call, &r.rsp);
    respond_done(&r);
    call_done(call);
}

static void refuse_failure(struct call *call, const struct submit_failure *failure)
{
    metric_add(&metrics.refused, 1, failure->reason);
    refuse(call, failure->rsc, failure->why, failure->retry);
}

static void on_response(struct submission *submission, const struct response *rsp, const struct submit_failure *failure)
{
    struct call *call = (struct call *)submission;

    if (failure) {
        refuse_failure(call, failure);
        return;
    }
    send(call, rsp);
    call_done(call);
}

/*
 * Is it under way already? Then its answer comes without it. Else it is told apart: one that this instance knows has the id that
 * it had, every other one the name of its content, under which storage has noted the answer.
 */
static bool is_running(struct call *call)
{
    const struct recent *recent = call->again ? recent_find(call->key) : NULL;

    if (!call->again)
        return false;
    metric_add(&repeated, 1, !recent ? "unknown" : recent->running ? "running" : "answered");
    if (recent && recent->running)
        return true;
    call->same = xstrdup(recent ? recent->id : call->key);
    return false;
}

/* Whom a broker lets publish below its own id only, is who the topic names. */
static void identify(struct call *call)
{
    struct request *req = &call->request.req;
    const char *topic = call->topic.originator;
    const char *name = req->fr && topic_names(topic, req->fr) ? req->fr : topic;

    submit_identity(&call->identity, authenticated ? "user" : "none", authenticated ? name : NULL, NULL);
    req->identity = (struct slice){call->identity.data, call->identity.len};
}

static void carry_out(struct call *call)
{
    struct request *req = &call->request.req;
    const struct submit_failure *failure;
    char why[160];
    enum rsc rsc = map_check(&call->topic, req, why, sizeof why);

    identify(call);
    req->key = call->key;
    req->same = call->same;
    req->to = call->to = map_to(req->to);
    if (rsc == RSC_OK)
        rsc = submit_prepare(req, clock_now_ms(), why, sizeof why);
    if (rsc != RSC_OK) {
        refuse(call, rsc, why, ABSENT);
        return;
    }
    failure = submit(&call->submission, req, on_response);
    if (failure)
        refuse_failure(call, failure);
    else if (!call->same)
        call->recent = recent_begin(call->key, bus_sent_id());
}

static void refuse_malformed(struct call *call, const char *why)
{
    if (call->request.kind != PRIMITIVE_REQUEST)
        request_init(&call->request.req);
    metric_add(&metrics.refused, 1, "malformed");
    refuse(call, RSC_BAD_REQUEST, why, ABSENT);
}

static struct call *call_new(const struct topic *t, struct message *message)
{
    struct call *call = xcalloc(1, sizeof *call);

    call->started = clock_mono_us();
    call->received = message->payload.len;
    call->topic = *t;
    call->again = message->dup;
    map_key(message->topic, message->payload.data ? message->payload.data : "", message->payload.len, call->key);
    call->message = message->payload;
    message->payload = (struct str)STR_EMPTY;
    request_init(&call->request.req);
    open_calls++;
    return call;
}

void call_take(const struct topic *t, struct message *message)
{
    struct call *call = call_new(t, message);
    char why[160] = "";

    if (t->serialization == SERIALIZATION_NONE) {
        refuse(call, RSC_UNSUPPORTED_MEDIA_TYPE, "the topic names a serialization that is not spoken here: json or cbor", ABSENT);
        return;
    }
    if (primitive_read(&call->request, &call->message, t->serialization == SERIALIZATION_CBOR, why, sizeof why) < 0)
        refuse_malformed(call, why);
    else if (call->request.kind != PRIMITIVE_REQUEST)
        refuse_malformed(call, "a response, by the topic of requests");
    else if (draining && clock_mono_us() - draining > DRAIN_PATIENCE_US)
        refuse(call, RSC_TARGET_NOT_REACHABLE, "this instance is stopping; try again", 1);
    else if (is_running(call))
        call_done(call);
    else
        carry_out(call);
}

void call_drain(void)
{
    if (!draining)
        draining = clock_mono_us();
}

bool call_idle(void)
{
    return open_calls == 0;
}

bool call_busy(void)
{
    return open_calls >= MANY;
}
