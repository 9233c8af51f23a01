#include "media.h"

#include "text.h"

#include <strings.h>

#include "mem.h"

/* The first two are the preferred ones where a range (any type) is accepted. */
static const struct media rows[] = {
    {"application/json",                 false, "application/json"                },
    {"application/cbor",                 true,  "application/cbor"                },
    {"application/vnd.onem2m-res+json",  false, "application/vnd.onem2m-res+json" },
    {"application/vnd.onem2m-res+cbor",  true,  "application/vnd.onem2m-res+cbor" },
    {"application/vnd.onem2m-ntfy+json", false, "application/json"                },
    {"application/vnd.onem2m-ntfy+cbor", true,  "application/cbor"                },
    {"application/vnd.onem2m-preq+json", false, "application/vnd.onem2m-prsp+json"},
    {"application/vnd.onem2m-preq+cbor", true,  "application/vnd.onem2m-prsp+cbor"},
    {"application/vnd.onem2m-prsp+json", false, "application/json"                },
    {"application/vnd.onem2m-prsp+cbor", true,  "application/cbor"                },
};

const struct media *media_json(void)
{
    return &rows[0];
}

static const struct media *find(const char *type, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strlen(rows[i].type) == len && strncasecmp(rows[i].type, type, len) == 0)
            return &rows[i];
    return NULL;
}

const struct media *media_by_name(const char *type)
{
    return find(type, strlen(type));
}

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

static size_t trimmed(const char *p, size_t len)
{
    while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
        len--;
    return len;
}

/*
 * The next parameter of a header value, RFC 9110 5.6.6; `p` stands at a ';' or at the end. The value's quotes are taken
 * off. NULL at the end of the parameters, which is a NUL or a ','.
 */
static const char *parameter(const char *p, struct slice *name, struct slice *value)
{
    if (*p != ';')
        return NULL;
    p = skip_blanks(p + 1);
    name->p = p;
    p += strcspn(p, "=;,");
    name->n = trimmed(name->p, (size_t)(p - name->p));
    *value = (struct slice){p, 0};
    if (*p != '=')
        return p;
    p = skip_blanks(p + 1);
    if (*p == '"') {
        value->p = ++p;
        while (*p && *p != '"')
            p += *p == '\\' && p[1] ? 2 : 1;
        value->n = (size_t)(p - value->p);
        p += *p == '"';
        p += strcspn(p, ";,");
    } else {
        value->p = p;
        p += strcspn(p, ";,");
        value->n = trimmed(value->p, (size_t)(p - value->p));
    }
    return p;
}

static bool named(struct slice name, const char *text)
{
    return name.n == strlen(text) && strncasecmp(name.p, text, name.n) == 0;
}

const struct media *media_parse(const char *content_type, int *ty)
{
    const char *type = skip_blanks(content_type);
    const char *p = type + strcspn(type, ";,");
    const struct media *media = find(type, trimmed(type, (size_t)(p - type)));
    struct slice name, value;

    *ty = MEDIA_NO_TY;
    while ((p = parameter(p, &name, &value))) {
        int64_t number;

        if (!named(name, "ty"))
            continue;
        if (*ty != MEDIA_NO_TY || !text_number(value.p, value.n, &number) || number > INT32_MAX)
            *ty = MEDIA_BAD_TY;
        else
            *ty = (int)number;
    }
    return media;
}

/* "0.8" as 800; a malformed weight counts as 0. RFC 9110 12.4.2. */
static int weight(struct slice q)
{
    int n = 0, scale = 1000;

    if (q.n == 0 || (q.p[0] != '0' && q.p[0] != '1') || (q.n > 1 && q.p[1] != '.') || q.n > 5)
        return 0;
    n = (q.p[0] - '0') * scale;
    for (size_t i = 2; i < q.n; i++) {
        if (q.p[i] < '0' || q.p[i] > '9')
            return 0;
        scale /= 10;
        n += (q.p[i] - '0') * scale;
    }
    return n > 1000 ? 1000 : n;
}

static const struct media *wanted(const struct media *request)
{
    return request ? media_by_name(request->answer) : media_json();
}

const struct media *media_accept(const char *accept, const struct media *request)
{
    const struct media *best = NULL;
    int best_weight = 0;

    if (!accept || *skip_blanks(accept) == '\0')
        return wanted(request);
    for (const char *p = accept; *p;) {
        const char *range = skip_blanks(p);
        const char *end = range + strcspn(range, ";,");
        struct slice type = {range, trimmed(range, (size_t)(end - range))};
        struct slice name, value;
        const struct media *media;
        const char *next;
        int q = 1000;

        for (p = end; (next = parameter(p, &name, &value)); p = next)
            if (named(name, "q"))
                q = weight(value);
        p += *p == ',';
        media = named(type, "*/*") || named(type, "application/*") ? wanted(request) : find(type.p, type.n);
        if (media && q > best_weight) {
            best = media;
            best_weight = q;
        }
    }
    return best;
}
