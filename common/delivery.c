#include "delivery.h"

#include "mem.h"

#include <strings.h>

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
