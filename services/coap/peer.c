#include "peer.h"

#include "log.h"
#include "loop.h"
#include "secure.h"
#include "server.h"
#include "table.h"

#include <strings.h>

#include "mem.h"

#define HOST_SIZE 256
#define RETIRED 64

struct peer {
    struct table_entry entry; /* key: the address */
    struct peer *prev, *next; /* the last used first */
    char *address;
    coap_session_t *session; /* referenced; NULL: its name is being looked up */
    peer_ready_fn *ready;
    uv_getaddrinfo_t lookup;
    bool connecting;       /* libcoap would wait for the connection, and everybody with it, if something were sent now */
    bool connected;        /* not any more; `ready` is to be told */
    bool looking, dropped; /* dropped: freed when the name service has answered */
};

static const struct {
    const char *scheme;
    coap_proto_t proto;
    bool secure;
    const char *port;
} schemes[] = {
    {"coap://",      COAP_PROTO_UDP,  false, "5683"},
    {"coaps://",     COAP_PROTO_DTLS, true,  "5684"},
    {"coap+tcp://",  COAP_PROTO_TCP,  false, "5683"},
    {"coaps+tcp://", COAP_PROTO_TLS,  true,  "5684"},
};

static struct table peers;
static struct peer *first, *last;
static int most;
static unsigned nstart;
static coap_session_t *retired[RETIRED]; /* dropped while libcoap may still be using them */
static int retired_count;
static struct loop_timer *undertaker, *herald;

static void bury(void *unused)
{
    (void)unused;
    while (retired_count > 0) {
        secure_forget(retired[--retired_count]);
        coap_session_release(retired[retired_count]);
    }
}

/* Not at once: this may be called from inside libcoap's work on the very session. */
static void retire(coap_session_t *session)
{
    if (retired_count == RETIRED) /* they are not of this turn */
        bury(NULL);
    retired[retired_count++] = session;
    loop_timer_start(undertaker, 0, 0);
}

/* Each call may change the list. */
static void announce(void *unused)
{
    struct peer *p = first;

    (void)unused;
    while (p) {
        if (!p->connecting || !p->connected) {
            p = p->next;
            continue;
        }
        p->connecting = false;
        p->ready(p->address, p->session, NULL);
        p = first;
    }
}

void peer_setup(int given, unsigned at_a_time)
{
    most = given;
    nstart = at_a_time;
    undertaker = loop_timer_new(bury, NULL);
    herald = loop_timer_new(announce, NULL);
}

/* ---- life ---- */

static void unlink_peer(struct peer *p)
{
    *(p->prev ? &p->prev->next : &first) = p->next;
    *(p->next ? &p->next->prev : &last) = p->prev;
}

static void link_first(struct peer *p)
{
    p->prev = NULL;
    p->next = first;
    *(first ? &first->prev : &last) = p;
    first = p;
}

static void release(struct peer *p)
{
    free(p->address);
    free(p);
}

static void drop(struct peer *p)
{
    table_remove(&peers, &p->entry);
    unlink_peer(p);
    if (p->session)
        retire(p->session);
    p->session = NULL;
    p->dropped = true;
    if (p->looking)
        uv_cancel((uv_req_t *)&p->lookup);
    else
        release(p);
}

static struct peer *peer_of(const coap_session_t *session)
{
    struct peer *p = first;

    while (p && p->session != session)
        p = p->next;
    return p;
}

void peer_connected(const coap_session_t *session)
{
    struct peer *p = peer_of(session);

    if (!p || !p->connecting)
        return;
    p->connected = true;
    loop_timer_start(herald, 0, 0);
}

void peer_drop(const coap_session_t *session)
{
    struct peer *p = peer_of(session);
    auto_free char *address = p ? xstrdup(p->address) : NULL;
    peer_ready_fn *ready = p && p->connecting ? p->ready : NULL;
    const char *why = secure_why(session);

    if (p)
        drop(p);
    if (ready)
        ready(address, NULL, why ? why : "it cannot be connected to");
}

void peer_stop(void)
{
    while (first)
        drop(first);
    bury(NULL);
    loop_timer_free(undertaker);
    loop_timer_free(herald);
    uv_run(loop_get(), UV_RUN_NOWAIT);
    free(peers.slots);
    peers = (struct table){NULL, 0, 0};
}

/* ---- addresses ---- */

static size_t scheme_of(const char *address)
{
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (strncasecmp(address, schemes[i].scheme, strlen(schemes[i].scheme)) == 0)
            return i;
    return ARRAY_LEN(schemes);
}

/* Host and port of "scheme://host:port"; false: malformed. */
static bool split(const char *address, size_t scheme, char host[HOST_SIZE], char port[8])
{
    const char *begin = address + strlen(schemes[scheme].scheme), *end = strchr(begin, '@') ? NULL : begin + strlen(begin);
    const char *colon, *close = NULL;

    if (!end)
        return false;
    if (*begin == '[') {
        close = strchr(++begin, ']');
        colon = close && close[1] == ':' ? close + 1 : NULL;
        if (!close || (close[1] && !colon))
            return false;
    } else {
        colon = strchr(begin, ':');
        close = colon ? colon : end;
    }
    if (close == begin || close - begin >= HOST_SIZE || (colon && strlen(colon + 1) > 5))
        return false;
    snprintf(host, HOST_SIZE, "%.*s", (int)(close - begin), begin);
    snprintf(port, 8, "%s", colon && colon[1] ? colon + 1 : schemes[scheme].port);
    return strspn(port, "0123456789") == strlen(port);
}

/* ---- opening ---- */

static coap_session_t *open_session(const char *address, const struct sockaddr *to, socklen_t size, const char **why)
{
    size_t scheme = scheme_of(address);
    char host[HOST_SIZE], port[8];
    coap_session_t *session;
    coap_address_t target;

    if (schemes[scheme].secure && !split(address, scheme, host, port))
        return NULL;
    coap_address_init(&target);
    memcpy(&target.addr, to, size);
    target.size = size;
    if (schemes[scheme].secure) {
        session = secure_connect(server_context(), host, &target, schemes[scheme].proto, why);
    } else {
        session = coap_new_client_session(server_context(), NULL, &target, schemes[scheme].proto);
        *why = "it cannot be connected to";
    }
    if (!session)
        return NULL;
    coap_session_set_nstart(session, (uint16_t)nstart);
    server_touched();
    return session;
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct peer *p = (struct peer *)((char *)request - offsetof(struct peer, lookup));
    const char *why = "the name is not known";
    auto_free char *address = NULL;
    coap_session_t *session = NULL;
    peer_ready_fn *ready;

    p->looking = false;
    if (p->dropped) {
        uv_freeaddrinfo(found);
        release(p);
        return;
    }
    if (status == 0)
        session = p->session = open_session(p->address, found->ai_addr, found->ai_addrlen, &why);
    uv_freeaddrinfo(found);
    ready = p->ready;
    address = xstrdup(p->address);
    p->connecting = session && COAP_PROTO_RELIABLE(coap_session_get_proto(session)); /* with DTLS it keeps what is sent */
    if (p->connecting)
        return;
    if (!session)
        drop(p);
    ready(address, session, why);
}

static struct peer *add(const char *address, peer_ready_fn *ready)
{
    struct peer *p = xcalloc(1, sizeof *p);

    if ((int)peers.count >= most)
        drop(last);
    p->address = xstrdup(address);
    p->entry.key = p->address;
    p->ready = ready;
    table_insert(&peers, &p->entry);
    link_first(p);
    return p;
}

coap_session_t *peer_find(const char *address, peer_ready_fn *ready, const char **why)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG};
    struct peer *p = (struct peer *)table_find(&peers, address);
    size_t scheme = scheme_of(address);
    char host[HOST_SIZE], port[8];

    *why = NULL;
    if (p) {
        unlink_peer(p);
        link_first(p);
        return p->connecting ? NULL : p->session;
    }
    if (scheme == ARRAY_LEN(schemes) || !split(address, scheme, host, port)) {
        *why = "malformed address";
        return NULL;
    }
    p = add(address, ready);
    p->looking = uv_getaddrinfo(loop_get(), &p->lookup, on_found, host, port, &hints) == 0;
    if (!p->looking) {
        drop(p);
        *why = "the name cannot be looked up";
    }
    return NULL;
}
