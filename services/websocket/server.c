#include "server.h"

#include "call.h"
#include "clock.h"
#include "config.h"
#include "listen.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "secure.h"
#include "submit.h"
#include "web_origin.h"

#include <libwebsockets.h>
#include <netinet/in.h>
#include <sys/resource.h>

enum {
    OTHER_DESCRIPTORS = 64, /* files, the broker, the loop */
    READ_SIZE = 1024,       /* bytes that a connection keeps for reading: there may be many idle ones */
    HANDSHAKES = 65535,     /* at a time, what the library can count; others wait */
    SWEEP_MS = 1000,
    CLOSING_TURNS = 8,
    PEER_SIZE = 64,
    FORWARDED_SIZE = 1024,
    ORIGIN_SIZE = 256,
};

static struct lws_context *context;
static struct lws_vhost *vhost;
static int64_t connections_max;
static const char *origins;
static struct loop_timer *connector, *sweep;

static struct metric open_now = METRIC_GAUGE("tessera_websocket_connections", "Connections that are open", NULL);
static struct metric shut =
    METRIC_COUNTER("tessera_websocket_connections_shut_total", "Connections ended because they were too slow", "phase");
static struct metric turned_away =
    METRIC_COUNTER("tessera_websocket_turned_away_total", "Connections that were not accepted", "reason");

size_t server_padding(void)
{
    return LWS_PRE;
}

void server_read(struct lws *lws, bool on)
{
    lws_rx_flow_control(lws, on);
}

void server_want_write(struct lws *lws)
{
    lws_callback_on_writable(lws);
}

void server_end(struct lws *lws)
{
    lws_set_timeout(lws, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
}

/* ---- one connection ---- */

static const char subprotocol_cbor[] = "oneM2M.cbor";

/* In its handshake a client may say who it is, so that it gets what waits for it before it says anything. */
static void take_origin(struct connection *c, struct lws *lws)
{
    static const char name[] = "x-m2m-origin:";
    char origin[ORIGIN_SIZE];
    int len = lws_hdr_custom_copy(lws, origin, sizeof origin, name, sizeof name - 1);

    if (len > 0 && str_clean(origin, (size_t)len))
        connection_speaks_for(c, origin);
}

/* Where the client is. A balancer in front says who is in front of it; with TLS, clients come here themselves. */
static void find_peer(struct lws *lws, char peer[SUBMIT_PEER_SIZE])
{
    char list[FORWARDED_SIZE];
    char near[SUBMIT_PEER_SIZE] = "";

    if (config_bool("websocket.forwarded") && !lws_is_ssl(lws) &&
        lws_hdr_copy(lws, list, sizeof list, WSI_TOKEN_X_FORWARDED_FOR) > 0 && submit_forwarded(list, peer))
        return;
    lws_get_peer_simple(lws, near, sizeof near);
    snprintf(peer, SUBMIT_PEER_SIZE, "%s", strncmp(near, "::ffff:", 7) == 0 ? near + 7 : near);
}

static int established(struct lws *lws, bool cbor)
{
    char peer[SUBMIT_PEER_SIZE];
    auto_str struct str name = STR_EMPTY;
    bool certified = secure_name(lws, &name);
    struct connection *c;

    find_peer(lws, peer);
    c = connection_new(lws, cbor);
    submit_identity(&c->identity, certified ? "certificate" : "none", certified ? name.data : NULL, peer);
    c->open = true;
    lws_set_opaque_user_data(lws, c);
    take_origin(c, lws);
    log_debug("websocket.open", "peer=%s subprotocol=%s", peer, lws_get_protocol(lws)->name);
    return 0;
}

/* One that was opened from here. */
static int reached(struct lws *lws, struct connection *c)
{
    if (!c)
        return -1;
    c->open = true;
    if (c->head)
        server_want_write(lws);
    return 0;
}

static int closed(struct lws *lws, struct connection *c)
{
    if (!c)
        return 0;
    lws_set_opaque_user_data(lws, NULL);
    connection_closed(c);
    return 0;
}

static int receive(struct lws *lws, struct connection *c, void *data, size_t len)
{
    bool last = lws_is_final_fragment(lws) && lws_remaining_packet_payload(lws) == 0;
    const char *reason = NULL;
    int status = 0;

    if (!c)
        return -1;
    if (connection_receive(c, data, len, lws_frame_is_binary(lws), last, &status, &reason))
        return 0;
    lws_close_reason(lws, (enum lws_close_status)status, (unsigned char *)(uintptr_t)reason, strlen(reason));
    return -1;
}

static int write_next(struct lws *lws, struct connection *c)
{
    struct outgoing_message *message = c ? c->head : NULL;
    int written;

    if (!message)
        return 0;
    written = lws_write(lws, message->data + LWS_PRE, message->len, c->cbor ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
    c->head = message->next;
    c->backlog -= message->len;
    free(message);
    if (written < 0)
        return -1;
    if (c->head)
        server_want_write(lws);
    return 0;
}

/* A browser says whose page it is that connects, RFC 6455 10.2; other clients need not say anything. */
static bool is_allowed_page(struct lws *lws)
{
    char origin[ORIGIN_SIZE];
    int len = lws_hdr_total_length(lws, WSI_TOKEN_ORIGIN);

    if (len == 0)
        return true;
    return lws_hdr_copy(lws, origin, sizeof origin, WSI_TOKEN_ORIGIN) > 0 && web_origin_allowed(origins, origin);
}

/* Before the answer to the handshake. */
static int filter(struct lws *lws)
{
    const char *why = connection_draining()                   ? "draining"
                      : connection_count() >= connections_max ? "connections"
                      : !is_allowed_page(lws)                 ? "origin"
                                                              : NULL;

    if (!why)
        return 0;
    metric_add(&turned_away, 1, why);
    return 1;
}

static int on_event(struct lws *lws, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct connection *c = lws ? lws_get_opaque_user_data(lws) : NULL;

    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return filter(lws);
    case LWS_CALLBACK_ESTABLISHED:
        return established(lws, strcmp(lws_get_protocol(lws)->name, subprotocol_cbor) == 0);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        return reached(lws, c);
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return receive(lws, c, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return write_next(lws, c);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        log_debug("websocket.unreachable", "address=%s why=%s", c && c->address ? c->address : "", in ? (const char *)in : "");
        return closed(lws, c);
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLIENT_CLOSED:
        return closed(lws, c);
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        secure_context(user);
        return 0;
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
        secure_context_out(user);
        return 0;
    case LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION: /* `len` is what OpenSSL found; 0 would let anybody in */
        return len == 1 ? 0 : 1;
    case LWS_CALLBACK_HTTP: /* no handshake: there is nothing else here */
        return lws_return_http_status(lws, HTTP_STATUS_NOT_FOUND, NULL) ? -1 : lws_http_transaction_completed(lws);
    default:
        return 0;
    }
}

/* A client that offers none of them gets the first. */
static const struct lws_protocols protocols[] = {
    {.name = "oneM2M.json",        .callback = on_event, .rx_buffer_size = READ_SIZE},
    {.name = subprotocol_cbor, .callback = on_event, .rx_buffer_size = READ_SIZE},
    {.name = NULL    },
};

/* ---- connections that are opened from here ---- */

/* The library would wait for the name service, and everybody with it. */
struct resolve {
    uv_getaddrinfo_t request; /* first */
    char *url, *address;      /* of the connection, which may be gone when the answer comes */
    const char *scheme, *host, *path;
    int port;
    bool cbor;
};

static void resolve_free(struct resolve *r)
{
    free(r->url);
    free(r->address);
    free(r);
}

static void connect_to(struct connection *c, const struct resolve *r, const char *numeric)
{
    auto_free char *path = xasprintf("/%s", r->path);
    struct lws_client_connect_info info = {
        .context = context,
        .vhost = vhost,
        .opaque_user_data = c,
        .pwsi = &c->lws,
        .address = numeric,
        .port = r->port,
        .host = r->host,
        .origin = r->host,
        .path = path,
        .protocol = protocols[c->cbor].name,
        .local_protocol_name = protocols[c->cbor].name,
        .ssl_connection = strcmp(r->scheme, "wss") == 0 ? LCCSCF_USE_SSL : 0,
    };

    if (!lws_client_connect_via_info(&info) && connection_to(r->address, r->cbor) == c)
        connection_closed(c); /* on_event() was not told */
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct resolve *r = (struct resolve *)request;
    struct connection *c = connection_to(r->address, r->cbor);
    char numeric[PEER_SIZE] = "";

    if (status == 0 && found->ai_family == AF_INET)
        uv_ip4_name((const struct sockaddr_in *)(const void *)found->ai_addr, numeric, sizeof numeric);
    else if (status == 0)
        uv_ip6_name((const struct sockaddr_in6 *)(const void *)found->ai_addr, numeric, sizeof numeric);
    uv_freeaddrinfo(found);
    if (c && !c->lws && *numeric)
        connect_to(c, r, numeric);
    else if (c && !c->lws)
        connection_closed(c);
    resolve_free(r);
}

static void resolve_one(struct connection *c)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct resolve *r;

    if (!c->url || c->lws || c->resolving)
        return;
    r = xcalloc(1, sizeof *r);
    r->url = xstrdup(c->url);
    r->address = xstrdup(c->address);
    r->cbor = c->cbor;
    c->resolving = true;
    if (lws_parse_uri(r->url, &r->scheme, &r->host, &r->port, &r->path) == 0 &&
        uv_getaddrinfo(loop_get(), &r->request, on_resolved, r->host, NULL, &hints) == 0)
        return;
    resolve_free(r);
    connection_closed(c);
}

/* Not from inside server_connect(): a failure may be told at once, while its request is still being sent. */
static void on_connect(void *unused)
{
    (void)unused;
    connection_each(resolve_one);
}

struct connection *server_connect(const char *address, const char *url, bool cbor)
{
    struct connection *c = connection_new(NULL, cbor);

    c->address = xstrdup(address);
    c->url = xstrdup(url);
    loop_timer_start(connector, 0, 0);
    return c;
}

/* ---- the whole ---- */

static int64_t connection_limit(void)
{
    int64_t wanted = config_int("websocket.connections"), possible;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return wanted;
    possible = (int64_t)limit.rlim_cur - OTHER_DESCRIPTORS;
    if (possible < 1)
        log_fatal("websocket.connections", "nofile=%lld why=%s", (long long)limit.rlim_cur,
                  "the system allows too few open files");
    if (wanted > possible)
        log_warn("websocket.connections", "limit=%lld why=%s", (long long)possible,
                 "the system allows no more open files (nofile)");
    return wanted < possible ? wanted : possible;
}

static void end_slow(struct connection *c)
{
    if (!c->lws || !connection_too_slow(c, clock_mono_us()))
        return;
    metric_add(&shut, 1, "message");
    server_end(c->lws);
}

static void on_sweep(void *unused)
{
    (void)unused;
    connection_each(end_slow);
}

static void on_log(int level, const char *line)
{
    size_t len = strcspn(line, "\n");

    if (level & (LLL_ERR | LLL_WARN))
        log_debug("websocket.library", "text=%.*s", (int)len, line);
}

static void on_render(void)
{
    metric_set(&open_now, connection_count(), NULL);
}

/* `port` 0: connections out only. `authenticated`: who has no certificate does not get as far as a request. */
static struct lws_vhost *listen_on(struct lws_context_creation_info *info, int port, const char *name, const char *address,
                                   bool authenticated)
{
    struct lws_vhost *made;

    if (port > 0)
        listen_guard(name, address, authenticated, "websocket.insecure", "websocket.port = 0 and tls.clients = required");
    info->port = port > 0 ? port : CONTEXT_PORT_NO_LISTEN;
    info->iface = address;
    info->vhost_name = name;
    if (!strchr(address, ':'))
        info->options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    made = lws_create_vhost(context, info);
    if (!made)
        log_fatal("websocket.listen", "address=%s port=%d why=%s", address, port, "it cannot be listened on, see debug");
    if (port > 0)
        log_info("websocket.listening", "address=%s port=%d", address, port);
    return made;
}

static void listen_with_tls(struct lws_context_creation_info info, const char *address)
{
    int port = (int)config_int("websocket.tls.port");

    if (port == 0)
        return;
    secure_vhost(&info);
    listen_on(&info, port, "websocket.tls.listen",
              *config_text("websocket.tls.listen") ? config_text("websocket.tls.listen") : address,
              strcmp(config_text("tls.clients"), "required") == 0);
}

void server_start(void)
{
    static lws_retry_bo_t idle;
    const char *address = config_text("websocket.listen"), *ca = config_text("websocket.egress.ca");
    struct lws_context_creation_info info = {
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_ALLOW_LISTEN_SHARE |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .foreign_loops = (void *[]){loop_get()},
        .timeout_secs = (unsigned)config_int("websocket.handshake"),
        .timeout_secs_ah_idle = (unsigned)config_int("websocket.handshake"),
        .retry_and_idle_policy = &idle,
        .client_ssl_ca_filepath = *ca ? ca : NULL,
    };

    connection_setup(&(struct connection_limits){.message = (size_t)config_int("websocket.max_message"),
                                                 .backlog = (size_t)config_int("websocket.backlog"),
                                                 .calls = (int)config_int("websocket.inflight"),
                                                 .timeout = config_int("websocket.handshake")});
    call_setup();
    if (config_int("websocket.port") == 0 && config_int("websocket.tls.port") == 0)
        config_refuse("websocket.port", "is 0, and so is websocket.tls.port: nobody could connect");
    connections_max = connection_limit();
    info.max_http_header_pool = (unsigned short)(connections_max < HANDSHAKES ? connections_max : HANDSHAKES);
    origins = config_text("websocket.origins");
    idle.secs_since_valid_ping = (uint16_t)config_int("websocket.ping");
    idle.secs_since_valid_hangup = (uint16_t)(idle.secs_since_valid_ping + config_int("websocket.pong"));
    lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
    context = lws_create_context(&info);
    if (!context)
        log_fatal("websocket.start", "why=%s", "libwebsockets does not start");
    vhost = listen_on(&info, (int)config_int("websocket.port"), "websocket.listen", address, false);
    listen_with_tls(info, address);
    secure_watch(ca);
    connector = loop_timer_new(on_connect, NULL);
    sweep = loop_timer_new(on_sweep, NULL);
    loop_timer_start(sweep, SWEEP_MS, SWEEP_MS);
    metrics_on_render(on_render);
}

static void end(struct connection *c)
{
    if (c->lws)
        server_end(c->lws);
}

/* The context is left to the end of the process: with a loop that is not its own, the library unloads code that this loop still
 * calls. */
void server_stop(void)
{
    connection_each(end);
    for (int turn = 0; turn < CLOSING_TURNS; turn++)
        uv_run(loop_get(), UV_RUN_NOWAIT);
}
