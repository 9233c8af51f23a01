#include "show.h"

#include "json.h"
#include "typename.h"

#include <ctype.h>
#include <langinfo.h>
#include <locale.h>
#include <unistd.h>

#include "mem.h"

#define INDENT 2

bool show_colours(void)
{
    const char *terminal = getenv("TERM"), *none = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && !(none && *none) && !(terminal && strcmp(terminal, "dumb") == 0);
}

bool show_unicode(void)
{
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void show_in(struct str *out, enum colour colour, const char *text, bool coloured)
{
    static const char *const codes[COLOURS] = {
        [BOLD] = "\033[1m",   [FAINT] = "\033[2m",   [RED] = "\033[31m",
        [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [CYAN] = "\033[36m",
    };

    if (!coloured || colour == PLAIN) {
        str_puts(out, text);
        return;
    }
    str_puts(out, codes[colour]);
    str_puts(out, text);
    str_puts(out, "\033[0m");
}

void show_clean(struct str *text, size_t from)
{
    for (size_t i = from; i < text->len; i++)
        if ((unsigned char)text->data[i] < ' ' || text->data[i] == 0x7F)
            text->data[i] = ' ';
}

/* ---- JSON ---- */

static void line(struct str *out, int depth)
{
    str_putc(out, '\n');
    for (int i = 0; i < depth * INDENT; i++)
        str_putc(out, ' ');
}

/* Length of the string, number or word that begins at `p`. */
static size_t token(const char *p, size_t left)
{
    size_t n = 0;

    if (*p != '"') {
        while (n < left && !strchr(",:]} \t\r\n", p[n]))
            n++;
        return n;
    }
    for (n = 1; n < left && p[n] != '"'; n++)
        n += p[n] == '\\';
    return n < left ? n + 1 : left;
}

static size_t skip_blanks(const char *text, size_t at, size_t len)
{
    while (at < len && isspace((unsigned char)text[at]))
        at++;
    return at;
}

/* A string, number or word; a name is told by the colon behind it. Returns the place behind it. */
static size_t put_token(struct str *out, const char *text, size_t at, size_t len, bool coloured)
{
    size_t n = token(text + at, len - at), next = skip_blanks(text, at + n, len);
    bool name = next < len && text[next] == ':';
    auto_free char *copy = xstrndup(text + at, n);

    show_in(out, name ? CYAN : text[at] == '"' ? GREEN : PLAIN, copy, coloured);
    if (!name)
        return next;
    str_puts(out, ": ");
    return skip_blanks(text, next + 1, len);
}

void show_json(struct str *out, const char *text, size_t len, bool coloured)
{
    int depth = 0;

    for (size_t at = skip_blanks(text, 0, len); at < len;) {
        char c = text[at];
        size_t next = skip_blanks(text, at + 1, len);

        if ((c == '{' || c == '[') && next < len && text[next] == c + 2) { /* empty; ']' and '}' follow two behind */
            str_add(out, c == '{' ? "{}" : "[]", 2);
            at = skip_blanks(text, next + 1, len);
        } else if (c == '{' || c == '[') {
            str_putc(out, c);
            line(out, ++depth);
            at = next;
        } else if (c == '}' || c == ']') {
            line(out, --depth);
            str_putc(out, c);
            at = next;
        } else if (c == ',') {
            str_putc(out, c);
            line(out, depth);
            at = next;
        } else {
            at = put_token(out, text, at, len, coloured);
        }
    }
}

void show_print_json(const char *text, size_t len)
{
    auto_str struct str out = STR_EMPTY;
    char why[128];

    if (json_check(text, len, why, sizeof why) == 0)
        show_json(&out, text, len, show_colours());
    else
        str_add(&out, text, len);
    if (out.len > 0)
        printf("%s\n", str_text(&out));
}

/* ---- tables ---- */

void show_time(struct str *out, const char *text)
{
    if (strlen(text) < 15 || text[8] != 'T' || strspn(text, "0123456789T,") != strlen(text)) {
        str_puts(out, text);
        return;
    }
    str_addf(out, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", text, text + 4, text + 6, text + 9, text + 11, text + 13);
}

static void put_value(struct str *out, const struct attr *attr, const json_t *value)
{
    const json_t *one;
    size_t i;

    if (attr && attr->kind == TIMESTAMP && json_is_string(value)) {
        show_time(out, json_string_value(value));
    } else if (json_is_string(value)) {
        str_puts(out, json_string_value(value));
    } else if (json_is_array(value) && !json_is_object(json_array_get(value, 0)) && !json_is_array(json_array_get(value, 0))) {
        json_array_foreach(value, i, one)
        {
            if (i > 0)
                str_puts(out, ", ");
            put_value(out, NULL, one);
        }
    } else {
        json_write(out, value);
    }
}

void show_attributes(struct str *out, const struct rtype *type, const json_t *attrs, bool coloured)
{
    size_t width = 4;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)attrs, name, value) if (strlen(name) > width) width = strlen(name);
    json_object_foreach((json_t *)(uintptr_t)attrs, name, value)
    {
        auto_free char *padded = xasprintf("  %-*s  ", (int)width, name);
        size_t begin;

        show_in(out, CYAN, padded, coloured);
        begin = out->len;
        put_value(out, type ? rtype_attr(type, name) : NULL, value);
        show_clean(out, begin);
        str_putc(out, '\n');
    }
}

const struct rtype *show_type(const json_t *pc, const json_t **attrs)
{
    const char *key = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)pc));
    const char *name;
    json_t *value;

    *attrs = key ? json_object_get(pc, key) : NULL;
    if (json_object_size(pc) != 1 || !json_is_object(*attrs))
        return NULL;
    typename_load();
    json_object_foreach((json_t *)(uintptr_t)*attrs, name, value) if (strchr(name, ':')) return NULL;
    return rtype_by_key(key);
}
