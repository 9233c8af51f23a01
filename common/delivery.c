#include "delivery.h"

#include "mem.h"

#include <strings.h>

#define CHANNEL_PREFIX "pch"

static const struct {
    const char *prefix, *binding, *role;
} roles[] = {
    {"http://",  "http",      "egress.http"},
    {"https://", "http",      "egress.http"},
    {"coap://",  "coap",      "egress.coap"},
    {"coaps://", "coap",      "egress.coap"},
    {"mqtt://",  "mqtt",      "egress.mqtt"},
    {"mqtts://", "mqtt",      "egress.mqtt"},
    {"ws://",    "websocket", "egress.ws"  },
    {"wss://",   "websocket", "egress.ws"  },
    {"poll:pch", "poll",      "egress.poll"},
};

const char *delivery_role(const char *url, const char **binding)
{
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        if (strncasecmp(url, roles[i].prefix, strlen(roles[i].prefix)) != 0)
            continue;
        if (binding)
            *binding = roles[i].binding;
        return roles[i].role;
    }
    return NULL;
}

char *delivery_channel_id(const char *owner_ri)
{
    return xasprintf(CHANNEL_PREFIX "%s", owner_ri);
}

char *delivery_channel_url(const char *channel_ri)
{
    return xasprintf("poll:%s", channel_ri);
}

json_t *delivery_addresses(const json_t *attributes, const char *channel_ri)
{
    auto_free char *channel = channel_ri ? delivery_channel_url(channel_ri) : NULL;
    json_t *list = json_array();

    if (channel)
        json_array_append_new(list, json_string(channel));
    if (!json_is_false(json_object_get(attributes, "rr")))
        json_array_extend(list, json_object_get(attributes, "poa"));
    return list;
}
