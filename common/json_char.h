/* The characters of JSON strings, for those who scan them: UTF-8 sequences and escapes. */
#ifndef TESSERA_JSON_CHAR_H
#define TESSERA_JSON_CHAR_H

#include <stdint.h>
#include <string.h>

/* Length of the well-formed UTF-8 sequence at `p` (RFC 3629: no overlong forms, no surrogates), 0 if it is none. */
static inline int json_utf8_len(const unsigned char *p, const unsigned char *end)
{
    int len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    unsigned char low = 0x80, high = 0xBF;

    if (p[0] < 0xC2 || p[0] > 0xF4 || end - p < len)
        return 0;
    if (p[0] == 0xE0)
        low = 0xA0;
    else if (p[0] == 0xED)
        high = 0x9F;
    else if (p[0] == 0xF0)
        low = 0x90;
    else if (p[0] == 0xF4)
        high = 0x8F;
    if (p[1] < low || p[1] > high)
        return 0;
    for (int i = 2; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

/* The four hexadecimal digits at `p`, or -1. */
static inline int json_hex4(const unsigned char *p, const unsigned char *end)
{
    int value = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int c = p[i] | 0x20;

        if (p[i] >= '0' && p[i] <= '9')
            value = value * 16 + (p[i] - '0');
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + (c - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* Reads the escape at `p` (its backslash). Returns its length, 0 if it is none; `code` is the character it stands for. */
static inline int json_escape_read(const unsigned char *p, const unsigned char *end, uint32_t *code)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *name;
    int high, low;

    if (end - p < 2)
        return 0;
    if (p[1] != 'u') {
        name = p[1] ? strchr(names, p[1]) : NULL;
        if (!name)
            return 0;
        *code = (unsigned char)values[name - names];
        return 2;
    }
    high = json_hex4(p + 2, end);
    if (high <= 0 || (high >= 0xDC00 && high <= 0xDFFF))
        return 0;
    *code = (uint32_t)high;
    if (high < 0xD800 || high > 0xDBFF)
        return 6;
    if (end - p < 12 || p[6] != '\\' || p[7] != 'u')
        return 0;
    low = json_hex4(p + 8, end);
    if (low < 0xDC00 || low > 0xDFFF)
        return 0;
    *code = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
    return 12;
}

/* Writes a character other than a surrogate as UTF-8; returns how many bytes, at most 4. */
static inline int json_utf8_write(unsigned char *out, uint32_t code)
{
    static const unsigned char lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    int len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (int i = len - 1; i > 0; i--) {
        out[i] = (unsigned char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (unsigned char)(lead[len] | code);
    return len;
}

#endif
