#include "target.h"

#include "json.h"

#include <strings.h>

#include "mem.h"

static const struct {
    const char *name;
    enum serialization is;
} short_names[] = {
    {"json", SERIALIZATION_JSON},
    {"cbor", SERIALIZATION_CBOR},
    {"xml",  SERIALIZATION_NONE}, /* known, and not spoken */
};

/* What stands before the short name in media types, TS-0004 6.7. */
static const char *const prefixes[] = {"",
                                       "application/",
                                       "application/vnd.onem2m-res+",
                                       "application/vnd.onem2m-ntfy+",
                                       "application/vnd.onem2m-preq+",
                                       "application/vnd.onem2m-prsp+"};

enum serialization serialization_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        size_t n = strlen(prefixes[i]);

        if (strncasecmp(name, prefixes[i], n) != 0)
            continue;
        for (size_t k = 0; k < ARRAY_LEN(short_names); k++)
            if (strcasecmp(name + n, short_names[k].name) == 0)
                return short_names[k].is;
    }
    return SERIALIZATION_NONE;
}

/* Takes "?ct=json" or "&ct=json" off the end. TS-0001 table 9.6.8-2, notificationURI. */
static void take_suffix(struct target_url *t)
{
    for (size_t i = 0; i < ARRAY_LEN(short_names); i++) {
        size_t n = strlen(short_names[i].name) + 4;

        if (t->url.len <= n || !strchr("?&", t->url.data[t->url.len - n]))
            continue;
        if (strncasecmp(t->url.data + t->url.len - n + 1, "ct=", 3) != 0 ||
            strcasecmp(t->url.data + t->url.len - n + 4, short_names[i].name) != 0)
            continue;
        t->url.len -= n;
        t->url.data[t->url.len] = '\0';
        t->wanted = short_names[i].is;
        return;
    }
}

static size_t scheme_length(const char *url, const char *const *schemes)
{
    for (; *schemes; schemes++) {
        size_t n = strlen(*schemes);

        if (strncasecmp(url, *schemes, n) == 0 && strncmp(url + n, "://", 3) == 0)
            return n + 3;
    }
    return 0;
}

int target_parse(struct target_url *t, const char *url, const char *const *schemes, char *why, size_t why_size)
{
    *t = (struct target_url){.url = STR_EMPTY, .scheme = scheme_length(url, schemes)};
    if (t->scheme == 0) {
        snprintf(why, why_size, "'%.60s' is no %s%s%s address", url, schemes[0], schemes[1] ? " or " : "",
                 schemes[1] ? schemes[1] : "");
        return -1;
    }
    t->host = t->scheme + strcspn(url + t->scheme, "/?#");
    if (t->host == t->scheme || !str_clean(url, strlen(url)) || strpbrk(url, " \\")) {
        snprintf(why, why_size, "malformed address");
        return -1;
    }
    str_add(&t->url, url, strcspn(url, "#"));
    take_suffix(t);
    return 0;
}

void target_done(struct target_url *t)
{
    str_done(&t->url);
}

enum serialization target_serialization(const struct target_url *t, struct slice csz)
{
    enum serialization found = t->wanted;
    char why[80];
    json_t *list, *entry;
    size_t i;

    if (found == SERIALIZATION_NONE && csz.n > 0) {
        list = json_parse(csz.p, csz.n, why, sizeof why);
        json_array_foreach(list, i, entry) if (found == SERIALIZATION_NONE && json_is_string(entry)) found =
            serialization_find(json_string_value(entry));
        json_decref(list);
    }
    return found == SERIALIZATION_NONE ? SERIALIZATION_JSON : found;
}
