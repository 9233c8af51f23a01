#include "client.h"

#include "config.h"
#include "cse.h"
#include "json.h"
#include "path.h"
#include "rsc.h"
#include "show.h"
#include "text.h"

#include <curl/curl.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

#define PATIENCE_S 60
#define CONNECT_S 10
#define UNRESERVED_KEPT "/~_-.:"

struct client {
    char *url;  /* without a path */
    char *name; /* of the CSEBase */
    char *originator;
    const char *ca, *cert, *key; /* NULL: none */
    bool local;                  /* the url was not given */
    CURL *curl;
    unsigned count; /* of requests, for their ids */
};

volatile int client_interrupted;

/* ---- who and where ---- */

static const char *given(const struct args *args, enum option option, const char *setting)
{
    const char *value = args->option[option] ? args->option[option] : config_text(setting);

    return *value ? value : NULL;
}

/* As others reach it: any address is the loopback. */
static char *local_host(const char *listen)
{
    if (strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0)
        return xstrdup("127.0.0.1");
    return strchr(listen, ':') ? xasprintf("[%s]", listen) : xstrdup(listen);
}

/* The installation of this machine, by its settings. */
static void find_local(struct client *c)
{
    auto_free char *host = local_host(config_text("http.listen"));

    c->local = true;
    c->name = xstrdup(config_text("cse.name"));
    if (config_int("http.port")) {
        c->url = xasprintf("http://%s:%d", host, (int)config_int("http.port"));
        return;
    }
    c->url = xasprintf("https://localhost:%d", (int)config_int("http.tls.port"));
    if (!c->ca && *config_text("tls.certificate"))
        c->ca = config_text("tls.certificate");
}

/* 0, or -1 when it is no URL. Behind the host may stand the name of the CSEBase: http://host:8080/cse-in. */
static int take_url(struct client *c, const char *url)
{
    const char *host = strstr(url, "://");
    size_t end, name;

    if ((strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) || !host[3] || host[3] == '/')
        return -1;
    end = (size_t)(host + 3 - url) + strcspn(host + 3, "/?#");
    c->url = xstrndup(url, end);
    url += end + strspn(url + end, "/");
    name = strcspn(url, "/?#");
    c->name = name ? xstrndup(url, name) : xstrdup(config_text("cse.name"));
    return 0;
}

struct client *client_new(const struct args *args)
{
    const char *url = given(args, OPTION_URL, "url");
    const char *originator = given(args, OPTION_ORIGINATOR, "originator");
    struct client *c = xcalloc(1, sizeof(*c));

    c->ca = given(args, OPTION_CA, "ca");
    c->cert = given(args, OPTION_CERT, "cert");
    c->key = given(args, OPTION_KEY, "key");
    c->originator = xstrdup(originator ? originator : config_text("cse.admin"));
    if (!url) {
        find_local(c);
    } else if (take_url(c, url) < 0) {
        fprintf(stderr, "tessera: %s: expected http://HOST:PORT or https://HOST:PORT\n", url);
        client_free(c);
        return NULL;
    }
    c->curl = curl_easy_init();
    if (!c->curl) {
        fprintf(stderr, "tessera: libcurl gives no handle\n");
        client_free(c);
        return NULL;
    }
    return c;
}

void client_free(struct client *c)
{
    if (!c)
        return;
    if (c->curl)
        curl_easy_cleanup(c->curl);
    free(c->url);
    free(c->name);
    free(c->originator);
    free(c);
}

const char *client_originator(const struct client *c)
{
    return c->originator;
}

void client_set_originator(struct client *c, const char *originator)
{
    char *copy = xstrdup(originator);

    free(c->originator);
    c->originator = copy;
}

const char *client_name(const struct client *c)
{
    return c->name;
}

const char *client_url(const struct client *c)
{
    return c->url;
}

/* Does the path `word` begin with the segment `name`? */
static bool begins_with(const char *word, const char *name)
{
    size_t len = strlen(name);

    return strncmp(word, name, len) == 0 && (!word[len] || word[len] == '/');
}

char *client_address(const char *name, const char *word)
{
    size_t len = strlen(word);

    while (len > 1 && word[len - 1] == '/')
        len--;
    if (*word == '/' && begins_with(word + 1, name))
        return xstrndup(word + 1, len - 1);
    if (len == 0 || strcmp(word, "/") == 0)
        return xstrdup(name);
    if (*word == '/' || begins_with(word, name) || begins_with(word, "-"))
        return xstrndup(word, len);
    return xasprintf("%s/%.*s", name, (int)len, word);
}

/* ---- one request ---- */

static size_t on_body(char *data, size_t one, size_t n, void *context)
{
    struct answer *a = context;

    str_add(&a->body, data, one * n);
    return one * n;
}

static size_t on_header(char *data, size_t one, size_t n, void *context)
{
    static const char *const names[] = {"X-M2M-RSC:", "X-M2M-CTS:", "X-M2M-CTO:"};
    struct answer *a = context;
    size_t size = one * n;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]);
        int64_t value = 0;

        if (size <= len || strncasecmp(data, names[i], len) != 0)
            continue;
        for (size_t at = len; at < size && value < 1000000000000; at++)
            if (data[at] >= '0' && data[at] <= '9')
                value = value * 10 + (data[at] - '0');
        if (i == 0)
            a->rsc = (int)value;
        else if (i == 1)
            a->partial = value == 1;
        else
            a->next = value;
    }
    return size;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)context, (void)a, (void)b, (void)c, (void)d;
    return client_interrupted;
}

static struct curl_slist *headers(struct client *c, const struct call *call)
{
    auto_free char *from = xasprintf("X-M2M-Origin: %s", c->originator);
    auto_free char *id = xasprintf("X-M2M-RI: tessera-%lld-%d-%u", (long long)time(NULL), (int)getpid(), ++c->count);
    struct curl_slist *list = NULL;

    list = curl_slist_append(list, from);
    list = curl_slist_append(list, id);
    list = curl_slist_append(list, "X-M2M-RVI: 3");
    list = curl_slist_append(list, "Accept: application/json");
    list = curl_slist_append(list, "Expect:");
    if (call->seconds) {
        auto_free char *lifetime = xasprintf("X-M2M-RET: %d", call->seconds * 1000 - 1000);

        list = curl_slist_append(list, lifetime);
    }
    if (call->body) {
        auto_free char *type =
            call->ty ? xasprintf("Content-Type: application/json;ty=%d", call->ty) : xstrdup("Content-Type: application/json");

        list = curl_slist_append(list, type);
    }
    return list;
}

static char *whole_url(const struct client *c, const struct call *call)
{
    auto_str struct str path = STR_EMPTY;
    struct arena arena;
    const char *text;

    arena_init(&arena);
    text = path_of_address(&arena, call->address);
    text_encode(&path, text, strlen(text), UNRESERVED_KEPT);
    arena_done(&arena);
    return xasprintf("%s%s%s%s", c->url, str_text(&path), call->query && *call->query ? "?" : "", call->query ? call->query : "");
}

static void set_tls(const struct client *c)
{
    if (c->ca)
        curl_easy_setopt(c->curl, CURLOPT_CAINFO, c->ca);
    if (c->cert)
        curl_easy_setopt(c->curl, CURLOPT_SSLCERT, c->cert);
    if (c->key)
        curl_easy_setopt(c->curl, CURLOPT_SSLKEY, c->key);
}

static CURLcode perform(struct client *c, const struct call *call, struct answer *a, char *error)
{
    auto_free char *url = whole_url(c, call);
    struct curl_slist *list = headers(c, call);
    CURLcode code;

    curl_easy_reset(c->curl);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, call->method);
    if (call->body)
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, call->body);
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "tessera");
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)(call->seconds ? call->seconds : PATIENCE_S));
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, a);
    curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, error);
    if (c->local)
        curl_easy_setopt(c->curl, CURLOPT_NOPROXY, "*");
    set_tls(c);
    code = curl_easy_perform(c->curl);
    curl_slist_free_all(list);
    return code;
}

static int unreachable(const struct client *c, CURLcode code, const char *error)
{
    if (client_interrupted)
        return EXIT_UNREACHABLE;
    fprintf(stderr, "cannot reach %s: %s\n", c->url, *error ? error : curl_easy_strerror(code));
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        fprintf(stderr, "The certificate of its authority is given with --ca FILE (TESSERA_CA).\n");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        fprintf(stderr, "It does not answer in time; `tessera doctor` on that machine says why.\n");
    else if (c->local)
        fprintf(stderr, "Does it run? `tessera status` says so, `make up` starts it. Another installation is named with --url "
                        "(TESSERA_URL).\n");
    else
        fprintf(stderr, "Is the address right, and does it run there? It came from --url or TESSERA_URL.\n");
    return EXIT_UNREACHABLE;
}

int client_send(struct client *c, const struct call *call, struct answer *a)
{
    char error[CURL_ERROR_SIZE] = "", why[256];
    long status = 0;
    CURLcode code;

    *a = (struct answer){.body = STR_EMPTY};
    code = perform(c, call, a, error);
    if (code != CURLE_OK)
        return call->quiet ? EXIT_UNREACHABLE : unreachable(c, code, error);
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    if (a->rsc == 0) {
        fprintf(stderr, "%s answers with HTTP status %ld, but not as a CSE (no X-M2M-RSC): is the address right?\n", c->url,
                status);
        return EXIT_UNREACHABLE;
    }
    if (a->body.len > 0)
        a->pc = json_parse(a->body.data, a->body.len, why, sizeof why);
    return EXIT_OK;
}

void answer_done(struct answer *a)
{
    str_done(&a->body);
    json_decref(a->pc);
    a->pc = NULL;
}

void answer_refused(const struct answer *a)
{
    const char *debug = json_str(a->pc, "m2m:dbg");
    const struct rsc_row *row = rsc_row(a->rsc);
    auto_str struct str line = STR_EMPTY;

    str_addf(&line, "%s (%d)%s%s", row->code == a->rsc ? row->name : "refused", a->rsc, debug ? ": " : "", debug ? debug : "");
    show_clean(&line, 0);
    fprintf(stderr, "%s\n", str_text(&line));
}

int client_ask(struct client *c, const struct call *call, struct answer *a)
{
    int status = client_send(c, call, a);

    if (status != EXIT_OK || rsc_is_success(a->rsc))
        return status;
    answer_refused(a);
    return EXIT_REFUSED;
}

int client_ask_word(struct client *c, struct call *call, const char *word, char **address, struct answer *a)
{
    bool guessed;
    int status;

    *address = client_address(c->name, word);
    guessed = *word != '/' && !begins_with(word, c->name) && !begins_with(word, "-");
    call->address = *address;
    status = client_send(c, call, a);
    if (status == EXIT_OK && a->rsc == RSC_NOT_FOUND && guessed) {
        struct answer other;
        struct call again = *call;

        again.address = word;
        status = client_send(c, &again, &other);
        if (status == EXIT_OK && other.rsc != RSC_NOT_FOUND) {
            answer_done(a);
            *a = other;
            free(*address);
            *address = xstrdup(word);
        } else {
            answer_done(&other);
        }
    }
    if (status == EXIT_OK && !rsc_is_success(a->rsc)) {
        answer_refused(a);
        return EXIT_REFUSED;
    }
    return status;
}
