#include "connection.h"

#include "call.h"
#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "secure.h"
#include "submit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "mem.h"

#define SECOND INT64_C(1000000)
#define LEAST_RATE 1024 /* bytes per second */

static struct connection *all;
static int count;

static struct metric shut =
    METRIC_COUNTER("tessera_http_connections_shut_total", "Connections ended because they were too slow", "phase");

static void describe_peer(struct connection *c, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET6) {
        const struct in6_addr *in6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

        if (IN6_IS_ADDR_V4MAPPED(in6))
            inet_ntop(AF_INET, &in6->s6_addr[12], c->peer, sizeof c->peer);
        else
            inet_ntop(AF_INET6, in6, c->peer, sizeof c->peer);
    } else if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, c->peer, sizeof c->peer);
    }
}

struct slice connection_identity(struct connection *c)
{
    auto_str struct str name = STR_EMPTY;
    bool certificate;

    if (!c->identified) {
        c->identified = true;
        certificate =
            c->secure && secure_name(MHD_get_connection_info(c->secure, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session, &name);
        submit_identity(&c->identity, certificate ? "certificate" : "none", certificate ? str_text(&name) : NULL, c->peer);
    }
    return (struct slice){c->identity.data, c->identity.len};
}

static struct connection *connection_new(struct MHD_Connection *mhd, bool tls)
{
    struct connection *c = xcalloc(1, sizeof *c);

    c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    c->since = clock_mono_us();
    c->phase = PHASE_IDLE;
    if (tls) {
        c->phase = PHASE_HANDSHAKE;
        c->secure = mhd;
        secure_connection(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session);
    }
    describe_peer(c, MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    c->next = all;
    if (all)
        all->prev = c;
    all = c;
    count++;
    return c;
}

static void connection_free(struct connection *c)
{
    if (c->next)
        c->next->prev = c->prev;
    *(c->prev ? &c->prev->next : &all) = c->next;
    count--;
    str_done(&c->identity);
    free(c);
}

void connection_notify(void *context, struct MHD_Connection *mhd, void **slot, enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *slot = connection_new(mhd, context != NULL);
    } else if (*slot) {
        connection_free(*slot);
        *slot = NULL;
    }
}

struct connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void connection_phase(struct connection *c, enum phase phase, size_t bytes)
{
    c->phase = phase;
    c->bytes = bytes;
    c->since = clock_mono_us();
}

bool connection_too_slow(const struct connection *c, int64_t now, int64_t timeout)
{
    int64_t allowed = (c->phase == PHASE_HANDSHAKE ? 1 : 2) * timeout + (int64_t)(c->bytes / LEAST_RATE);

    /* Work has the request's own deadline. */
    return c->phase != PHASE_WORKING && now - c->since > allowed * SECOND;
}

/* Who ends TLS says so in a record, which nobody reads as long as the request is being carried out. */
static bool has_ended(const struct connection *c)
{
    struct tcp_info info;
    socklen_t len = sizeof info;

    return c->secure && c->phase == PHASE_WORKING && getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
           info.tcpi_state != TCP_ESTABLISHED;
}

bool connection_left(const struct connection *c)
{
    char byte;
    ssize_t n = has_ended(c) ? 0 : recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return n == 0 || (n < 0 && errno == ECONNRESET);
}

/*
 * The end of a stream that came together with the data before it is not seen by libmicrohttpd: it stops reading at the
 * first read that is not full, and an edge-triggered epoll tells of the rest no more. And of a suspended connection it sees
 * nothing at all.
 */
static void look_after(const struct connection *c)
{
    if (c->phase == PHASE_SENDING || !connection_left(c))
        return;
    if (c->phase == PHASE_WORKING)
        call_leave(c->call);
    else
        shutdown(c->fd, SHUT_RDWR);
}

void connection_end_polls(void)
{
    for (const struct connection *c = all; c; c = c->next)
        call_leave(c->call);
}

void connection_sweep(int64_t timeout)
{
    static const char *const phases[] = {"handshake", "idle", "receiving", "working", "sending"};
    int64_t now = clock_mono_us();

    for (struct connection *c = all; c; c = c->next) {
        look_after(c);
        if (!connection_too_slow(c, now, timeout))
            continue;
        log_debug("http.slow", "peer=%s phase=%s bytes=%zu", c->peer, phases[c->phase], c->bytes);
        metric_add(&shut, 1, phases[c->phase]);
        shutdown(c->fd, SHUT_RDWR);
        connection_phase(c, PHASE_WORKING, 0); /* once is enough */
    }
}

int connection_count(void)
{
    return count;
}
