#include "egress.h"

#include "certificate.h"
#include "clock.h"
#include "compose.h"
#include "curl_loop.h"
#include "delivery.h"
#include "log.h"
#include "outbound.h"
#include "text.h"

#include <strings.h>

#include "mem.h"

#define POOL_SIZE 64 /* handles kept for reuse */

/* One request on its way. */
struct outgoing {
    struct outbound o; /* first */
    struct http_call call;
    CURL *easy;
    struct curl_slist *headers;
    struct curl_loop_content content; /* of a CREATE */
    struct http_answer answer;        /* its header fields are in the call's arena */
    bool overflow;                    /* the answer was longer than the setting allows: its content is gone */
    char error[CURL_ERROR_SIZE];
};

static CURLM *multi;
static CURL *pool[POOL_SIZE];
static int pooled;
static struct {
    int64_t timeout;
    size_t max_answer;
    const char *ca;
} settings;

static struct outbound_metrics metrics = OUTBOUND_METRICS("http");
static struct metric local_total = METRIC_COUNTER("tessera_http_egress_local_total",
                                                  "Attempts, in a container, to reach an address of the container itself", NULL);

static void release(struct outbound *base)
{
    struct outgoing *o = (struct outgoing *)base;

    curl_slist_free_all(o->headers);
    http_call_done(&o->call);
    str_done(&o->answer.body);
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
static void set_method(CURL *easy, struct outgoing *o)
{
    const struct http_call *call = &o->call;
    bool carries = call->body.n > 0 || *call->method == 'P';

    if (o->o.req.op == OP_CREATE && call->body.n > 0) {
        o->content = (struct curl_loop_content){call->body.p, call->body.n, 0};
        curl_loop_post_once(easy, &o->content);
    } else if (carries) {
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

static int transfer(struct outbound *base, int64_t left)
{
    struct outgoing *o = (struct outgoing *)base;
    CURL *easy;

    o->easy = easy = easy_get();
    add_headers(o);
    set_method(easy, o);
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
    if (curl_multi_add_handle(multi, easy) == CURLM_OK)
        return 0;
    easy_put(easy);
    snprintf(o->o.why, sizeof o->o.why, "%s", "libcurl takes no more");
    return -1;
}

/* The answer is complete, or at least its status and header fields are. */
static void answered(struct outgoing *o)
{
    struct response rsp;
    const char *st;

    if (o->overflow)
        str_reset(&o->answer.body);
    compose_response(&rsp, &o->answer, &o->call.arena);
    if (o->overflow && o->o.req.op != OP_NOTIFY) {
        rsp.rsc = RSC_NOT_ACCEPTABLE;
        snprintf(o->error, sizeof o->error, "the answer is longer than %zu bytes", settings.max_answer);
    } else {
        snprintf(o->error, sizeof o->error, "HTTP status %ld", o->answer.status);
    }
    st = compose_outcome(o->o.req.op, &o->answer, &rsp);
    outbound_answered(&o->o, &rsp, st, strcmp(st, "ok") == 0 ? NULL : o->error);
}

/*
 * A point of access like http://localhost:9000 of an application is a common mistake when the CSE runs in a container: it means
 * the container itself. Said now and then, not for each request.
 */
static void warn_local(const char *url)
{
    enum { PAUSE_US = 60000000 };
    static int64_t last;
    int64_t now = clock_mono_us();

    if (!delivery_is_local(url) || !delivery_in_container())
        return;
    metric_add(&local_total, 1, NULL);
    if (last && now - last < PAUSE_US)
        return;
    last = now;
    log_warn("poa.local", "url=%s why=%s", url,
             "nobody answers there: in a container this is the container itself; a point of access must name the other machine");
}

static void completed(void *context, CURL *easy, CURLcode code)
{
    struct outgoing *o = context;
    long sent = 0;

    (void)easy; /* o->easy */
    curl_easy_getinfo(o->easy, CURLINFO_RESPONSE_CODE, &o->answer.status);
    curl_easy_getinfo(o->easy, CURLINFO_REQUEST_SIZE, &sent);
    o->o.sent = sent > 0;
    curl_multi_remove_handle(multi, o->easy);
    easy_put(o->easy);
    if (o->answer.status < 200 && code == CURLE_COULDNT_CONNECT)
        warn_local(o->call.url);
    if (code == CURLE_SEND_FAIL_REWIND)
        snprintf(o->error, sizeof o->error, "the connection ended before the answer; whether it was carried out is not known");
    if (o->answer.status < 200 || (code != CURLE_OK && !o->overflow))
        outbound_failed(&o->o, o->error[0] ? o->error : curl_easy_strerror(code));
    else
        answered(o);
}

/* 0, or -1 with `why`: it cannot be sent. */
static int prepare(struct outbound *base, char *why, size_t why_size)
{
    struct outgoing *o = (struct outgoing *)base;

    http_call_init(&o->call);
    return compose_request(&o->call, &base->req, str_text(&base->target.url), base->serialization, why, why_size);
}

void egress_start(void)
{
    static const char *const schemes[] = {"http", "https", NULL};
    static const struct outbound_binding binding = {
        .size = sizeof(struct outgoing),
        .schemes = schemes,
        .metrics = &metrics,
        .prepare = prepare,
        .send = transfer,
        .release = release,
    };
    struct outbound_limits limits = {
        .total = (int)config_int("http.egress.connections"),
        .per_target = (int)config_int("http.egress.per_target"),
        .per_cse = (int)config_int("http.egress.per_cse"),
        .timeout = config_int("http.egress.timeout"),
    };

    settings.timeout = limits.timeout;
    settings.max_answer = (size_t)config_int("http.egress.max_answer");
    settings.ca = config_text("http.egress.ca");
    certificate_follow("http.egress.ca");
    multi = curl_loop_start(completed);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)limits.total);
    outbound_start(&binding, &limits);
}

void egress_stop(void)
{
    if (!outbound_idle())
        return;
    while (pooled > 0)
        curl_easy_cleanup(pool[--pooled]);
    curl_loop_stop(multi);
    outbound_stop();
}
