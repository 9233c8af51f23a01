#include "arguments.h"

#include "near.h"
#include "query.h"
#include "text.h"
#include "typename.h"

#include "mem.h"

static bool is_attribute(const struct rtype *const *types, const char *name)
{
    for (; *types; types++)
        if (rtype_attr(*types, name))
            return true;
    return false;
}

/* Is it an argument, or an attribute that can be asked for? */
static bool known(const char *name, struct near *near)
{
    const char *attribute = strncmp(name, "c.", 2) == 0 || strncmp(name, "p.", 2) == 0 ? name + 2 : name;

    for (const struct query_row *row = query_rows; row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return true;
        near_try(near, row->name);
    }
    typename_load();
    return is_attribute(rtype_all(), attribute) || is_attribute(rtype_variants(), attribute);
}

void arguments_add(struct str *query, const char *name, const char *value)
{
    str_addf(query, "%s%s=%s", query->len > 0 ? "&" : "", name, value);
}

/* "cnt,ae" as "3+2". */
static int put_types(struct str *query, const char *value, char *why, size_t why_size)
{
    for (const char *p = value;;) {
        size_t len = strcspn(p, ",+");
        auto_free char *one = xstrndup(p, len);
        const struct rtype *type = typename_find(one, why, why_size);

        if (!type)
            return -1;
        str_addf(query, "%s%d", p == value ? "" : "+", type->ty);
        if (!p[len])
            return 0;
        p += len + 1;
    }
}

/* Of a list the elements are joined with '+', or the argument is repeated where that stands for a blank. */
static int put_argument(struct str *query, const char *name, const char *value, char *why, size_t why_size)
{
    const struct query_row *row = query_row_find(name);
    bool list = row && (row->kind == QUERY_NUMBERS || row->kind == QUERY_TEXTS || row->kind == QUERY_NAMES);

    arguments_add(query, name, "");
    if (row && row->kind == QUERY_NUMBERS)
        return put_types(query, value, why, why_size);
    for (const char *p = value; list;) {
        size_t len = strcspn(p, ",");

        text_encode(query, p, len, "");
        if (!p[len])
            return 0;
        str_putc(query, '+');
        p += len + 1;
    }
    text_encode(query, value, strlen(value), "*");
    return 0;
}

int arguments_write(struct str *query, char *const *words, char *why, size_t why_size)
{
    for (; *words; words++) {
        size_t len = strcspn(*words, "=");
        auto_free char *name = xstrndup(*words, len);
        struct near near;

        if (len == 0 || !(*words)[len]) {
            snprintf(why, why_size, "\"%.80s\": expected name=value", *words);
            return -1;
        }
        near_start_short(&near, name);
        if (!known(name, &near)) {
            snprintf(why, why_size, "%s: neither a filter nor an attribute of any type%s%s%s", name,
                     near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
            return -1;
        }
        if (put_argument(query, name, *words + len + 1, why, why_size) < 0)
            return -1;
    }
    return 0;
}

bool arguments_have(char *const *words, const char *name)
{
    size_t len = strlen(name);

    for (; *words; words++)
        if (strncmp(*words, name, len) == 0 && (*words)[len] == '=')
            return true;
    return false;
}
