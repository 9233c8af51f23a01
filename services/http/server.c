#include "server.h"

#include "call.h"
#include "config.h"
#include "connection.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"

#include <arpa/inet.h>
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

static struct MHD_Daemon *daemon_;
static struct loop_watch *watch;
static struct loop_timer *timer, *sweeper;
static uv_check_t check;
static uv_idle_t idle; /* runs while there is work: the loop does not wait */
static bool dirty, draining;
static bool closed; /* a connection, during the last MHD_run() */

static struct metric connections = METRIC_GAUGE("tessera_http_connections", "Open connections", NULL);
static struct metric in_flight = METRIC_GAUGE("tessera_http_in_flight", "Requests being carried out", NULL);

/* ---- turning libmicrohttpd ---- */

static void on_idle(uv_idle_t *handle)
{
    (void)handle; /* that it runs is enough */
}

void server_kick(void)
{
    if (!dirty && daemon_) {
        dirty = true;
        uv_idle_start(&idle, on_idle);
    }
}

static void on_readable(void *context, int events)
{
    (void)context, (void)events;
    server_kick();
}

static void on_timer(void *context)
{
    (void)context;
    server_kick();
}

/*
 * Right after the loop has polled, and before it sends what the turn gathered: one run serves all connections that became
 * readable and all that were resumed by replies of this turn.
 */
static void on_check(uv_check_t *handle)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    int have = MHD_NO;
    bool again = true;

    (void)handle;
    if (!dirty || !daemon_)
        return;
    for (int i = 0; i < ROUNDS && again; i++) {
        closed = false;
        MHD_run(daemon_);
        have = MHD_get_timeout(daemon_, &timeout);
        again = closed || (have == MHD_YES && timeout == 0);
    }
    if (again)
        return; /* still dirty: again in the next turn, which does not wait */
    dirty = false;
    uv_idle_stop(&idle);
    if (have == MHD_YES)
        loop_timer_start(timer, timeout > SWEEP_MS ? SWEEP_MS : (int64_t)timeout, 0);
}

/*
 * At its connection limit libmicrohttpd takes the listening socket out of its epoll set, and puts it back only at the start
 * of the next MHD_run(): nothing would wake us for that, and nobody could connect until something else does.
 */
static void on_connection(void *context, struct MHD_Connection *connection, void **slot, enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_CLOSED && *slot)
        call_abandon(((struct connection *)*slot)->call);
    connection_notify(context, connection, slot, code);
    closed = closed || code == MHD_CONNECTION_NOTIFY_CLOSED;
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

struct endpoint {
    struct sockaddr_storage address;
    socklen_t len;
    bool loopback;
};

static bool parse_endpoint(const char *text, int port, struct endpoint *e)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&e->address;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&e->address;

    memset(e, 0, sizeof *e);
    if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)port);
        e->len = sizeof *in;
        e->loopback = ntohl(in->sin_addr.s_addr) >> 24 == 127;
    } else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)port);
        e->len = sizeof *in6;
        e->loopback = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
    }
    return e->len > 0;
}

static int open_socket(const char *listen_on, int port)
{
    static const int on = 1;
    struct endpoint e;
    int fd;

    if (!parse_endpoint(listen_on, port, &e))
        config_refuse("http.listen", "must be a numeric IPv4 or IPv6 address");
    if (!e.loopback && !config_bool("http.insecure"))
        config_refuse("http.listen",
                      "whoever reaches this address may do anything: requests are not authenticated. Listen on a loopback "
                      "address, or set http.insecure = true where the network itself keeps strangers out");
    fd = socket(e.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0 || bind(fd, (struct sockaddr *)&e.address, e.len) < 0 ||
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

void server_start(void)
{
    const char *listen_on = config_text("http.listen");
    int port = (int)config_int("http.port");
    int fd = open_socket(listen_on, port);
    bool v6 = strchr(listen_on, ':') != NULL;

    call_setup();
    daemon_ = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (v6 ? MHD_USE_IPv6 : 0), 0, NULL, NULL, call_proceed, NULL,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, call_begin, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, call_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_PER_CONNECTION, MHD_OPTION_CONNECTION_LIMIT, connection_limit(),
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)config_int("http.connections_per_ip"), MHD_OPTION_LISTEN_BACKLOG_SIZE,
        (unsigned)BACKLOG, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)config_int("http.timeout"), MHD_OPTION_END);
    if (!daemon_)
        log_fatal("http.start", "why=%s", "libmicrohttpd does not start");
    uv_check_init(loop_get(), &check);
    uv_check_start(&check, on_check);
    uv_idle_init(loop_get(), &idle);
    watch = loop_watch_new(MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, on_readable, NULL);
    loop_watch_set(watch, UV_READABLE);
    timer = loop_timer_new(on_timer, NULL);
    sweeper = loop_timer_new(on_sweep, NULL);
    loop_timer_start(sweeper, SWEEP_MS, SWEEP_MS);
    metrics_on_render(on_render);
    log_info("http.listening", "address=%s port=%d", listen_on, port);
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

    if (draining || !daemon_)
        return;
    draining = true;
    MHD_run(daemon_); /* who has connected already is not turned away */
    connection_end_polls();
    fd = MHD_quiesce_daemon(daemon_);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
}

void server_stop(void)
{
    if (!daemon_)
        return;
    if (call_waiting() > 0) /* libmicrohttpd aborts when it is stopped with a suspended connection */
        log_warn("http.stop", "waiting=%d why=%s", call_waiting(), "requests were still being carried out");
    else
        MHD_stop_daemon(daemon_);
    daemon_ = NULL;
    loop_timer_free(timer);
    loop_timer_free(sweeper);
    loop_watch_free(watch);
    uv_check_stop(&check);
    uv_idle_stop(&idle);
}
