#include "connection.h"

#include "call.h"
#include "clock.h"
#include "log.h"
#include "metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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
    c->identity_len = (size_t)snprintf(c->identity, sizeof c->identity, "{\"by\":\"none\",\"peer\":\"%s\"}", c->peer);
}

static struct connection *connection_new(struct MHD_Connection *mhd)
{
    struct connection *c = xcalloc(1, sizeof *c);

    c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    c->since = clock_mono_us();
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
    free(c);
}

void connection_notify(void *context, struct MHD_Connection *mhd, void **slot, enum MHD_ConnectionNotificationCode code)
{
    (void)context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *slot = connection_new(mhd);
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
    int64_t allowed = 2 * timeout + (int64_t)(c->bytes / LEAST_RATE);

    /* Work has the request's own deadline. */
    return c->phase != PHASE_WORKING && now - c->since > allowed * SECOND;
}

bool connection_left(const struct connection *c)
{
    char byte;
    ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

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
    static const char *const phases[] = {"idle", "receiving", "working", "sending"};
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
