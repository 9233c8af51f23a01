#include "span.h"

#include "clock.h"
#include "curl_loop.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "version.h"

#include <strings.h>

#include "mem.h"

#define PATH "/v1/traces"
#define LINGER_MS 1000   /* that a span waits for others */
#define BATCH_SPANS 512  /* as many leave at once */
#define QUEUE_SPANS 8192 /* as many wait while a batch is on its way */
#define QUEUE_BYTES (8 * 1024 * 1024)
#define TIMEOUT_MS 5000L
#define PARENT_AT 36 /* in a traceparent */
#define TRACE_AT 3

const struct config_row span_config[] = {
    {"trace.endpoint", CONFIG_TEXT, "",      0, 2000,
     "URL of an OpenTelemetry collector (OTLP/HTTP, http://host:4318) that is told what each request took where; empty: nobody"},
    {"trace.sampling", CONFIG_INT,  "10000", 0, 10000,
     "of 10,000 requests that bring no traceparent so many are told of; those that bring one say so themselves"                },
    {NULL,             CONFIG_TEXT, NULL,    0, 0,     NULL                                                                    },
};

static bool on;
static char *url, *service;
static const char *instance;
static struct str waiting; /* spans, commas between them */
static int count;          /* of them */
static struct str body;    /* on its way */
static int leaving;        /* spans in it; 0: nothing is on its way */
static bool away;          /* the last batch was not taken */
static CURLM *multi;
static CURL *easy;
static struct curl_slist *headers;
static struct loop_timer *linger;
static bool lingering;

static struct metric told = METRIC_COUNTER(
    "tessera_trace_spans_total", "Spans by what became of them: sent, full (too many waited), failed (not taken)", "result");

/* ---- leaving ---- */

static size_t on_answer(char *data, size_t size, size_t n, void *context)
{
    (void)data, (void)context;
    return size * n;
}

static void leave(void)
{
    if (leaving > 0 || count == 0)
        return;
    str_reset(&body);
    otlp_request(&body, service, instance, TESSERA_VERSION, &waiting);
    str_reset(&waiting);
    leaving = count;
    count = 0;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    curl_multi_add_handle(multi, easy);
}

static void on_sent(void *context, CURL *which, CURLcode code)
{
    bool taken;
    long status = 0;

    (void)context;
    curl_easy_getinfo(which, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi, which);
    taken = code == CURLE_OK && status >= 200 && status < 300;
    metric_add(&told, leaving, taken ? "sent" : "failed");
    if (taken != !away) /* once, not each time */
        log_warn(taken ? "trace.back" : "trace.away", "endpoint=%s status=%ld why=%s", url, status,
                 taken ? NULL : curl_easy_strerror(code));
    away = !taken;
    leaving = 0;
    if (count >= BATCH_SPANS)
        leave();
}

static void on_linger(void *context)
{
    (void)context;
    lingering = false;
    leave();
}

void span_flush(void)
{
    if (on)
        leave();
}

bool span_wanted(void)
{
    return on;
}

bool span_idle(void)
{
    return !on || (count == 0 && leaving == 0);
}

/* ---- spans ---- */

void span_begin(struct span *s, char *traceparent, bool root)
{
    char fresh[TRACE_SIZE];

    s->id[0] = '\0';
    if (!on || !traceparent || !trace_valid(traceparent) || !trace_sampled(traceparent))
        return;
    trace_new(fresh);
    memcpy(s->trace, traceparent + TRACE_AT, SPAN_TRACE_LEN);
    memcpy(s->parent, traceparent + PARENT_AT, SPAN_ID_LEN);
    memcpy(s->id, fresh + PARENT_AT, SPAN_ID_LEN);
    s->trace[SPAN_TRACE_LEN] = s->id[SPAN_ID_LEN] = s->parent[SPAN_ID_LEN] = '\0';
    if (root)
        s->parent[0] = '\0';
    memcpy(traceparent + PARENT_AT, s->id, SPAN_ID_LEN);
}

static void keep(const struct otlp_span *span)
{
    if (count >= QUEUE_SPANS || waiting.len >= QUEUE_BYTES) {
        metric_add(&told, 1, "full");
        return;
    }
    if (count++ > 0)
        str_putc(&waiting, ',');
    otlp_span(&waiting, span);
    if (count >= BATCH_SPANS)
        leave();
    if (count > 0 && !lingering) {
        lingering = true;
        loop_timer_start(linger, LINGER_MS, 0);
    }
}

void span_end(struct span *s, const struct span_end *end)
{
    int64_t now = clock_now_us(), took = clock_mono_us() - end->started;
    struct otlp_span span = {
        .trace = s->trace,
        .id = s->id,
        .parent = s->parent,
        .name = end->name,
        .kind = end->kind,
        .start_us = now - took,
        .end_us = now,
        .attributes = end->attributes,
        .count = end->count,
        .error = end->error,
    };

    if (!span_recorded(s))
        return;
    keep(&span);
    s->id[0] = '\0';
}

/* ---- life ---- */

static void prepare(void)
{
    multi = curl_loop_start(on_sent);
    easy = curl_easy_init();
    if (!easy)
        log_fatal("trace.start", "why=%s", "libcurl gives no handle");
    headers = curl_slist_append(curl_slist_append(NULL, "Content-Type: application/json"), "Expect:");
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "tessera/" TESSERA_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
}

void span_start(const char *name, const char *given)
{
    const char *endpoint = config_text("trace.endpoint");
    size_t len = strlen(endpoint);

    if (len == 0)
        return;
    if (strncasecmp(endpoint, "http://", 7) != 0 && strncasecmp(endpoint, "https://", 8) != 0)
        config_refuse("trace.endpoint", "must begin with http:// or https://");
    if (endpoint[len - 1] == '/')
        len--;
    url = xasprintf("%.*s%s", (int)len, endpoint,
                    len > strlen(PATH) && memcmp(endpoint + len - strlen(PATH), PATH, strlen(PATH)) == 0 ? "" : PATH);
    service = xasprintf("tessera-%s", name);
    instance = given;
    linger = loop_timer_new(on_linger, NULL);
    trace_sample((int)config_int("trace.sampling"));
    prepare();
    on = true;
}

void span_stop(void)
{
    if (!on)
        return;
    on = false;
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    curl_loop_stop(multi);
    loop_timer_free(linger);
    str_done(&waiting);
    str_done(&body);
    free(url);
    free(service);
}
