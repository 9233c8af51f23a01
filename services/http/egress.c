#include "egress.h"

#include "clock.h"
#include "compose.h"
#include "lanes.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "text.h"

#include <curl/curl.h>
#include <strings.h>

#include "mem.h"

#define POOL_SIZE 64   /* handles kept for reuse */
#define WAY_BACK_MS 50 /* of the deadline, for the reply of a request that is passed on */

/* One request on its way. */
struct outgoing {
    struct job job; /* first: lanes.c hands it back */
    struct bus_delivery *delivery;
    struct request req; /* borrows from the delivery */
    struct target_url target;
    struct http_call call;
    CURL *easy;
    struct curl_slist *headers;
    struct http_answer answer; /* its header fields are in the call's arena */
    bool overflow;             /* the answer was longer than the setting allows: its content is gone */
    bool sent;                 /* it has left, perhaps in part */
    int64_t started;
    char error[CURL_ERROR_SIZE];
};

static CURLM *multi;
static struct loop_timer *timer;
static struct lanes *lanes;
static CURL *pool[POOL_SIZE];
static int pooled;
static struct {
    int64_t timeout;
    size_t max_answer;
    int per_target, per_cse;
    const char *ca;
} settings;

static struct metric results = METRIC_COUNTER("tessera_http_egress_total", "Requests sent out by result", "result");
static struct metric seconds =
    METRIC_HISTOGRAM("tessera_http_egress_seconds", "Time of one request sent out", metric_seconds, NULL);
static struct metric waiting =
    METRIC_GAUGE("tessera_http_egress_waiting", "Requests that wait for their turn to be sent out", NULL);

/* ---- the reply on the bus ---- */

static void reply(struct outgoing *o, const char *st, const struct response *rsp, const char *why)
{
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "st", st);
    if (why && text_clean(why, strlen(why)))
        head_str(&head, "why", why);
    if (o->sent)
        head_bool(&head, "sent", true);
    response_encode(&head, rsp);
    metric_add(&results, 1, st);
    bus_reply(o->delivery, &head, rsp->pc.n > 0 ? rsp->pc.p : "", rsp->pc.n);
}

/* Nothing came back, or nothing was sent; `rsc` may be ABSENT. */
static void reply_bare(struct outgoing *o, const char *st, int rsc, const char *why)
{
    struct response rsp;

    response_init(&rsp);
    rsp.rsc = rsc;
    reply(o, st, &rsp, why);
}

static void outgoing_free(struct outgoing *o)
{
    curl_slist_free_all(o->headers);
    target_done(&o->target);
    http_call_done(&o->call);
    str_done(&o->answer.body);
    free(o);
}

/* ---- one transfer ---- */

static size_t on_answer(char *data, size_t size, size_t count, void *context)
{
    struct outgoing *o = context;
    size_t n = size * count;

    if (o->answer.body.len + n > settings.max_answer) {
        o->overflow = true;
        return 0; /* ends the transfer: the status has been seen */
    }
    str_add(&o->answer.body, data, n);
    return n;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct outgoing *o = context;
    size_t n = size * count, at, end = n;
    char *colon = memchr(data, ':', n);
    int id = colon ? header_find(data, (size_t)(colon - data)) : -1;

    if (n >= 5 && memcmp(data, "HTTP/", 5) == 0) /* the real answer, behind an interim one */
        memset(o->answer.header, 0, sizeof o->answer.header);
    if (id < 0)
        return n;
    at = (size_t)(colon - data) + 1;
    while (at < n && (data[at] == ' ' || data[at] == '\t'))
        at++;
    while (end > at && strchr(" \t\r\n", data[end - 1]))
        end--;
    o->answer.header[id] = arena_dup(&o->call.arena, data + at, end - at);
    return n;
}

static void add_headers(struct outgoing *o)
{
    auto_str struct str line = STR_EMPTY;

    for (int i = 0; i < o->call.count; i++) {
        const struct http_header *h = &o->call.headers[i];

        str_reset(&line);
        if (*h->value)
            str_addf(&line, "%s: %s", h->name, h->value);
        else
            str_addf(&line, "%s;", h->name); /* libcurl's way to say: empty */
        o->headers = curl_slist_append(o->headers, line.data);
    }
    o->headers = curl_slist_append(o->headers, "Expect:"); /* receivers in the field do not know it */
}

/* The method and the content. Only POST and PUT without a content say that its length is 0. */
static void set_method(CURL *easy, const struct http_call *call)
{
    bool carries = call->body.n > 0 || *call->method == 'P';

    if (carries) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.n > 0 ? call->body.p : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    if (strcmp(call->method, carries ? "POST" : "GET") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
}

static CURL *easy_get(void)
{
    CURL *easy = pooled > 0 ? pool[--pooled] : curl_easy_init();

    if (!easy)
        log_fatal("egress.curl", "why=%s", "libcurl gives no handle");
    return easy;
}

static void easy_put(CURL *easy)
{
    if (pooled < POOL_SIZE) {
        curl_easy_reset(easy); /* keeps its connections: those belong to `multi` */
        pool[pooled++] = easy;
    } else {
        curl_easy_cleanup(easy);
    }
}

/*
 * ms that the transfer may take, 0: none. A notification has its own bound, so that a slow target holds up its lane for no
 * longer; what is passed on has the time that its originator gives it, and its bound is for finding the next hop.
 */
static int64_t time_left(const struct outgoing *o)
{
    int64_t left = envelope_int(&o->delivery->envelope, "deadline", INT64_MAX) - clock_now_ms();

    if (o->req.op == OP_NOTIFY)
        return left < settings.timeout ? left : settings.timeout;
    return left > 2 * WAY_BACK_MS ? left - WAY_BACK_MS : left;
}

/* Returns 0 when the transfer runs, -1 with o->error when it cannot. */
static int transfer(struct outgoing *o)
{
    int64_t left = time_left(o);
    CURL *easy;

    if (left <= 0) {
        snprintf(o->error, sizeof o->error, "its deadline passed before its turn came");
        return -1;
    }
    o->started = clock_mono_us();
    o->easy = easy = easy_get();
    add_headers(o);
    set_method(easy, &o->call);
    curl_easy_setopt(easy, CURLOPT_URL, o->call.url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, o->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "tessera");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(left < settings.timeout ? left : settings.timeout));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (*settings.ca)
        curl_easy_setopt(easy, CURLOPT_CAINFO, settings.ca);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, o);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, o);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, o->error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, o);
    return curl_multi_add_handle(multi, easy) == CURLM_OK ? 0 : -1;
}

/* ---- the queue ---- */

/* Ends a started request and whatever its failure takes with it. */
static void finish(struct outgoing *o, const char *st, const struct response *rsp, const char *why)
{
    bool failed = strcmp(st, "ok") != 0;
    struct job *rest = lanes_end(lanes, &o->job, failed);

    if (failed)
        log_debug("egress.failed", "url=%s st=%s rsc=%d why=%s rqi=%s", o->call.url, st, rsp->rsc, why, o->req.rqi);
    reply(o, st, rsp, why);
    outgoing_free(o);
    while (rest) {
        struct outgoing *next = (struct outgoing *)rest;

        rest = rest->next;
        reply_bare(next, "unreachable", ABSENT, "not tried: the one before it in its lane failed");
        outgoing_free(next);
    }
}

static void finish_unreachable(struct outgoing *o, const char *why)
{
    struct response rsp;

    response_init(&rsp);
    finish(o, "unreachable", &rsp, why);
}

static void pump(void)
{
    struct job *job;

    while ((job = lanes_start(lanes))) {
        struct outgoing *o = (struct outgoing *)job;

        if (transfer(o) == 0)
            continue;
        if (o->easy)
            easy_put(o->easy);
        finish_unreachable(o, o->error[0] ? o->error : "libcurl takes no more");
    }
}

/* The answer is complete, or at least its status and header fields are. */
static void answered(struct outgoing *o)
{
    struct response rsp;
    const char *st;

    if (o->overflow)
        str_reset(&o->answer.body);
    compose_response(&rsp, &o->answer, &o->call.arena);
    if (o->overflow && o->req.op != OP_NOTIFY) {
        rsp.rsc = RSC_NOT_ACCEPTABLE;
        snprintf(o->error, sizeof o->error, "the answer is longer than %zu bytes", settings.max_answer);
    } else {
        snprintf(o->error, sizeof o->error, "HTTP status %ld", o->answer.status);
    }
    st = compose_outcome(o->req.op, &o->answer, &rsp);
    finish(o, st, &rsp, strcmp(st, "ok") == 0 ? NULL : o->error);
}

static void completed(struct outgoing *o, CURLcode code)
{
    long sent = 0;

    curl_easy_getinfo(o->easy, CURLINFO_RESPONSE_CODE, &o->answer.status);
    curl_easy_getinfo(o->easy, CURLINFO_REQUEST_SIZE, &sent);
    o->sent = sent > 0;
    curl_multi_remove_handle(multi, o->easy);
    easy_put(o->easy);
    metric_observe(&seconds, (double)(clock_mono_us() - o->started) / 1e6, NULL);
    if (o->answer.status < 200 || (code != CURLE_OK && !o->overflow))
        finish_unreachable(o, o->error[0] ? o->error : curl_easy_strerror(code));
    else
        answered(o);
}

static void collect(void)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left))) {
        struct outgoing *o = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&o);
        completed(o, message->data.result);
    }
    pump();
}

/* 0, or -1 with `why`: it cannot be sent. */
static int prepare(struct outgoing *o, char *why, size_t why_size)
{
    const struct envelope *e = &o->delivery->envelope;
    const char *url = envelope_str(e, "url");

    if (request_decode(&o->req, e, why, why_size) < 0)
        return -1;
    if (!url) {
        snprintf(why, why_size, "no url");
        return -1;
    }
    if (target_parse(&o->target, url, why, why_size) < 0)
        return -1;
    return compose_request(&o->call, &o->req, &o->target, target_media(&o->target, envelope_raw(e, "csz")), why, why_size);
}

void egress_handle(struct bus_delivery *delivery)
{
    const char *lane = envelope_str(&delivery->envelope, "lane");
    struct outgoing *o = xcalloc(1, sizeof *o);
    char why[160] = "";

    o->delivery = delivery;
    http_call_init(&o->call);
    if (prepare(o, why, sizeof why) < 0) {
        reply_bare(o, "refused", RSC_BAD_REQUEST, why);
        outgoing_free(o);
        return;
    }
    /* Without a lane it waits for nobody. What is for another CSE does not wait behind notifications to the same place either. */
    lane = lane && *lane ? lane : delivery->id;
    lanes_add(lanes, &o->job, lane, strlen(lane), str_text(&o->target.url), o->target.host,
              compose_for_url(&o->req) ? settings.per_target : settings.per_cse);
    pump();
}

/* ---- libcurl on the loop ---- */

static void on_socket_event(void *context, int events)
{
    int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) | (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    int running;

    curl_multi_socket_action(multi, (curl_socket_t)(intptr_t)context, flags ? flags : CURL_CSELECT_ERR, &running);
    collect();
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *slot)
{
    struct loop_watch *watch = slot;

    (void)easy, (void)context;
    if (what == CURL_POLL_REMOVE) {
        loop_watch_free(watch);
        curl_multi_assign(multi, fd, NULL);
        return 0;
    }
    if (!watch) {
        watch = loop_watch_new(fd, on_socket_event, (void *)(intptr_t)fd);
        curl_multi_assign(multi, fd, watch);
    }
    loop_watch_set(watch, (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0));
    return 0;
}

static void on_timeout(void *context)
{
    int running;

    (void)context;
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect();
}

/* May be called from inside curl_multi_*(): it must not call back into it. */
static int on_timer(CURLM *m, long ms, void *context)
{
    (void)m, (void)context;
    if (ms < 0)
        loop_timer_stop(timer);
    else
        loop_timer_start(timer, ms, 0);
    return 0;
}

static void on_render(void)
{
    metric_set(&waiting, lanes_waiting(lanes), NULL);
}

void egress_start(void)
{
    long connections = (long)config_int("http.egress.connections");

    settings.timeout = config_int("http.egress.timeout");
    settings.max_answer = (size_t)config_int("http.egress.max_answer");
    settings.ca = config_text("http.egress.ca");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(multi = curl_multi_init()))
        log_fatal("egress.curl", "why=%s", "libcurl does not start");
    timer = loop_timer_new(on_timeout, NULL);
    lanes = lanes_new((int)connections);
    settings.per_target = (int)config_int("http.egress.per_target");
    settings.per_cse = (int)config_int("http.egress.per_cse");
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections);
    metrics_on_render(on_render);
}

bool egress_idle(void)
{
    return lanes_active(lanes) == 0 && lanes_waiting(lanes) == 0;
}

void egress_stop(void)
{
    if (!egress_idle()) /* the broker gives them to another instance */
        return;
    while (pooled > 0)
        curl_easy_cleanup(pool[--pooled]);
    curl_multi_cleanup(multi);
    lanes_free(lanes);
    loop_timer_free(timer);
    curl_global_cleanup();
}
