/*
 * A growable byte buffer. Invariant: `data` is NULL, or holds `len` bytes followed by a NUL.
 * `struct str s = STR_EMPTY;` ... str_done(&s). Growing aborts the process when memory is exhausted.
 */
#ifndef TESSERA_STR_H
#define TESSERA_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    char *data;
    size_t len;
    size_t size;
};

#define STR_EMPTY                                                                                                                \
    {                                                                                                                            \
        NULL, 0, 0                                                                                                               \
    }

/* Bytes that belong to somebody else. `p` is NULL when there are none. Not NUL-terminated. */
struct slice {
    const char *p;
    size_t n;
};

void str_done(struct str *s);
void str_reset(struct str *s);                /* empty, keeps the memory */
char *str_take(struct str *s);                /* never NULL; the caller frees; `s` is empty afterwards */
void str_reserve(struct str *s, size_t more); /* room for `more` bytes and a NUL behind them */
void str_add(struct str *s, const void *data, size_t len);
void str_puts(struct str *s, const char *text);
void str_putc(struct str *s, char c);
void str_int(struct str *s, int64_t value);
__attribute__((format(printf, 2, 3))) void str_addf(struct str *s, const char *format, ...);
__attribute__((format(printf, 2, 0))) void str_vaddf(struct str *s, const char *format, va_list args);
const char *str_text(const struct str *s); /* "" when empty */

/* Appends `text` as a JSON string with its quotes: control characters, quote and backslash escaped, UTF-8 untouched. */
void str_json(struct str *s, const char *text);
void str_json_n(struct str *s, const char *text, size_t len);
/* The escape of one character inside a JSON string, and its length; 0 when the character stands for itself. */
#define STR_ESCAPE_SIZE 6
size_t str_escape_json(char c, char out[STR_ESCAPE_SIZE]);
/* Bytes of the UTF-8 character that `text` begins with (RFC 3629); 0 when it is none. `len` is at least 1. */
size_t str_utf8(const char *text, size_t len);
bool str_clean(const char *text, size_t len); /* UTF-8 without control characters: what may stand in a parameter */

static inline bool slice_is(struct slice s, const char *text)
{
    return s.n == strlen(text) && (s.n == 0 || memcmp(s.p, text, s.n) == 0);
}

#define auto_str __attribute__((cleanup(str_done)))

#endif
