#include "egress.h"

#include "config.h"
#include "delivery.h"
#include "log.h"
#include "mem.h"
#include "outbound.h"
#include "primitive_json.h"
#include "server.h"

static struct outbound_metrics metrics = OUTBOUND_METRICS("websocket");

/* "ws:Cae", or what stands before the path. The caller frees. */
static char *address_of(const struct outbound *o)
{
    return xasprintf("%.*s", (int)o->target.host, str_text(&o->target.url));
}

static struct connection *find(const struct outbound *o, char *why, size_t why_size)
{
    auto_free char *address = address_of(o);
    bool cbor = o->serialization == SERIALIZATION_CBOR;
    struct connection *c;

    if (strncmp(address + o->target.scheme - 3, "://", 3) == 0) {
        c = connection_to(address, cbor);
        return c ? c : server_connect(address, str_text(&o->target.url), cbor);
    }
    c = connection_of(address + o->target.scheme);
    if (!c)
        snprintf(why, why_size, "it has no connection");
    return c;
}

static int send(struct outbound *o, int64_t left)
{
    struct connection *c = find(o, o->why, sizeof o->why);
    struct primitive p = {.kind = PRIMITIVE_REQUEST, .req = o->req};
    auto_str struct str text = STR_EMPTY;

    (void)left;
    if (!c || primitive_serialize(&text, &p, c->cbor, o->why, sizeof o->why) < 0)
        return -1;
    if (!connection_send(c, text.data, text.len)) {
        snprintf(o->why, sizeof o->why, "it does not read what it is sent");
        return -1;
    }
    o->sent = true;
    return 0;
}

static void expire(struct outbound *o)
{
    outbound_failed(o, "no answer in time");
}

void egress_lost(const char *address)
{
    outbound_lost(address, strlen(address), "the connection is gone");
}

void egress_answer(const struct connection *c, const struct response *rsp)
{
    struct outbound *o = c->address ? outbound_find(c->address, strlen(c->address), rsp->rqi) : NULL;

    for (int i = 0; !o && i < CONNECTION_IDS && c->ids[i]; i++) {
        auto_free char *address = delivery_connection_url(c->ids[i]);

        o = outbound_find(address, strlen(address), rsp->rqi);
    }
    if (o)
        outbound_answered(o, rsp, NULL, NULL);
    else
        log_debug("websocket.unasked", "rqi=%s why=%s", rsp->rqi, "nothing waits for this response");
}

void egress_start(void)
{
    static const char *const schemes[] = {"ws", "wss", NULL};
    static const struct outbound_binding binding = {
        .size = sizeof(struct outbound),
        .schemes = schemes,
        .connection = "ws:",
        .by_rqi = true,
        .metrics = &metrics,
        .send = send,
        .expire = expire,
    };
    struct outbound_limits limits = {
        .total = (int)config_int("websocket.egress.total"),
        .per_target = (int)config_int("websocket.egress.per_target"),
        .per_cse = (int)config_int("websocket.egress.per_cse"),
        .timeout = config_int("websocket.egress.timeout"),
    };

    outbound_start(&binding, &limits);
}
