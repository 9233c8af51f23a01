#include "map.h"

#include "cse.h"
#include "outbound.h"

#include <openssl/sha.h>

#include "mem.h"

enum { TY_AE = 2, TY_REMOTE_CSE = 16 };

int map_own_id(char out[TOPIC_ID_SIZE], bool absolute)
{
    auto_free char *id = absolute ? xasprintf("//%s%s", cse_spid(), cse_id()) : xstrdup(cse_id());

    return topic_escape(id, out);
}

bool map_is_own_id(const char *id)
{
    char own[TOPIC_ID_SIZE];

    for (int absolute = 0; absolute <= 1; absolute++)
        if (map_own_id(own, absolute) == 0 && strcmp(id, own) == 0)
            return true;
    return false;
}

enum rsc map_check(const struct topic *t, const struct request *req, char *why, size_t why_size)
{
    bool registers = req->op == OP_CREATE && (req->ty == TY_AE || req->ty == TY_REMOTE_CSE);

    if (t->kind == TOPIC_REGISTRATION) {
        if (registers)
            return RSC_OK;
        snprintf(why, why_size, "by the topic reg_req an AE or CSE is registered; everything else comes by req");
        return RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
    }
    if (!req->fr || !*req->fr || topic_names(t->originator, req->fr))
        return RSC_OK;
    if (registers && req->ty == TY_AE && (strcmp(req->fr, "C") == 0 || strcmp(req->fr, "S") == 0))
        return RSC_OK;
    snprintf(why, why_size, "fr: is not the originator that the topic names");
    return RSC_ORIGINATOR_HAS_NO_PRIVILEGE;
}

/* Does `to` begin with this segment, and perhaps go on? */
static bool begins(const char *to, const char *segment)
{
    size_t n = strlen(segment);

    return strncmp(to, segment, n) == 0 && (to[n] == '/' || to[n] == '\0');
}

char *map_to(const char *to)
{
    bool same = strcmp(cse_ri(), cse_name()) == 0;

    if (!same && to[0] == '/' && begins(to + 1, cse_name()))
        return xstrdup(to + 1);
    if (!same && begins(to, cse_ri()) && to[strlen(cse_ri())] == '/')
        return xasprintf("/%s", to);
    return xstrdup(to);
}

void map_key(const char *topic, const void *payload, size_t len, char out[MAP_KEY_SIZE])
{
    static const char prefix[] = "mqtt.", digits[] = "0123456789abcdef";
    auto_str struct str text = STR_EMPTY;
    unsigned char hash[SHA256_DIGEST_LENGTH];
    char *p = out + sizeof prefix - 1;

    str_puts(&text, topic);
    str_putc(&text, '\n');
    str_add(&text, payload, len);
    SHA256((const unsigned char *)text.data, text.len, hash);
    memcpy(out, prefix, sizeof prefix);
    for (int i = 0; i < 16; i++) {
        *p++ = digits[hash[i] >> 4];
        *p++ = digits[hash[i] & 15];
    }
    *p = '\0';
}

/* ---- out ---- */

/* "/id-mn" of "/id-mn/cse/ae", "//sp/id-mn" likewise: whom it is for when nothing else is known. */
static void cse_of(const char *to, char *out, size_t size)
{
    size_t n = strspn(to, "/");

    if (n == 2)
        n += strcspn(to + n, "/") + 1;
    n += strcspn(to + (n < strlen(to) ? n : strlen(to)), "/");
    snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1), to);
}

/* The address is a whole request topic of this CSE: its response is known to come. */
static bool is_request_topic(const char *path, struct topic *t, char *prefix, size_t size)
{
    auto_free char *text = xasprintf("/%s", path);
    const char *root = strstr(text, "/oneM2M/");

    if (!root)
        return false;
    snprintf(prefix, size, "%.*s", (int)(root > text ? root - text - 1 : 0), text + 1);
    return topic_parse(t, root, "") == 0 && t->kind == TOPIC_REQUEST && map_is_own_id(t->originator);
}

static int route_to(struct route *route, const char *receiver, const char *prefix, enum serialization serialization, char *why,
                    size_t why_size)
{
    struct topic t = {.kind = TOPIC_REQUEST, .serialization = serialization};
    auto_str struct str text = STR_EMPTY;

    /* whom an absolute id means is behind another service provider, and knows this CSE by its absolute id */
    if (map_own_id(t.originator, strncmp(receiver, "//", 2) == 0) < 0 || topic_escape(receiver, t.receiver) < 0) {
        snprintf(why, why_size, "the id of the receiver cannot be part of a topic");
        return -1;
    }
    topic_write(&text, prefix, &t);
    route->topic = str_take(&text);
    route->prefix = xstrdup(prefix);
    snprintf(route->originator, sizeof route->originator, "%s", t.originator);
    snprintf(route->receiver, sizeof route->receiver, "%s", t.receiver);
    return 0;
}

int map_route(struct route *route, const struct request *req, const struct broker *broker, enum serialization serialization,
              bool names, char *why, size_t why_size)
{
    char id[TOPIC_ID_SIZE], prefix[sizeof broker->path];
    struct topic t;

    *route = (struct route){0};
    if (!outbound_for_url(req)) {
        cse_of(req->to ? req->to : "", id, sizeof id);
        return route_to(route, req->via ? req->via : id, broker->path, serialization, why, why_size);
    }
    if (req->to)
        return route_to(route, req->to, broker->path, serialization, why, why_size);
    if (!*broker->path) {
        snprintf(why, why_size, "a notification target mqtt://HOST needs the topic behind it");
        return -1;
    }
    if (is_request_topic(broker->path, &t, prefix, sizeof prefix)) {
        auto_free char *receiver = *t.receiver == ':' ? topic_unescape(t.receiver) : xstrdup(t.receiver);

        return route_to(route, receiver, prefix, serialization, why, why_size);
    }
    if (names && !strchr(broker->path, '/')) {
        if (route_to(route, broker->path, "", serialization, why, why_size) < 0)
            return -1;
        free(route->prefix);
        route->prefix = NULL;
        return 0;
    }
    route->topic = xstrdup(broker->path);
    return 0;
}

void route_done(struct route *route)
{
    free(route->topic);
    free(route->prefix);
}
