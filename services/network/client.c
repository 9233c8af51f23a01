#include "client.h"

#include "certificate.h"
#include "config.h"
#include "curl_loop.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "network.h"

#include "mem.h"

enum { ANSWER_MAX = 4 << 20 };

struct call {
    struct call *next, **at;
    CURL *easy;
    struct curl_slist *headers;
    struct str body, answer, location;
    const char *api;
    client_fn *fn;
    void *context;
    char error[CURL_ERROR_SIZE];
};

static CURLM *multi;
static struct loop_timer *failures; /* for calls that could not even begin */
static struct call *calls;
static const char *base;
static char *authorization, *userpwd;

static struct metric requests =
    METRIC_COUNTER("tessera_network_requests_total", "Requests to the exposure function of the network", "api", "result");

/* ---- one call ---- */

static void call_free(struct call *call)
{
    *call->at = call->next;
    if (call->next)
        call->next->at = call->at;
    if (call->easy)
        curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    str_done(&call->body);
    str_done(&call->answer);
    str_done(&call->location);
    free(call);
}

static const char *result_of(const struct answer *answer)
{
    if (answer_is_good(answer))
        return "ok";
    return answer->status == 0 ? "unreachable" : answer_is_transient(answer) ? "later" : "refused";
}

static void finish(struct call *call, long status, bool sent, const char *why)
{
    char ignored[100], text[60];
    json_auto_t *body =
        status && call->answer.len > 0 ? json_parse(call->answer.data, call->answer.len, ignored, sizeof ignored) : NULL;
    struct answer answer = {status, sent, body, str_text(&call->location), why};
    client_fn *fn = call->fn;
    void *context = call->context;

    if (status) {
        snprintf(text, sizeof text, "the network answers HTTP status %ld", status);
        answer.why = text;
    }
    metric_add(&requests, 1, call->api, result_of(&answer));
    if (!answer_is_good(&answer))
        log_info("network.refused", "api=%s status=%ld why=%s", call->api, status, answer.why);
    call->fn = NULL;
    fn(context, &answer);
    call_free(call);
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct call *call = context;

    if (call->answer.len + size * count > ANSWER_MAX)
        return 0;
    str_add(&call->answer, data, size * count);
    return size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    static const char name[] = "location:";
    struct call *call = context;
    size_t n = size * count, begin = sizeof name - 1, end = n;

    if (n <= begin || strncasecmp(data, name, begin) != 0)
        return n;
    while (begin < n && data[begin] == ' ')
        begin++;
    while (end > begin && strchr(" \r\n", data[end - 1]))
        end--;
    str_reset(&call->location);
    str_add(&call->location, data + begin, end - begin);
    return n;
}

static void set_options(struct call *call, const char *method, const char *url)
{
    CURL *easy = call->easy;

    if (call->body.len > 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.data);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
        call->headers =
            curl_slist_append(call->headers, strcmp(method, "PATCH") == 0 ? "Content-Type: application/merge-patch+json"
                                                                          : "Content-Type: application/json");
    }
    call->headers = curl_slist_append(call->headers, "Accept: application/json");
    call->headers = curl_slist_append(call->headers, "Expect:");
    if (authorization)
        call->headers = curl_slist_append(call->headers, authorization);
    if (userpwd) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERPWD, userpwd);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    /* On a connection that was used before libcurl repeats a request by itself when no answer comes. */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, strcmp(method, "POST") == 0 ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "tessera");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config_int("network.timeout"));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (*config_text("network.ca"))
        curl_easy_setopt(easy, CURLOPT_CAINFO, config_text("network.ca"));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
}

void client_send(const char *api, const char *method, const char *path, const json_t *body, client_fn *fn, void *context)
{
    struct call *call = xcalloc(1, sizeof *call);
    auto_free char *url = xasprintf("%.*s%s", (int)(strlen(base) - (base[strlen(base) - 1] == '/')), base, path);

    call->api = api;
    call->fn = fn;
    call->context = context;
    call->next = calls;
    call->at = &calls;
    if (calls)
        calls->at = &call->next;
    calls = call;
    if (body)
        json_write(&call->body, body);
    call->easy = curl_easy_init();
    if (call->easy) {
        set_options(call, method, url);
        if (curl_multi_add_handle(multi, call->easy) == CURLM_OK)
            return;
        curl_easy_cleanup(call->easy);
        call->easy = NULL;
    }
    loop_timer_start(failures, 0, 0);
}

static void completed(void *context, CURL *easy, CURLcode code)
{
    struct call *call = context;
    long status = 0, sent = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    curl_multi_remove_handle(multi, easy);
    finish(call, code == CURLE_OK ? status : 0, sent > 0, call->error[0] ? call->error : curl_easy_strerror(code));
}

static void on_failures(void *context)
{
    struct call *call, *next;

    (void)context;
    for (call = calls; call; call = next) {
        next = call->next;
        if (!call->easy && call->fn)
            finish(call, 0, false, "libcurl takes no more");
    }
}

/* ---- from outside ---- */

static void read_credentials(void)
{
    const char *text = config_text("network.credentials");

    if (strpbrk(text, "\r\n"))
        config_refuse("network.credentials", "must be one line");
    if (strchr(text, ':'))
        userpwd = xstrdup(text);
    else if (*text)
        authorization = xasprintf("Authorization: Bearer %s", text);
}

void client_start(void)
{
    base = config_text("network.url");
    if (strncmp(base, "http://", 7) != 0 && strncmp(base, "https://", 8) != 0)
        config_refuse("network.url", "must begin with http:// or https://");
    read_credentials();
    certificate_follow("network.ca");
    multi = curl_loop_start(completed);
    failures = loop_timer_new(on_failures, NULL);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)config_int("network.connections"));
}

void client_forget(void)
{
    struct call *call;

    while ((call = calls)) {
        if (call->easy)
            curl_multi_remove_handle(multi, call->easy);
        call->fn(call->context, NULL);
        call_free(call);
    }
}

bool client_idle(void)
{
    return !calls;
}

void client_stop(void)
{
    client_forget();
    curl_loop_stop(multi);
    loop_timer_free(failures);
    free(authorization);
    free(userpwd);
}
