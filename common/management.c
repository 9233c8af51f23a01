/*
 * The management port: libmicrohttpd on the event loop, without threads of its own. Its epoll descriptor is watched;
 * what it still has to do afterwards it says with MHD_get_timeout().
 */
#include "management.h"
#include "config.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <unistd.h>

#include "mem.h"

#define ROUTES_MAX 8
#define ACTIONS_MAX 4
#define BODY_MAX 4096
#define CONNECTIONS_MAX 64
#define BACKLOG 256 /* who waits to be one of them */
#define CONNECTION_MEMORY 16384
#define IDLE_SECONDS 10
#define RUNS_MAX 4 /* per wake-up: the rest of the process must go on */
#define JSON_TYPE "application/json"
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct route {
    const char *path;
    management_route_fn *fn;
};

struct action {
    const char *path;
    management_action_fn *fn;
};

static struct action actions[ACTIONS_MAX];
static int action_count;
static struct route routes[ROUTES_MAX];
static int route_count;
static struct {
    const char *name;
    management_detail_fn *fn;
} detail;
static const char *instance;
static management_ready_fn *ready;
static struct MHD_Daemon *server;
static struct loop_watch *watch;
static struct loop_timer *timer;
static int port;
static bool closed; /* a connection, during this run */

/* ---- answers ---- */

static unsigned put_health(struct str *out)
{
    auto_str struct str why = STR_EMPTY;
    bool healthy = ready(&why);

    str_addf(out, "{\"status\":\"%s\",\"instance\":", healthy ? "ok" : "unavailable");
    str_json(out, instance);
    if (detail.fn && *detail.fn()) {
        str_addf(out, ",\"%s\":", detail.name);
        str_json(out, detail.fn());
    }
    if (!healthy) {
        str_puts(out, ",\"why\":");
        str_json(out, str_text(&why));
    }
    str_puts(out, "}\n");
    return healthy ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

/* Writes the answer to GET `path`; returns the status. */
static unsigned put_answer(struct str *out, const char *path, const char **type)
{
    *type = JSON_TYPE;
    if (strcmp(path, "/live") == 0) { /* that it answers is all that is asked: a broker that is away is no reason to end it */
        str_puts(out, "{\"status\":\"ok\"}\n");
        return MHD_HTTP_OK;
    }
    if (strcmp(path, "/health") == 0)
        return put_health(out);
    if (strcmp(path, "/metrics") == 0) {
        *type = METRICS_TYPE;
        metrics_render(out);
        return MHD_HTTP_OK;
    }
    for (int i = 0; i < route_count; i++) {
        if (strcmp(path, routes[i].path) == 0) {
            routes[i].fn(out);
            return MHD_HTTP_OK;
        }
    }
    str_puts(out, "{\"error\":\"not found; there are GET /live, /health and /metrics");
    for (int i = 0; i < route_count; i++)
        str_addf(out, ", %s", routes[i].path);
    str_puts(out, "\"}\n");
    return MHD_HTTP_NOT_FOUND;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, unsigned status, const char *type, struct str *out)
{
    size_t len = out->len;
    struct MHD_Response *response = MHD_create_response_from_buffer(len, str_take(out), MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* ---- actions ---- */

static const struct action *find_action(const char *method, const char *path)
{
    for (int i = 0; i < action_count && strcmp(method, MHD_HTTP_METHOD_POST) == 0; i++)
        if (strcmp(actions[i].path, path) == 0)
            return &actions[i];
    return NULL;
}

static bool is_local(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info ? info->client_addr : NULL;

    if (peer && peer->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)peer)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return peer && peer->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr);
}

/* Called for the head, each piece of the content, and the end; the content is gathered in *context. */
static enum MHD_Result on_action(const struct action *action, struct MHD_Connection *connection, const char *upload,
                                 size_t *upload_size, void **context)
{
    auto_str struct str out = STR_EMPTY;
    struct str *body = *context;
    unsigned status = MHD_HTTP_FORBIDDEN;

    if (!body) {
        *context = xcalloc(1, sizeof(*body));
        return MHD_YES;
    }
    if (*upload_size > 0) {
        if (body->len <= BODY_MAX)
            str_add(body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (!is_local(connection) || !MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Tessera")) {
        str_puts(&out, "{\"error\":\"only from this machine, and with the header X-Tessera\"}\n");
    } else if (body->len > BODY_MAX) {
        status = MHD_HTTP_BAD_REQUEST;
        str_puts(&out, "{\"error\":\"the content is too long\"}\n");
    } else {
        status = action->fn(str_text(body), &out);
    }
    return send_answer(connection, status, JSON_TYPE, &out);
}

static void on_completed(void *unused, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
    struct str *body = *context;

    (void)unused, (void)connection, (void)code;
    if (body)
        str_done(body);
    free(body);
    *context = NULL;
}

static enum MHD_Result on_request(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **context)
{
    auto_str struct str out = STR_EMPTY;
    bool known = strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    const struct action *action = find_action(method, url);
    const char *type;
    unsigned status;

    (void)unused, (void)version;
    if (action)
        return on_action(action, connection, upload, upload_size, context);
    status = put_answer(&out, known ? url : "", &type);
    return send_answer(connection, status, type, &out);
}

void management_detail(const char *name, management_detail_fn *fn)
{
    detail.name = name;
    detail.fn = fn;
}

void management_action(const char *path, management_action_fn *fn)
{
    if (action_count == ACTIONS_MAX)
        log_fatal("management.full", "actions=%d", ACTIONS_MAX);
    actions[action_count].path = path;
    actions[action_count++].fn = fn;
}

void management_route(const char *path, management_route_fn *fn)
{
    if (route_count == ROUTES_MAX)
        log_fatal("management.full", "routes=%d", ROUTES_MAX);
    routes[route_count].path = path;
    routes[route_count++].fn = fn;
}

/* ---- the loop ---- */

/*
 * A server at its connection limit takes its listening socket out of its epoll set, and puts it back only at the start
 * of the next MHD_run(): nothing would wake us for that, and nobody could ever connect again.
 */
static void on_connection(void *unused, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    (void)unused, (void)connection, (void)context;
    closed = closed || code == MHD_CONNECTION_NOTIFY_CLOSED;
}

static void run(void *context)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    bool waits = false, again = true;

    (void)context;
    for (int i = 0; i <= RUNS_MAX && again; i++) {
        closed = false;
        MHD_run(server);
        waits = MHD_get_timeout(server, &timeout) == MHD_YES;
        again = closed || (waits && timeout == 0);
    }
    if (again)
        loop_timer_start(timer, 1, 0);
    else if (waits)
        loop_timer_start(timer, (int64_t)timeout, 0);
    else
        loop_timer_stop(timer);
}

static void on_ready(void *context, int events)
{
    (void)events;
    run(context);
}

/* ---- start ---- */

static int bind_to(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int saved;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t len = sizeof(address);

    if (getsockname(fd, &address.any, &len) < 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static int open_socket(void)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *address = NULL;
    char service[8];
    int fd;

    snprintf(service, sizeof(service), "%d", (int)config_int("management.port"));
    if (getaddrinfo(config_text("management.listen"), service, &hints, &address) != 0)
        config_refuse("management.listen", "must be an IPv4 or IPv6 address");
    fd = bind_to(address);
    if (fd < 0)
        log_fatal("management.listen", "address=%s port=%s error=%m hint=%s", config_text("management.listen"), service,
                  "another process may use the port; choose another with management.port");
    freeaddrinfo(address);
    return fd;
}

void management_start(const char *name, management_ready_fn *fn)
{
    int fd = open_socket();
    const union MHD_DaemonInfo *info;

    instance = name;
    ready = fn;
    port = bound_port(fd);
    server = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
                              MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                              MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
    info = server ? MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info)
        log_fatal("management.start", "port=%d error=%m", port);
    timer = loop_timer_new(run, NULL);
    watch = loop_watch_new(info->epoll_fd, on_ready, NULL);
    loop_watch_set(watch, UV_READABLE);
}

int management_port(void)
{
    return port;
}

void management_stop(void)
{
    if (!server)
        return;
    loop_watch_free(watch);
    loop_timer_free(timer);
    MHD_stop_daemon(server);
    server = NULL;
}
