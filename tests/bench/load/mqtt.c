#include "load.h"
#include "packet.h"

#include "mem.h"

static void greet(struct client *c)
{
    auto_free char *id = xasprintf("A::Cm%d", c->number), *filter = xasprintf("/oneM2M/resp/Cm%d/#", c->number);

    packet_connect(&c->out, id);
    packet_subscribe(&c->out, filter);
}

static void create(struct client *c)
{
    auto_free char *topic = xasprintf("/oneM2M/req/Cm%d/id-in/json", c->number);
    auto_str struct str text = STR_EMPTY;

    load_primitive(&text, c);
    if (c->confirm[0] || c->confirm[1])
        packet_confirm(&c->out, c->confirm);
    packet_publish(&c->out, topic, c->id, text.data, text.len);
}

/* The confirmation of the answer leaves in one segment with the next request. */
static enum took take(struct client *c, const unsigned char *data, size_t len, size_t *used)
{
    size_t body = 0, topic;

    *used = packet_whole(data, len, &body);
    if (*used == 0)
        return TOOK_NOTHING;
    if (data[0] >> 4 == PACKET_SUBACK)
        return TOOK_OPEN;
    if (data[0] >> 4 != PACKET_PUBLISH || *used < body + 4)
        return TOOK_OTHER;
    topic = (size_t)data[body] << 8 | data[body + 1];
    if (body + topic + 4 > *used)
        return TOOK_REFUSED;
    memcpy(c->confirm, data + body + 2 + topic, sizeof c->confirm);
    return memmem(data, *used, "\"rsc\":2001", 10) ? TOOK_CREATED : TOOK_REFUSED;
}

const struct binding binding_mqtt = {"mqtt", SOCK_STREAM, greet, create, take};
