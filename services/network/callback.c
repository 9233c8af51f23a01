#include "callback.h"

#include "config.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include "mem.h"

enum { BODY_MAX = 1 << 18, CONNECTIONS = 64, IDLE_SECONDS = 30, BACKLOG = 64, AGAIN_MS = 1000, RUNS_MAX = 4, TOKEN = 16 };
#define TOKEN_TEXT (2 * TOKEN + 1)

struct post {
    struct post *next, **at;
    struct MHD_Connection *connection;
    struct str body;
    bool too_long, handed, suspended;
    unsigned status; /* 0: not yet */
};

static callback_fn *handler;
static struct MHD_Daemon *server;
static struct loop_watch *watch;
static struct loop_timer *timer, *again;
static struct post *posts;
static char *base;
static bool running; /* inside MHD_run() */

static struct metric reports =
    METRIC_COUNTER("tessera_network_reports_total", "Reports of the network by the HTTP status of the answer", "status");

/* ---- addresses ---- */

/* The secret of this installation never leaves it. */
static void token_of(const char *ri, char out[TOKEN_TEXT])
{
    const char *secret = config_text("bus.password");
    unsigned char digest[EVP_MAX_MD_SIZE];
    auto_free char *text = xasprintf("network callback %s", ri);
    unsigned len = 0;

    if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text, strlen(text), digest, &len) || len < TOKEN)
        log_fatal("callback.token", "why=%s", "no HMAC");
    for (int i = 0; i < TOKEN; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

char *callback_address(const char *ri)
{
    char token[TOKEN_TEXT];

    token_of(ri, token);
    return xasprintf("%s/%s/%s", base, ri, token);
}

/* .../RI/TOKEN: RI, which the caller frees; NULL if the token is not that of the resource. */
static char *resource_of(const char *url)
{
    const char *token = strrchr(url, '/'), *ri = token;
    char expected[TOKEN_TEXT];
    char *found;

    while (ri && ri > url && ri[-1] != '/')
        ri--;
    if (!token || token == url || ri == url || strlen(token + 1) != TOKEN_TEXT - 1)
        return NULL;
    found = xstrndup(ri, (size_t)(token - ri));
    token_of(found, expected);
    if (CRYPTO_memcmp(expected, token + 1, TOKEN_TEXT - 1) == 0)
        return found;
    free(found);
    return NULL;
}

/* ---- one report ---- */

static void run(void *context);

void callback_answer(struct post *post, unsigned status)
{
    auto_free char *text = xasprintf("%u", status);

    metric_add(&reports, 1, text);
    post->status = status;
    if (!post->suspended)
        return;
    post->suspended = false;
    MHD_resume_connection(post->connection);
    loop_timer_start(timer, 0, 0);
}

/* Hands it over; its answer may come at once. */
static void hand_over(struct post *post, const char *method, const char *url)
{
    auto_free char *ri = resource_of(url);
    char why[100];
    json_auto_t *body = NULL;

    post->handed = true;
    if (!ri) {
        callback_answer(post, MHD_HTTP_NOT_FOUND);
    } else if (strcmp(method, MHD_HTTP_METHOD_POST) != 0) {
        callback_answer(post, MHD_HTTP_METHOD_NOT_ALLOWED);
    } else if (post->too_long) {
        callback_answer(post, MHD_HTTP_CONTENT_TOO_LARGE);
    } else if (!(body = json_parse(str_text(&post->body), post->body.len, why, sizeof why)) || !json_is_object(body)) {
        callback_answer(post, MHD_HTTP_BAD_REQUEST);
    } else {
        handler(post, ri, body);
    }
}

static enum MHD_Result send_answer(struct post *post)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    result = MHD_queue_response(post->connection, post->status, response);
    MHD_destroy_response(response);
    return result;
}

static struct post *post_new(struct MHD_Connection *connection)
{
    struct post *post = xcalloc(1, sizeof *post);

    post->connection = connection;
    post->next = posts;
    post->at = &posts;
    if (posts)
        posts->at = &post->next;
    posts = post;
    return post;
}

static enum MHD_Result on_request(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **context)
{
    struct post *post = *context;

    (void)unused, (void)version;
    if (!post) {
        *context = post_new(connection);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        post->too_long = post->too_long || post->body.len + *upload_size > BODY_MAX;
        if (!post->too_long)
            str_add(&post->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (!post->handed)
        hand_over(post, method, url);
    if (post->status)
        return send_answer(post);
    post->suspended = true;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void on_completed(void *unused, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
    struct post *post = *context;

    (void)unused, (void)connection, (void)code;
    if (!post)
        return;
    *post->at = post->next;
    if (post->next)
        post->next->at = post->at;
    str_done(&post->body);
    free(post);
    *context = NULL;
}

/* ---- the loop ---- */

static void run(void *context)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    bool waits = false;

    (void)context;
    if (!server || running)
        return;
    running = true;
    for (int i = 0; i < RUNS_MAX; i++) {
        MHD_run(server);
        waits = MHD_get_timeout(server, &timeout) == MHD_YES;
        if (!waits || timeout > 0)
            break;
    }
    running = false;
    if (waits)
        loop_timer_start(timer, (int64_t)timeout, 0);
}

static void on_ready(void *context, int events)
{
    (void)events;
    run(context);
}

static int open_socket(void)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *address = NULL;
    char service[8];
    int fd;

    snprintf(service, sizeof service, "%d", (int)config_int("network.callback.port"));
    if (getaddrinfo(config_text("network.callback.listen"), service, &hints, &address) != 0)
        config_refuse("network.callback.listen", "must be an IPv4 or IPv6 address");
    fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
        if (bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
            log_warn("callback.listen", "address=%s port=%s why=%s", config_text("network.callback.listen"), service,
                     strerror(errno));
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(address);
    return fd;
}

static void try_open(void *context)
{
    bool v6 = strchr(config_text("network.callback.listen"), ':') != NULL;
    int fd = server ? -1 : open_socket();

    (void)context;
    if (server)
        return;
    if (fd < 0) {
        loop_timer_start(again, AGAIN_MS, 0);
        return;
    }
    server =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (v6 ? MHD_USE_IPv6 : 0), 0, NULL, NULL, on_request, NULL,
                         MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                         MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_END);
    if (!server)
        log_fatal("callback.start", "why=%s", "libmicrohttpd does not start");
    watch = loop_watch_new(MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, on_ready, NULL);
    loop_watch_set(watch, UV_READABLE);
    log_info("callback.listening", "address=%s port=%d", config_text("network.callback.listen"),
             (int)config_int("network.callback.port"));
}

/* ---- from outside ---- */

void callback_start(callback_fn *fn)
{
    const char *listen_on = config_text("network.callback.listen"), *url = config_text("network.callback.url");
    bool v6 = strchr(listen_on, ':') != NULL;

    handler = fn;
    timer = loop_timer_new(run, NULL);
    again = loop_timer_new(try_open, NULL);
    base = *url
               ? xasprintf("%.*s", (int)(strlen(url) - (url[strlen(url) - 1] == '/')), url)
               : xasprintf("http://%s%s%s:%d", v6 ? "[" : "", listen_on, v6 ? "]" : "", (int)config_int("network.callback.port"));
}

void callback_open(void)
{
    loop_timer_start(again, 0, 0);
}

void callback_close(void)
{
    loop_timer_stop(again);
    if (!server)
        return;
    for (struct post *post = posts; post; post = post->next)
        if (post->suspended)
            callback_answer(post, MHD_HTTP_SERVICE_UNAVAILABLE);
    MHD_run(server); /* those that were resumed are answered */
    loop_timer_stop(timer);
    loop_watch_free(watch);
    MHD_stop_daemon(server);
    server = NULL;
    watch = NULL;
}
