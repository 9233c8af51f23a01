#include "egress.h"

#include "cbor.h"
#include "clock.h"
#include "json.h"
#include "lanes.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "rsc.h"
#include "target.h"
#include "text.h"

#include <curl/curl.h>
#include <strings.h>

#include "mem.h"

#define MAX_ANSWER (64 * 1024)
#define POOL_SIZE 64 /* handles kept for reuse */

/* One notification on its way. */
struct outgoing {
    struct job job; /* first: lanes.c hands it back */
    struct bus_delivery *delivery;
    struct target_url target;
    const struct media *media;
    struct str content; /* CBOR; JSON is sent from the delivery */
    CURL *easy;
    struct curl_slist *headers;
    struct str answer;
    bool overflow; /* the answer was cut at MAX_ANSWER */
    int64_t rsc;   /* X-M2M-RSC of the answer, 0: none */
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
    const char *ca;
} settings;

static struct metric results = METRIC_COUNTER("tessera_http_egress_total", "Notifications by result", "result");
static struct metric seconds = METRIC_HISTOGRAM("tessera_http_egress_seconds", "Time of one delivery", metric_seconds, NULL);
static struct metric waiting = METRIC_GAUGE("tessera_http_egress_waiting", "Notifications that wait for their turn", NULL);

/* ---- the reply on the bus ---- */

static void reply(struct outgoing *o, const char *st, int64_t rsc, const char *why)
{
    auto_str struct str head = STR_EMPTY;
    char problem[80];
    bool json = o->answer.len > 0 && !o->overflow && json_check(o->answer.data, o->answer.len, problem, sizeof problem) == 0;

    head_str(&head, "st", st);
    if (rsc > 0)
        head_int(&head, "rsc", rsc);
    if (why && text_clean(why, strlen(why)))
        head_str(&head, "why", why);
    for (size_t i = 0; json && i < o->answer.len; i++)
        if (o->answer.data[i] == '\n' || o->answer.data[i] == '\r')
            o->answer.data[i] = ' ';
    metric_add(&results, 1, st);
    bus_reply(o->delivery, &head, json ? o->answer.data : "", json ? o->answer.len : 0);
}

static void outgoing_free(struct outgoing *o)
{
    curl_slist_free_all(o->headers);
    target_done(&o->target);
    str_done(&o->content);
    str_done(&o->answer);
    free(o);
}

/* ---- one transfer ---- */

static size_t on_answer(char *data, size_t size, size_t count, void *context)
{
    struct outgoing *o = context;
    size_t n = size * count;

    if (o->answer.len + n > MAX_ANSWER) {
        o->overflow = true;
        return 0; /* ends the transfer: the status has been seen */
    }
    str_add(&o->answer, data, n);
    return n;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    static const char name[] = "X-M2M-RSC:";
    struct outgoing *o = context;
    size_t n = size * count, at = sizeof name - 1;
    int64_t rsc;

    if (n > at && strncasecmp(data, name, at) == 0) {
        size_t end = n;

        while (at < n && (data[at] == ' ' || data[at] == '\t'))
            at++;
        while (end > at && strchr(" \t\r\n", data[end - 1]))
            end--;
        o->rsc = text_number(data + at, end - at, &rsc) ? rsc : 0;
    }
    return n;
}

static void add_headers(struct outgoing *o)
{
    auto_str struct str line = STR_EMPTY;

    for (int i = 0; target_header(&o->delivery->envelope, i, &line); i++)
        if (line.len > 0)
            o->headers = curl_slist_append(o->headers, line.data);
    str_reset(&line);
    str_addf(&line, "Content-Type: %s", o->media->type);
    o->headers = curl_slist_append(o->headers, line.data);
    o->headers = curl_slist_append(o->headers, "Accept: application/json");
    o->headers = curl_slist_append(o->headers, "Expect:"); /* receivers in the field do not know it */
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

/* Returns 0 when the transfer runs, -1 with o->error when it cannot. */
static int transfer(struct outgoing *o)
{
    const struct envelope *e = &o->delivery->envelope;
    int64_t left = envelope_int(e, "deadline", INT64_MAX) - clock_now_ms();
    const char *body = o->content.len ? o->content.data : e->body;
    size_t len = o->content.len ? o->content.len : e->body_len;
    CURL *easy;

    if (left <= 0) {
        snprintf(o->error, sizeof o->error, "its deadline passed before its turn came");
        return -1;
    }
    left = left < settings.timeout ? left : settings.timeout;
    o->started = clock_mono_us();
    o->easy = easy = easy_get();
    add_headers(o);
    curl_easy_setopt(easy, CURLOPT_URL, str_text(&o->target.url));
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, o->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "tessera");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)left);
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

/* Ends a started notification and whatever its failure takes with it. */
static void finish(struct outgoing *o, const char *st, int64_t rsc, const char *why)
{
    bool failed = strcmp(st, "ok") != 0;
    struct job *rest = lanes_end(lanes, &o->job, failed);

    if (failed)
        log_debug("egress.failed", "url=%s st=%s rsc=%d why=%s rqi=%s", str_text(&o->target.url), st, (int)rsc, why,
                  envelope_str(&o->delivery->envelope, "rqi"));
    reply(o, st, rsc, why);
    outgoing_free(o);
    while (rest) {
        struct outgoing *next = (struct outgoing *)rest;

        rest = rest->next;
        reply(next, "unreachable", 0, "not tried: the one before it in its lane failed");
        outgoing_free(next);
    }
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
        finish(o, "unreachable", 0, o->error[0] ? o->error : "libcurl takes no more");
    }
}

static void completed(struct outgoing *o, CURLcode code)
{
    long status = 0;
    int64_t rsc = 0;
    bool ok;

    curl_easy_getinfo(o->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi, o->easy);
    easy_put(o->easy);
    metric_observe(&seconds, (double)(clock_mono_us() - o->started) / 1e6, NULL);
    if (status < 200 || (code != CURLE_OK && !o->overflow)) {
        finish(o, "unreachable", 0, o->error[0] ? o->error : curl_easy_strerror(code));
        return;
    }
    ok = target_accepted(status, o->rsc, &rsc);
    snprintf(o->error, sizeof o->error, "HTTP status %ld", status);
    /* A target in trouble of its own has not said no. */
    finish(o, ok ? "ok" : status >= 500 || status == 429 ? "unreachable" : "refused", rsc, ok ? NULL : o->error);
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

void egress_handle(struct bus_delivery *delivery)
{
    const char *url = envelope_str(&delivery->envelope, "url");
    const char *lane = envelope_str(&delivery->envelope, "lane");
    struct outgoing *o = xcalloc(1, sizeof *o);
    char why[160] = "no url";

    o->delivery = delivery;
    if (target_parse(&o->target, url ? url : "", why, sizeof why) < 0) {
        reply(o, "refused", RSC_BAD_REQUEST, why);
        outgoing_free(o);
        return;
    }
    o->media = target_media(&o->target, envelope_raw(&delivery->envelope, "csz"));
    if (o->media->cbor && delivery->envelope.body_len > 0 &&
        cbor_from_json(delivery->envelope.body, delivery->envelope.body_len, &o->content, why, sizeof why) < 0) {
        reply(o, "refused", RSC_BAD_REQUEST, why);
        outgoing_free(o);
        return;
    }
    /* Without a lane it waits for nobody. */
    lane = lane && *lane ? lane : delivery->id;
    lanes_add(lanes, &o->job, lane, strlen(lane), str_text(&o->target.url), o->target.host);
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
    settings.ca = config_text("http.egress.ca");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(multi = curl_multi_init()))
        log_fatal("egress.curl", "why=%s", "libcurl does not start");
    timer = loop_timer_new(on_timeout, NULL);
    lanes = lanes_new((int)connections, (int)config_int("http.egress.per_target"));
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
