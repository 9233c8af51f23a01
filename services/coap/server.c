#include "server.h"

#include "call.h"
#include "clock.h"
#include "config.h"
#include "egress.h"
#include "listen.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "options.h"
#include "pdu.h"
#include "peer.h"
#include "secure.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "mem.h"

#define ROUNDS 64    /* of reading before others have their turn */
#define READY 16     /* descriptors at a time */
#define TIMERS_MS 10 /* how late something may be due */

static coap_context_t *context;
static struct loop_watch *watch;
static struct loop_timer *timer;
static bool draining, touched;
static int sessions;

static struct metric open_sessions = METRIC_GAUGE("tessera_coap_sessions", "Peers that are remembered", NULL);

coap_context_t *server_context(void)
{
    return context;
}

bool server_draining(void)
{
    return draining;
}

void server_touched(void)
{
    touched = true;
}

/* ---- libcoap on the loop ---- */

/*
 * libcoap asks this function, which takes the place of its own, after each round what is due next, and goes through all sessions
 * for it. That is looked up once for many rounds, in set_timer().
 */
unsigned coap_io_prepare_epoll(coap_context_t *unused, coap_tick_t now)
{
    (void)unused, (void)now;
    touched = true;
    return 0;
}

/* What is due is sent again, who has been silent is forgotten. */
static void set_timer(void)
{
    static int64_t last;
    coap_socket_t *sockets[1]; /* none are told: they are watched by epoll */
    unsigned count, ms;
    coap_tick_t now;

    if (clock_mono_us() - last < TIMERS_MS * 1000) {
        loop_timer_start(timer, TIMERS_MS, 0);
        return;
    }
    last = clock_mono_us();
    coap_ticks(&now);
    ms = coap_io_prepare_io(context, sockets, ARRAY_LEN(sockets), &count, now);
    if (ms > 0)
        loop_timer_start(timer, ms, 0);
    else
        loop_timer_stop(timer);
}

/* Round by round, for libcoap takes one datagram in each: what has come is handed on together, and answered together. */
static void on_readable(void *unused, int events)
{
    struct epoll_event ready[READY];
    int fd = coap_context_get_coap_fd(context), count = 0;

    (void)unused, (void)events;
    for (int round = 0; round < ROUNDS && (count = epoll_wait(fd, ready, READY, 0)) > 0; round++)
        coap_io_do_epoll(context, ready, (size_t)count);
    touched = true;
}

static void on_timer(void *unused)
{
    (void)unused;
    touched = true;
}

static void before_wait(void)
{
    if (!touched || !context)
        return;
    touched = false;
    set_timer();
}

static void on_turn(void *unused)
{
    (void)unused;
    before_wait();
}

/* ---- what libcoap calls ---- */

/*
 * The response that libcoap has prepared would leave now: an acknowledgement, and our answer would be a message of its own. An
 * empty message that is not confirmable is dropped instead, and we acknowledge when it is time, or along with the answer.
 */
static void on_request(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request, const coap_string_t *query,
                       coap_pdu_t *response)
{
    (void)resource, (void)query;
    coap_pdu_set_type(response, COAP_MESSAGE_NON);
    call_take(session, request);
}

static int on_event(coap_session_t *session, coap_event_t event)
{
    switch (event) {
    case COAP_EVENT_SERVER_SESSION_NEW:
        sessions++;
        break;
    case COAP_EVENT_SERVER_SESSION_DEL:
        sessions--;
        secure_forget(session);
        break;
    case COAP_EVENT_SESSION_CONNECTED:
        peer_connected(session);
        break;
    case COAP_EVENT_DTLS_CLOSED:
    case COAP_EVENT_TCP_CLOSED:
    case COAP_EVENT_TCP_FAILED:
    case COAP_EVENT_SESSION_CLOSED:
    case COAP_EVENT_SESSION_FAILED:
        call_leave(session);
        egress_lost(session);
        break;
    default:
        break;
    }
    return 0;
}

static void on_log(coap_log_t level, const char *text)
{
    (void)level;
    log_debug("coap.library", "text=%.*s", (int)strcspn(text, "\n"), text);
}

/* ---- the whole ---- */

/* libcoap shares a UDP port with whoever has it already, and then the last who came gets all. */
static bool is_taken(const coap_address_t *address)
{
    int fd = socket(address->addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool taken = fd >= 0 && bind(fd, &address->addr.sa, address->size) < 0 && errno == EADDRINUSE;

    if (fd >= 0)
        close(fd);
    return taken;
}

static void listen_on(const char *text, int64_t port, coap_proto_t proto, const char *name)
{
    struct listen_address parsed;
    coap_address_t address;

    listen_parse(&parsed, "coap.listen", text, (int)port);
    coap_address_init(&address);
    memcpy(&address.addr, &parsed.at, parsed.len);
    address.size = parsed.len;
    if (!COAP_PROTO_RELIABLE(proto) && is_taken(&address))
        log_fatal("coap.listen", "address=%s port=%d protocol=%s why=%s", text, (int)port, name, strerror(EADDRINUSE));
    if (!coap_new_endpoint(context, &address, proto))
        log_fatal("coap.listen", "address=%s port=%d protocol=%s why=%s", text, (int)port, name, strerror(errno));
    log_info("coap.listening", "address=%s port=%d protocol=%s", text, (int)port, name);
}

static void listen_all(void)
{
    static const struct {
        const char *setting, *name;
        coap_proto_t proto;
        bool secure;
    } rows[] = {
        {"coap.port",      "UDP",  COAP_PROTO_UDP,  false},
        {"coap.tcp.port",  "TCP",  COAP_PROTO_TCP,  false},
        {"coap.dtls.port", "DTLS", COAP_PROTO_DTLS, true },
        {"coap.tls.port",  "TLS",  COAP_PROTO_TLS,  true },
    };
    const char *address = config_text("coap.listen");

    secure_start(context, config_int("coap.dtls.port") != 0 || config_int("coap.tls.port") != 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t port = config_int(rows[i].setting);

        if (port == 0)
            continue;
        listen_guard("coap.listen", address, rows[i].secure && secure_knows_all(), "coap.insecure",
                     "coap.port = 0 and coap.dtls.port with keys, or tls.clients = required");
        listen_on(address, port, rows[i].proto, rows[i].name);
    }
}

static void serve(void)
{
    static const coap_request_t methods[] = {COAP_REQUEST_GET, COAP_REQUEST_POST, COAP_REQUEST_PUT, COAP_REQUEST_DELETE,
                                             COAP_REQUEST_FETCH};
    coap_resource_t *any = coap_resource_unknown_init(on_request);

    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        coap_register_request_handler(any, methods[i], on_request);
    coap_add_resource(context, any);
}

static void on_render(void)
{
    metric_set(&open_sessions, sessions, NULL);
}

void server_start(void)
{
    coap_startup();
    coap_set_log_handler(on_log);
    coap_set_log_level(4); /* warnings */
    context = coap_new_context(NULL);
    if (!context)
        log_fatal("coap.start", "why=%s", "libcoap does not start");
    pdu_know_options(context);
    coap_context_set_block_mode(context, 0);
    coap_context_set_max_idle_sessions(context, (unsigned)config_int("coap.sessions"));
    coap_context_set_session_timeout(context, (unsigned)config_int("coap.session_timeout"));
    coap_context_set_max_handshake_sessions(context, (unsigned)config_int("coap.handshakes"));
    coap_context_set_csm_max_message_size(context, (uint32_t)config_int("coap.max_content") + 4096);
    coap_register_event_handler(context, on_event);
    serve();
    call_setup();
    listen_all();
    timer = loop_timer_new(on_timer, NULL);
    watch = loop_watch_new(coap_context_get_coap_fd(context), on_readable, NULL);
    loop_watch_set(watch, UV_READABLE);
    loop_before_wait(on_turn, NULL);
    touched = true;
    metrics_on_render(on_render);
}

void server_drain(void)
{
    if (draining)
        return;
    draining = true;
    call_leave(NULL);
}

void server_stop(void)
{
    coap_context_t *gone = context;

    call_stop();
    loop_watch_free(watch);
    loop_timer_free(timer);
    context = NULL;
    coap_free_context(gone);
    coap_cleanup();
}
