#include "delivery.h"

#include "mem.h"

#include <strings.h>
#include <unistd.h>

#define CHANNEL_PREFIX "pch"
#define CONNECTION_PREFIX "ws:"
#define CONNECTION_ROLE "egress.ws."
#define ROLE_SIZE 130

static const struct {
    const char *prefix, *binding, *role;
    bool network;
} roles[] = {
    {"http://",      "http",      "egress.http", true },
    {"https://",     "http",      "egress.http", true },
    {"coap://",      "coap",      "egress.coap", true },
    {"coaps://",     "coap",      "egress.coap", true },
    {"coap+tcp://",  "coap",      "egress.coap", true },
    {"coaps+tcp://", "coap",      "egress.coap", true },
    {"mqtt://",      "mqtt",      "egress.mqtt", true },
    {"mqtts://",     "mqtt",      "egress.mqtt", true },
    {"ws://",        "websocket", "egress.ws",   true },
    {"wss://",       "websocket", "egress.ws",   true },
    {"poll:pch",     "poll",      "egress.poll", false},
};

static int find(const char *url)
{
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (strncasecmp(url, roles[i].prefix, strlen(roles[i].prefix)) == 0)
            return (int)i;
    return -1;
}

/* "ws:Cae": a role of its own. */
static const char *connection_role(const char *url)
{
    static char role[ROLE_SIZE];
    size_t skip = strlen(CONNECTION_PREFIX);

    if (strncmp(url, CONNECTION_PREFIX, skip) != 0 || !url[skip] || url[skip] == '/' ||
        strlen(url + skip) + sizeof CONNECTION_ROLE > sizeof role)
        return NULL;
    snprintf(role, sizeof role, CONNECTION_ROLE "%s", url + skip);
    return role;
}

const char *delivery_role(const char *url, const char **binding)
{
    int i = find(url);
    const char *role = i >= 0 ? roles[i].role : connection_role(url);

    if (binding && role)
        *binding = i >= 0 ? roles[i].binding : "websocket";
    return role;
}

bool delivery_is_url(const char *text)
{
    int i = find(text);

    return i >= 0 && roles[i].network;
}

char *delivery_channel_id(const char *owner_ri)
{
    return xasprintf(CHANNEL_PREFIX "%s", owner_ri);
}

char *delivery_channel_url(const char *channel_ri)
{
    return xasprintf("poll:%s", channel_ri);
}

char *delivery_connection_url(const char *id)
{
    return xasprintf(CONNECTION_PREFIX "%s", id);
}

/* Everything that a client may write as its point of access; what stands for a connection is replaced. */
static void add_points(json_t *list, const json_t *poa, const char *connection)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(poa, i, entry)
    {
        const char *url = json_string_value(entry);

        if (!url)
            continue;
        if (strcasecmp(url, "ws://default") == 0 || strcasecmp(url, "wss://default") == 0)
            json_array_append_new(list, json_string(connection));
        else if (delivery_is_url(url))
            json_array_append_new(list, json_string(url));
    }
}

json_t *delivery_addresses(const json_t *attributes, const char *ri, const char *channel_ri)
{
    auto_free char *channel = channel_ri ? delivery_channel_url(channel_ri) : NULL;
    auto_free char *connection = delivery_connection_url(ri ? ri : "");
    json_t *list = json_array();

    if (channel)
        json_array_append_new(list, json_string(channel));
    if (!json_is_false(json_object_get(attributes, "rr")))
        add_points(list, json_object_get(attributes, "poa"), connection);
    if (json_array_size(list) == 0 && ri)
        json_array_append_new(list, json_string(connection));
    return list;
}

bool delivery_is_local(const char *url)
{
    static const char *const names[] = {"localhost", "127.", "[::1]", "0.0.0.0"};
    const char *host = strstr(url, "://");

    for (size_t i = 0; host && i < ARRAY_LEN(names); i++)
        if (strncasecmp(host + 3, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

bool delivery_in_container(void)
{
    const char *container = getenv("container"); /* set by container managers */

    return (container && *container) || access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0;
}
