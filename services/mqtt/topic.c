#include "topic.h"

#include "address.h"
#include "mem.h"

#include <strings.h>

#define ROOT "/oneM2M/"

static const char *const kinds[] = {
    [TOPIC_REQUEST] = "req",
    [TOPIC_RESPONSE] = "resp",
    [TOPIC_REGISTRATION] = "reg_req",
    [TOPIC_REGISTRATION_RESPONSE] = "reg_resp",
};

static const char *const types[] = {
    [SERIALIZATION_JSON] = "json",
    [SERIALIZATION_CBOR] = "cbor",
};

/* The segment that `p` begins with, of at least one character. NULL when it is empty or too long; else what follows it. */
static const char *segment(const char *p, char *out, size_t size)
{
    size_t n = strcspn(p, "/");

    if (n == 0 || n >= size)
        return NULL;
    memcpy(out, p, n);
    out[n] = '\0';
    return p + n;
}

static bool find_kind(const char *text, enum topic_kind *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(text, kinds[i]) != 0)
            continue;
        *kind = (enum topic_kind)i;
        return true;
    }
    return false;
}

int topic_parse(struct topic *t, const char *topic, const char *prefix)
{
    size_t n = strlen(prefix), root = sizeof ROOT - 1;
    char text[16];
    const char *p;

    if (strncmp(topic, prefix, n) != 0 || strncmp(topic + n, ROOT, root) != 0)
        return -1;
    p = segment(topic + n + root, text, sizeof text);
    if (!p || *p != '/' || !find_kind(text, &t->kind))
        return -1;
    p = segment(p + 1, t->originator, sizeof t->originator);
    p = p && *p == '/' ? segment(p + 1, t->receiver, sizeof t->receiver) : NULL;
    if (!p)
        return -1;
    t->serialization = SERIALIZATION_JSON;
    if (*p == '\0' || strcmp(p, "/") == 0)
        return 0;
    p = segment(p + 1, text, sizeof text);
    t->serialization = p && *p == '\0' ? serialization_find(text) : SERIALIZATION_NONE;
    return p && *p == '\0' ? 0 : -1;
}

void topic_write(struct str *out, const char *prefix, const struct topic *t)
{
    enum serialization type = t->serialization == SERIALIZATION_NONE ? SERIALIZATION_JSON : t->serialization;

    str_addf(out, "%s" ROOT "%s/%s/%s/%s", prefix, kinds[t->kind], t->originator, t->receiver, types[type]);
}

int topic_escape(const char *id, char out[TOPIC_ID_SIZE])
{
    size_t n = strlen(id);

    if (*id == '/') {
        id++;
        n--;
    }
    if (n == 0 || n >= TOPIC_ID_SIZE || strcspn(id, "+#") != n || !str_clean(id, n))
        return -1;
    for (size_t i = 0; i <= n; i++)
        out[i] = (char)(id[i] == '/' ? ':' : id[i]);
    return 0;
}

char *topic_unescape(const char *id)
{
    char *text = xasprintf("/%s", id);

    for (char *p = text; *p; p++)
        if (*p == ':')
            *p = '/';
    return text;
}

/* Without the slash of an id that is relative to the service provider: "/id-mn" and "id-mn" are the same in a topic. */
static const char *bare(const char *stem)
{
    return stem[0] == '/' && stem[1] != '/' ? stem + 1 : stem;
}

bool topic_names(const char *id, const char *fr)
{
    auto_free char *full = topic_unescape(id), *named = address_originator(full), *says = address_originator(fr);

    return strcmp(bare(named), bare(says)) == 0;
}

static int parse_port(struct broker *b, const char *text, size_t len)
{
    int port = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || port > 65535)
            return -1;
        port = port * 10 + (text[i] - '0');
    }
    b->port = port;
    return len > 0 && port > 0 && port <= 65535 ? 0 : -1;
}

static int parse_host(struct broker *b, const char *p, size_t len)
{
    const char *end = p + len, *close = len > 0 && *p == '[' ? memchr(p, ']', len) : NULL;
    const char *colon = close ? close + 1 : memchr(p, ':', len);
    size_t n;

    if (len > 0 && *p == '[' && !close)
        return -1;
    if (!colon)
        colon = end;
    n = (size_t)((close ? close : colon) - p) - (close != NULL);
    if (n == 0 || n >= sizeof b->host || memchr(p, '@', len))
        return -1;
    memcpy(b->host, p + (close != NULL), n);
    b->host[n] = '\0';
    if (colon == end)
        return 0;
    return *colon == ':' ? parse_port(b, colon + 1, (size_t)(end - colon - 1)) : -1;
}

int broker_parse(struct broker *b, const char *url, char *why, size_t why_size)
{
    static const struct {
        const char *scheme;
        bool tls;
        int port;
    } schemes[] = {
        {"mqtt://",  false, 1883},
        {"mqtts://", true,  8883},
    };

    *b = (struct broker){0};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        size_t n = strlen(schemes[i].scheme), host = strncasecmp(url, schemes[i].scheme, n) == 0 ? strcspn(url + n, "/") : 0;
        const char *path = url + n + host;

        if (host == 0)
            continue;
        b->tls = schemes[i].tls;
        b->port = schemes[i].port;
        if (parse_host(b, url + n, host) < 0)
            break;
        path += *path == '/';
        if (strlen(path) >= sizeof b->path || strcspn(path, "+#") != strlen(path)) {
            snprintf(why, why_size, "the path of the address cannot be a topic");
            return -1;
        }
        snprintf(b->path, sizeof b->path, "%s", path);
        return 0;
    }
    snprintf(why, why_size, "no address mqtt://HOST[:PORT][/PATH]");
    return -1;
}

bool broker_same(const struct broker *a, const struct broker *b)
{
    return a->tls == b->tls && a->port == b->port && strcasecmp(a->host, b->host) == 0;
}
