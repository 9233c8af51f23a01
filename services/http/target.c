#include "target.h"

#include "json.h"
#include "text.h"

#include <strings.h>

#include "mem.h"

static const struct {
    const char *name;
    const char *type;
} short_names[] = {
    {"json", "application/json"},
    {"cbor", "application/cbor"},
    {"xml",  NULL              }, /* known, and not spoken */
};

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
        t->media = short_names[i].type ? media_by_name(short_names[i].type) : NULL;
        return;
    }
}

int target_parse(struct target_url *t, const char *url, char *why, size_t why_size)
{
    size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;

    t->url = (struct str)STR_EMPTY;
    t->media = NULL;
    t->host = 0;
    if (scheme == 0) {
        snprintf(why, why_size, "'%.60s' is no http or https address", url);
        return -1;
    }
    t->host = scheme + strcspn(url + scheme, "/?#");
    if (t->host == scheme || !text_clean(url, strlen(url)) || strpbrk(url, " \\")) {
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

static const struct media *spoken(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(short_names); i++)
        if (strcasecmp(name, short_names[i].name) == 0)
            return short_names[i].type ? media_by_name(short_names[i].type) : NULL;
    return media_by_name(name);
}

const struct media *target_media(const struct target_url *t, struct slice csz)
{
    const struct media *media = t->media;
    char why[80];
    json_t *list, *entry;
    size_t i;

    if (media || csz.n == 0)
        return media ? media : media_json();
    list = json_parse(csz.p, csz.n, why, sizeof why);
    json_array_foreach(list, i, entry) if (!media && json_is_string(entry)) media = spoken(json_string_value(entry));
    json_decref(list);
    /* Receivers in the field take exactly these two types. */
    return media_by_name(media && media->cbor ? "application/cbor" : "application/json");
}
