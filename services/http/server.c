#include "server.h"

#include "call.h"
#include "config.h"
#include "connection.h"
#include "listen.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "secure.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mem.h"

#define BACKLOG 1024
#define POOL_PER_CONNECTION 16384 /* request line and header fields; larger ones cost clearing */
#define ROUNDS 4                  /* of MHD_run before the loop goes on */
#define SWEEP_MS 1000
#define OTHER_DESCRIPTORS 128 /* broker, egress, management */

/* One socket with its connections: HTTP, and HTTPS. */
struct listener {
    struct MHD_Daemon *daemon; /* NULL: not listening */
    struct loop_watch *watch;
    struct loop_timer *timer;
    bool dirty;
    bool closed; /* a connection, during the last MHD_run() */
};

static struct listener plain, secure;
static struct listener *const listeners[] = {&plain, &secure};
static struct loop_timer *sweeper;
static uv_check_t check;
static uv_idle_t idle; /* runs while there is work: the loop does not wait */
static bool draining;

static struct metric connections = METRIC_GAUGE("tessera_http_connections", "Open connections", NULL);
static struct metric in_flight = METRIC_GAUGE("tessera_http_in_flight", "Requests being carried out", NULL);

/* ---- turning libmicrohttpd ---- */

static void on_idle(uv_idle_t *handle)
{
    (void)handle; /* that it runs is enough */
}

static void kick(struct listener *l)
{
    if (l->daemon && !l->dirty) {
        l->dirty = true;
        uv_idle_start(&idle, on_idle);
    }
}

void server_kick(void)
{
    for (size_t i = 0; i < ARRAY_LEN(listeners); i++)
        kick(listeners[i]);
}

static void on_readable(void *context, int events)
{
    (void)events;
    kick(context);
}

static void on_timer(void *context)
{
    kick(context);
}

/* Returns whether there is more to do at once. */
static bool turn(struct listener *l)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    int have = MHD_NO;
    bool again = true;

    for (int i = 0; i < ROUNDS && again; i++) {
        l->closed = false;
        MHD_run(l->daemon);
        have = MHD_get_timeout(l->daemon, &timeout);
        again = l->closed || (have == MHD_YES && timeout == 0);
    }
    if (!again && have == MHD_YES)
        loop_timer_start(l->timer, timeout > SWEEP_MS ? SWEEP_MS : (int64_t)timeout, 0);
    return again;
}

/*
 * Right after the loop has polled, and before it sends what the turn gathered: one run serves all connections that became
 * readable and all that were resumed by replies of this turn.
 */
static void on_check(uv_check_t *handle)
{
    bool dirty = false;

    (void)handle;
    for (size_t i = 0; i < ARRAY_LEN(listeners); i++) {
        struct listener *l = listeners[i];

        if (l->daemon && l->dirty)
            l->dirty = turn(l); /* still dirty: again in the next turn, which does not wait */
        dirty = dirty || l->dirty;
    }
    if (!dirty)
        uv_idle_stop(&idle);
}

/*
 * At its connection limit libmicrohttpd takes the listening socket out of its epoll set, and puts it back only at the start
 * of the next MHD_run(): nothing would wake us for that, and nobody could connect until something else does.
 */
static void on_connection(void *context, struct MHD_Connection *connection, void **slot, enum MHD_ConnectionNotificationCode code)
{
    struct listener *l = context;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED && *slot)
        call_abandon(((struct connection *)*slot)->call);
    connection_notify(l == &secure ? l : NULL, connection, slot, code);
    l->closed = l->closed || code == MHD_CONNECTION_NOTIFY_CLOSED;
}

static void on_sweep(void *context)
{
    (void)context;
    connection_sweep(config_int("http.timeout"));
    server_kick();
}

static void on_render(void)
{
    metric_set(&connections, connection_count(), NULL);
    metric_set(&in_flight, call_waiting(), NULL);
}

/* ---- the socket ---- */

static int open_socket(const char *listen_on, int port, bool authenticated)
{
    static const int on = 1;
    struct listen_address a;
    int fd;

    listen_parse(&a, "http.listen", listen_on, port);
    listen_guard("http.listen", listen_on, authenticated, "http.insecure", "http.port = 0 and tls.clients = required");
    fd = socket(a.at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0 || bind(fd, (struct sockaddr *)&a.at, a.len) < 0 ||
        listen(fd, BACKLOG) < 0)
        log_fatal("http.listen", "address=%s port=%d why=%s", listen_on, port, strerror(errno));
    return fd;
}

/* As many connections as set, as far as the descriptors suffice. */
static unsigned connection_limit(void)
{
    int64_t wanted = config_int("http.connections"), possible;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return (unsigned)wanted;
    possible = (int64_t)limit.rlim_cur - OTHER_DESCRIPTORS;
    if (possible < 1)
        log_fatal("http.connections", "nofile=%d why=%s", (int)limit.rlim_cur, "the system allows too few open files");
    if (wanted > possible)
        log_warn("http.connections", "limit=%d why=%s", (int)possible, "the system allows no more open files (nofile)");
    return (unsigned)(wanted < possible ? wanted : possible);
}

__attribute__((format(printf, 2, 0))) static void on_log(void *context, const char *format, va_list args)
{
    char text[200];
    int n = vsnprintf(text, sizeof text, format, args);

    (void)context;
    while (n > 0 && n < (int)sizeof text && text[n - 1] == '\n')
        text[--n] = '\0';
    log_debug("http.library", "text=%s", text);
}

static void listener_start(struct listener *l, const char *listen_on, int port, const struct MHD_OptionItem *options)
{
    bool v6 = strchr(listen_on, ':') != NULL;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (v6 ? MHD_USE_IPv6 : 0);
    int fd = open_socket(listen_on, port, l == &secure && secure_requires_clients());

    l->daemon = MHD_start_daemon(
        flags | (l == &secure ? MHD_USE_TLS : 0), 0, NULL, NULL, call_proceed, NULL, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, call_begin, NULL, MHD_OPTION_NOTIFY_COMPLETED, call_completed,
        NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_PER_CONNECTION,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit(), MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)config_int("http.connections_per_ip"), MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)BACKLOG,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)config_int("http.timeout"), MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (!l->daemon)
        log_fatal("http.start", "why=%s", "libmicrohttpd does not start");
    l->timer = loop_timer_new(on_timer, l);
    l->watch = loop_watch_new(MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, on_readable, l);
    loop_watch_set(l->watch, UV_READABLE);
    log_info("http.listening", "address=%s port=%d tls=%d", listen_on, port, l == &secure);
}

static void start_secure(void)
{
    const char *own = config_text("http.tls.listen");
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(intptr_t)secure_certificate},
        {MHD_OPTION_HTTPS_PRIORITIES,    0, NULL                                },
        {MHD_OPTION_END,                 0, NULL                                },
    };

    secure_start();
    options[1].ptr_value = (void *)(uintptr_t)secure_priorities(); /* only read */
    listener_start(&secure, *own ? own : config_text("http.listen"), (int)config_int("http.tls.port"), options);
}

void server_start(void)
{
    static const struct MHD_OptionItem none = {MHD_OPTION_END, 0, NULL};

    if (config_int("http.port") == 0 && config_int("http.tls.port") == 0)
        config_refuse("http.port", "is 0, and so is http.tls.port: nobody could connect");
    call_setup();
    uv_idle_init(loop_get(), &idle);
    if (config_int("http.port") > 0)
        listener_start(&plain, config_text("http.listen"), (int)config_int("http.port"), &none);
    if (config_int("http.tls.port") > 0)
        start_secure();
    uv_check_init(loop_get(), &check);
    uv_check_start(&check, on_check);
    sweeper = loop_timer_new(on_sweep, NULL);
    loop_timer_start(sweeper, SWEEP_MS, SWEEP_MS);
    metrics_on_render(on_render);
}

bool server_draining(void)
{
    return draining;
}

bool server_idle(void)
{
    return call_open() == 0;
}

void server_drain(void)
{
    MHD_socket fd;

    if (draining)
        return;
    draining = true;
    for (size_t i = 0; i < ARRAY_LEN(listeners); i++)
        if (listeners[i]->daemon)
            MHD_run(listeners[i]->daemon); /* who has connected already is not turned away */
    connection_end_polls();
    for (size_t i = 0; i < ARRAY_LEN(listeners); i++) {
        fd = listeners[i]->daemon ? MHD_quiesce_daemon(listeners[i]->daemon) : MHD_INVALID_SOCKET;
        if (fd != MHD_INVALID_SOCKET)
            close(fd);
    }
}

static void listener_stop(struct listener *l)
{
    if (!l->daemon)
        return;
    if (call_waiting() == 0) /* libmicrohttpd aborts when it is stopped with a suspended connection */
        MHD_stop_daemon(l->daemon);
    l->daemon = NULL;
    loop_timer_free(l->timer);
    loop_watch_free(l->watch);
}

void server_stop(void)
{
    if (call_waiting() > 0)
        log_warn("http.stop", "waiting=%d why=%s", call_waiting(), "requests were still being carried out");
    for (size_t i = 0; i < ARRAY_LEN(listeners); i++)
        listener_stop(listeners[i]);
    loop_timer_free(sweeper);
    uv_check_stop(&check);
    uv_idle_stop(&idle);
    if (call_waiting() == 0)
        secure_stop();
}
