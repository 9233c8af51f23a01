#include "rows.h"

#include "json.h"
#include "mem.h"

enum column { C_PATH, C_RI, C_TY, C_PI, C_ACPI, C_BY, C_V, C_A, COLUMNS, C_KEY = COLUMNS };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct slice skip_space(struct slice s)
{
    while (s.n > 0 && is_space(*s.p)) {
        s.p++;
        s.n--;
    }
    return s;
}

/* Length of the string at the start of `s`, with its quotes. */
static size_t string_length(struct slice s)
{
    const char *p = s.p + 1;
    const char *end = s.p + s.n;

    while (p < end && *p != '"')
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    return (size_t)(p - s.p) + (p < end);
}

/* Length of the value at the start of `s`. */
static size_t value_length(struct slice s)
{
    size_t i = 0, depth = 0;

    while (i < s.n) {
        char c = s.p[i];

        if (c == '"') {
            i += string_length((struct slice){s.p + i, s.n - i});
        } else if (c == '[' || c == '{') {
            depth++;
            i++;
        } else if (c == ']' || c == '}') {
            if (depth == 0)
                return i;
            depth--;
            i++;
        } else if (depth == 0 && (c == ',' || is_space(c))) {
            return i;
        } else {
            i++;
            continue;
        }
        if (depth == 0)
            return i;
    }
    return s.n;
}

bool list_open(struct slice text, struct slice *rest)
{
    text = skip_space(text);
    if (text.n == 0 || *text.p != '[')
        return false;
    *rest = (struct slice){text.p + 1, text.n - 1};
    return true;
}

bool list_next(struct slice *rest, struct slice *item)
{
    struct slice s = skip_space(*rest);
    size_t n;

    if (s.n > 0 && *s.p == ',')
        s = skip_space((struct slice){s.p + 1, s.n - 1});
    n = value_length(s);
    if (n == 0)
        return false;
    *item = (struct slice){s.p, n};
    *rest = (struct slice){s.p + n, s.n - n};
    return true;
}

bool rows_open(struct slice text, struct slice *rest, struct slice *more)
{
    struct json_member members[4];
    int count = json_members(text.p, text.n, members, ARRAY_LEN(members));
    bool open = false;

    *more = (struct slice){NULL, 0};
    for (int i = 0; i < count; i++) {
        struct slice value = members[i].value;

        if (slice_is(members[i].name, "rows"))
            open = list_open(value, rest);
        else if (slice_is(members[i].name, "more") && value.n > 2 && *value.p == '"')
            *more = (struct slice){value.p + 1, value.n - 2};
    }
    return open;
}

static struct slice unless_null(struct slice s)
{
    return slice_is(s, "null") ? (struct slice){NULL, 0} : s;
}

int row_next(struct slice *rest, struct row *row)
{
    struct slice item, columns, c[COLUMNS + 1];
    char *end;

    if (!list_next(rest, &item))
        return 0;
    if (!list_open(item, &columns))
        return -1;
    for (int i = 0; i < COLUMNS; i++)
        if (!list_next(&columns, &c[i]))
            return -1;
    if (*c[C_PATH].p != '"' || *c[C_RI].p != '"' || *c[C_PI].p != '"')
        return -1;
    row->path = c[C_PATH];
    row->ri = c[C_RI];
    row->ty = (int)strtol(c[C_TY].p, &end, 10);
    row->pi = c[C_PI];
    row->acpi = unless_null(c[C_ACPI]);
    row->by = unless_null(c[C_BY]);
    row->a = unless_null(c[C_A]);
    row->key = list_next(&columns, &c[C_KEY]) && *c[C_KEY].p == '"' ? c[C_KEY] : (struct slice){NULL, 0};
    return end > c[C_TY].p ? 1 : -1;
}

char *raw_text(struct slice raw)
{
    if (raw.n < 2 || *raw.p != '"' || memchr(raw.p, '\\', raw.n))
        return NULL;
    return xstrndup(raw.p + 1, raw.n - 2);
}
