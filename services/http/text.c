#include "text.h"

#include <ctype.h>

#include "mem.h"

/* Length of the UTF-8 sequence at `p` (RFC 3629: shortest form, no surrogates), 0 if it is none. */
static size_t sequence(const unsigned char *p, size_t left)
{
    static const struct {
        unsigned char first, last, least, most; /* lead bytes, and the bounds of the second byte */
        size_t len;
    } rows[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (*p < rows[i].first || *p > rows[i].last)
            continue;
        if (left < rows[i].len || p[1] < rows[i].least || p[1] > rows[i].most)
            return 0;
        for (size_t k = 2; k < rows[i].len; k++)
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return rows[i].len;
    }
    return 0;
}

bool text_clean(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    const unsigned char *end = p + len;

    while (p < end) {
        size_t n = *p < 0x80 ? (*p >= 0x20 && *p != 0x7f) : sequence(p, (size_t)(end - p));

        if (n == 0)
            return false;
        p += n;
    }
    return true;
}

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
    return text_clean(out, n) ? out : NULL;
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
