#include "connection.h"

#include "address.h"
#include "bus.h"
#include "call.h"
#include "clock.h"
#include "delivery.h"
#include "egress.h"
#include "log.h"
#include "mem.h"
#include "primitive.h"
#include "server.h"
#include "submit.h"

#define ROLE_PREFIX "egress.ws."
#define ANNOUNCEMENT_MS 2000
#define SECOND INT64_C(1000000)
#define LEAST_RATE 1024 /* bytes per second */

enum { CLOSE_UNSUPPORTED = 1003, CLOSE_TOO_BIG = 1009 }; /* RFC 6455 7.4.1 */

static struct connection *all; /* the newest first */
static int count, open_calls;
static bool draining;
static struct connection_limits limits;

void connection_setup(const struct connection_limits *given)
{
    limits = *given;
}

struct connection *connection_new(struct lws *lws, bool cbor)
{
    struct connection *c = xcalloc(1, sizeof *c);

    c->lws = lws;
    c->cbor = cbor;
    c->next = all;
    if (all)
        all->prev = c;
    all = c;
    count++;
    return c;
}

static void release(struct connection *c)
{
    free(c->address);
    free(c->url);
    str_done(&c->identity);
    str_done(&c->message);
    free(c);
}

/* ---- whose it is ---- */

static bool has_id(const struct connection *c, const char *id)
{
    for (int i = 0; i < CONNECTION_IDS && c->ids[i]; i++)
        if (strcmp(c->ids[i], id) == 0)
            return true;
    return false;
}

struct connection *connection_of(const char *id)
{
    struct connection *c = all;

    while (c && !has_id(c, id))
        c = c->next;
    return c;
}

struct connection *connection_to(const char *address, bool cbor)
{
    struct connection *c = all;

    while (c && (!c->address || c->cbor != cbor || strcmp(c->address, address) != 0))
        c = c->next;
    return c;
}

static char *role_of(const char *id)
{
    return xasprintf(ROLE_PREFIX "%s", id);
}

/* Whoever delivers notifications may have given up for a while. */
static void announce(const char *id)
{
    auto_free char *url = delivery_connection_url(id);
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "tenant", SUBMIT_TENANT);
    head_str(&head, "event", "poll");
    head_str(&head, "url", url);
    bus_send("events.notification", &head, "", 0, clock_now_ms() + ANNOUNCEMENT_MS, NULL, NULL);
}

void connection_speaks_for(struct connection *c, const char *originator)
{
    auto_free char *stem = address_originator(originator), *role = NULL;
    const char *id = *stem == '/' ? stem + 1 : stem;
    int i = 0;

    if (c->address || !*id || has_id(c, id))
        return;
    while (i < CONNECTION_IDS && c->ids[i])
        i++;
    role = role_of(id);
    if (i == CONNECTION_IDS || bus_bind(role) < 0) {
        log_warn("websocket.ids", "id=%s why=%s", id, i == CONNECTION_IDS ? "its connection has too many" : "not a role's name");
        return;
    }
    c->ids[i] = xstrdup(id);
    log_debug("websocket.speaks", "id=%s", id);
    announce(id);
}

/* ---- its end ---- */

static void forget_id(char *id)
{
    auto_free char *role = role_of(id), *url = delivery_connection_url(id);

    egress_lost(url);
    if (!connection_of(id)) /* it may have come back by another one */
        bus_unbind(role);
    free(id);
}

void connection_closed(struct connection *c)
{
    struct outgoing_message *message;

    c->lws = NULL;
    c->open = false;
    c->gone = true;
    if (c->next)
        c->next->prev = c->prev;
    *(c->prev ? &c->prev->next : &all) = c->next;
    count--;
    while ((message = c->head)) {
        c->head = message->next;
        free(message);
    }
    c->backlog = 0;
    if (c->address)
        egress_lost(c->address);
    for (int i = 0; i < CONNECTION_IDS && c->ids[i]; i++)
        forget_id(c->ids[i]);
    if (c->calls == 0)
        release(c);
    else
        call_leave(c);
}

void connection_call_began(struct connection *c)
{
    c->calls++;
    open_calls++;
    if (c->calls < limits.calls || c->holding)
        return;
    c->holding = true;
    server_read(c->lws, false);
}

void connection_call_ended(struct connection *c)
{
    c->calls--;
    open_calls--;
    if (c->gone) {
        if (c->calls == 0)
            release(c);
        return;
    }
    if (c->holding && c->calls < limits.calls && !draining) {
        c->holding = false;
        c->since = clock_mono_us();
        server_read(c->lws, true);
    }
}

int connection_count(void)
{
    return count;
}

bool connection_draining(void)
{
    return draining;
}

void connection_drain(void)
{
    if (draining)
        return;
    draining = true;
    for (struct connection *c = all; c; c = c->next) {
        if (c->lws)
            server_read(c->lws, false);
        call_leave(c);
    }
}

bool connection_idle(void)
{
    for (const struct connection *c = all; c; c = c->next)
        if (c->open && c->head)
            return false;
    return open_calls == 0;
}

void connection_each(void (*fn)(struct connection *c))
{
    for (struct connection *c = all, *next; c; c = next) {
        next = c->next;
        fn(c);
    }
}

/* ---- messages ---- */

bool connection_receive(struct connection *c, const void *data, size_t len, bool binary, bool last, int *status,
                        const char **reason)
{
    if (binary != c->cbor) {
        *status = CLOSE_UNSUPPORTED;
        *reason = c->cbor ? "oneM2M.cbor has binary frames" : "oneM2M.json has text frames";
        return false;
    }
    if (c->message.len + len > limits.message) {
        *status = CLOSE_TOO_BIG;
        *reason = "the message is too long";
        return false;
    }
    if (c->message.len == 0)
        c->since = clock_mono_us();
    str_add(&c->message, data, len);
    if (last)
        call_take(c, &c->message);
    return true;
}

bool connection_too_slow(const struct connection *c, int64_t now)
{
    int64_t allowed = 2 * limits.timeout + (int64_t)(c->message.len / LEAST_RATE);

    return c->message.len > 0 && !c->holding && now - c->since > allowed * SECOND;
}

bool connection_send(struct connection *c, const char *text, size_t len)
{
    struct outgoing_message *message;

    if (c->gone)
        return false;
    if (c->backlog + len > limits.backlog) {
        log_often(LOG_INFO, "websocket.slow", "backlog=%zu why=%s", c->backlog, "it does not read what it is sent");
        if (c->lws)
            server_end(c->lws);
        return false;
    }
    message = xmalloc(sizeof *message + server_padding() + len);
    message->next = NULL;
    message->len = len;
    memcpy(message->data + server_padding(), text, len);
    if (c->head)
        c->tail->next = message;
    else
        c->head = message;
    c->tail = message;
    c->backlog += len;
    if (c->open)
        server_want_write(c->lws);
    return true;
}
