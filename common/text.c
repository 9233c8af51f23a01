#include "text.h"

#include "json.h"

#include <ctype.h>

#include "mem.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *text_decode(struct arena *arena, const char *text, size_t len, bool plus, size_t *out_len)
{
    char *out = arena_alloc(arena, len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%') {
            int high = len - i > 2 ? hex(text[i + 1]) : -1;
            int low = len - i > 2 ? hex(text[i + 2]) : -1;

            if (high < 0 || low < 0)
                return NULL;
            out[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = plus && text[i] == '+' ? ' ' : text[i];
        }
    }
    out[n] = '\0';
    if (out_len)
        *out_len = n;
    return str_clean(out, n) ? out : NULL;
}

void text_encode(struct str *out, const char *text, size_t len, const char *keep)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (isalnum(c) || (c && (strchr("-._~", c) || strchr(keep, c))))
            str_putc(out, (char)c);
        else
            str_addf(out, "%%%02X", c);
    }
}

bool text_number(const char *text, size_t len, int64_t *value)
{
    int64_t n = 0;

    if (len == 0 || len > 18)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        n = n * 10 + (text[i] - '0');
    }
    *value = n;
    return true;
}

void text_list(struct str *out, const char *text, char separator)
{
    bool first = true;

    str_putc(out, '[');
    while (*text) {
        const char *end = strchrnul(text, separator);

        if (end > text) {
            if (!first)
                str_putc(out, ',');
            str_json_n(out, text, (size_t)(end - text));
            first = false;
        }
        text = *end ? end + 1 : end;
    }
    str_putc(out, ']');
}

char *text_token_pairs(struct slice ati, struct arena *arena)
{
    auto_str struct str pairs = STR_EMPTY;
    char why[80];
    json_t *list = json_parse(ati.p, ati.n, why, sizeof why);
    json_t *given = json_is_object(list) ? json_object_get(list, "ltia") : list;
    json_t *entry;
    size_t i;

    json_array_foreach(given, i, entry)
    {
        const char *local = json_str(entry, "lti"), *token = json_str(entry, "tkid");

        if (local && token)
            str_addf(&pairs, "%s%s:%s", pairs.len ? "+" : "", local, token);
    }
    json_decref(list);
    return arena_dup(arena, str_text(&pairs), pairs.len);
}

char *text_trim(char *text)
{
    size_t n;

    text += strspn(text, " \t");
    for (n = strlen(text); n > 0 && isspace((unsigned char)text[n - 1]); n--)
        ;
    text[n] = '\0';
    return text;
}
