/* The growable buffer, and text as JSON and UTF-8. */
#include "str.h"
#include "log.h"
#include "mem.h"

#define FIRST_SIZE 64

static const char digits16[] = "0123456789abcdef";

void str_done(struct str *s)
{
    free(s->data);
    *s = (struct str)STR_EMPTY;
}

void str_reset(struct str *s)
{
    s->len = 0;
    if (s->data)
        s->data[0] = '\0';
}

char *str_take(struct str *s)
{
    char *text = s->data ? s->data : xstrdup("");

    *s = (struct str)STR_EMPTY;
    return text;
}

void str_reserve(struct str *s, size_t more)
{
    size_t wanted, size = s->size ? s->size : FIRST_SIZE;

    if (__builtin_add_overflow(s->len, more, &wanted) || wanted > SIZE_MAX / 2 - 1)
        log_fatal("memory.exhausted", "bytes=%zu", more);
    if (s->data && wanted < s->size)
        return;
    while (size <= wanted)
        size *= 2;
    s->data = xrealloc(s->data, size);
    s->size = size;
    s->data[s->len] = '\0';
}

void str_add(struct str *s, const void *data, size_t len)
{
    str_reserve(s, len);
    if (len > 0)
        memcpy(s->data + s->len, data, len);
    s->len += len;
    s->data[s->len] = '\0';
}

void str_puts(struct str *s, const char *text)
{
    str_add(s, text, strlen(text));
}

void str_putc(struct str *s, char c)
{
    str_add(s, &c, 1);
}

void str_int(struct str *s, int64_t value)
{
    char digits[24];
    char *p = digits + sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--p = '-';
    str_add(s, p, (size_t)(digits + sizeof(digits) - p));
}

void str_addf(struct str *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    str_vaddf(s, format, args);
    va_end(args);
}

void str_vaddf(struct str *s, const char *format, va_list args)
{
    va_list again;
    int n;

    va_copy(again, args);
    str_reserve(s, FIRST_SIZE);
    n = vsnprintf(s->data + s->len, s->size - s->len, format, args);
    if (n >= 0 && (size_t)n >= s->size - s->len) {
        str_reserve(s, (size_t)n);
        vsnprintf(s->data + s->len, s->size - s->len, format, again);
    }
    va_end(again);
    if (n > 0)
        s->len += (size_t)n;
    s->data[s->len] = '\0';
}

const char *str_text(const struct str *s)
{
    return s->data ? s->data : "";
}

void str_json(struct str *s, const char *text)
{
    str_json_n(s, text, strlen(text));
}

size_t str_escape_json(char c, char out[STR_ESCAPE_SIZE])
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letter[] = "\"\\bfnrt";
    static const char control[4] = {'\\', 'u', '0', '0'};
    const char *found = c ? strchr(plain, c) : NULL;

    if (found) {
        out[0] = '\\';
        out[1] = letter[found - plain];
        return 2;
    }
    if ((unsigned char)c >= 0x20)
        return 0;
    memcpy(out, control, sizeof(control));
    out[4] = digits16[(unsigned char)c >> 4];
    out[5] = digits16[(unsigned char)c & 15];
    return STR_ESCAPE_SIZE;
}

void str_json_n(struct str *s, const char *text, size_t len)
{
    size_t from = 0, n;
    char escape[STR_ESCAPE_SIZE];

    str_reserve(s, len + 2);
    str_putc(s, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        n = str_escape_json(text[i], escape);
        str_add(s, text + from, i - from);
        str_add(s, escape, n);
        from = i + 1;
    }
    str_add(s, text + from, len - from);
    str_putc(s, '"');
}

size_t str_utf8(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

    if (n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    /* overlong forms, surrogates, above U+10FFFF */
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

bool str_clean(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? 0 : str_utf8(text + i, len - i);

        if (n == 0)
            return false;
        i += n;
    }
    return true;
}
