/*
 * The wire codec: one pass over the head, in place, without memory of its own. The values of the top level are strict
 * JSON (RFC 8259); what is nested below is kept raw, checked only for balance, depth and control characters.
 */
#include "envelope.h"
#include "json_char.h"
#include "mem.h"

#include <errno.h>

#define RAW_DEPTH 64 /* one bit of a word per level */

enum char_class {
    PLAIN = 0,
    CONTROL = 1, /* ends a string wrongly */
    SPECIAL = 2, /* quote, backslash: interesting in strings */
    HIGH = 4,    /* begins a UTF-8 sequence, or is wrong */
    DIGIT = 8,
    BRACKET = 16, /* { } [ ]: with quotes all that is interesting in nested values */
};

static const unsigned char classes[256] = {
    [0 ... 0x1F] = CONTROL, ['"'] = SPECIAL, ['\\'] = SPECIAL, ['0' ... '9'] = DIGIT,  ['{'] = BRACKET,
    ['}'] = BRACKET,        ['['] = BRACKET, [']'] = BRACKET,  [0x80 ... 0xFF] = HIGH,
};

/* A cursor; every reader returns the position behind what it read, or NULL. Reading at `end` finds no class that fits. */
struct cursor {
    unsigned char *end;
};

static unsigned char *skip_space(const struct cursor *c, unsigned char *p)
{
    while (p < c->end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    return p;
}

/* The rest of a string from its first escape on: what is read moves to `to`, which is never ahead of `p`. */
static unsigned char *read_escaped(const struct cursor *c, unsigned char *p, unsigned char *to, const unsigned char *start,
                                   size_t *len)
{
    uint32_t code;
    int n;

    while (p < c->end) {
        if (*p == '"') {
            *to = '\0';
            *len = (size_t)(to - start);
            return p + 1;
        }
        if (*p == '\\') {
            n = json_escape_read(p, c->end, &code);
            if (n == 0)
                return NULL;
            p += n;
            to += json_utf8_write(to, code);
            continue;
        }
        n = classes[*p] & CONTROL ? 0 : classes[*p] & HIGH ? json_utf8_len(p, c->end) : 1;
        if (n == 0)
            return NULL;
        memmove(to, p, (size_t)n);
        p += n;
        to += n;
    }
    return NULL;
}

/* `p` is behind the opening quote. The string is ended by a NUL where its closing quote was, or before. */
static unsigned char *read_string(const struct cursor *c, unsigned char *p, const char **value, size_t *len)
{
    unsigned char *start = p;
    int n;

    *value = (const char *)start;
    while (p < c->end) {
        unsigned char class = classes[*p];

        if (!(class & (CONTROL | SPECIAL | HIGH))) {
            p++;
        } else if (*p == '"') {
            *p = '\0';
            *len = (size_t)(p - start);
            return p + 1;
        } else if (class & HIGH) {
            n = json_utf8_len(p, c->end);
            if (n == 0)
                return NULL;
            p += n;
        } else if (*p == '\\') {
            return read_escaped(c, p, p, start, len);
        } else {
            return NULL;
        }
    }
    return NULL;
}

static unsigned char *read_digits(const struct cursor *c, unsigned char *p)
{
    if (p == c->end || !(classes[*p] & DIGIT))
        return NULL;
    while (p < c->end && (classes[*p] & DIGIT))
        p++;
    return p;
}

static unsigned char *read_number(const struct cursor *c, unsigned char *p)
{
    if (*p == '-')
        p++;
    if (p < c->end && *p == '0')
        p++;
    else
        p = read_digits(c, p);
    if (p && p < c->end && *p == '.')
        p = read_digits(c, p + 1);
    if (p && p < c->end && (*p | 0x20) == 'e') {
        p++;
        if (p < c->end && (*p == '+' || *p == '-'))
            p++;
        p = read_digits(c, p);
    }
    return p;
}

static unsigned char *skip_raw_string(const struct cursor *c, unsigned char *p)
{
    while (p < c->end) {
        if (*p == '"')
            return p + 1;
        if (*p == '\\' && ++p == c->end)
            return NULL;
        if (classes[*p++] & CONTROL)
            return NULL;
    }
    return NULL;
}

/* An object or list, `p` at its bracket: kinds of open brackets are the bits of a word, 1 for an object. */
static unsigned char *skip_raw(const struct cursor *c, unsigned char *p)
{
    uint64_t open = 0;
    int depth = 0;

    while (p && p < c->end) {
        unsigned char b = *p++;

        if (b == '"') {
            p = skip_raw_string(c, p);
        } else if (classes[b] & BRACKET) {
            if (b == '{' || b == '[') {
                if (depth++ == RAW_DEPTH)
                    return NULL;
                open = open << 1 | (b == '{');
                continue;
            }
            if ((open & 1) != (b == '}'))
                return NULL;
            open >>= 1;
            if (--depth == 0)
                return p;
        } else if ((classes[b] & CONTROL) && b != '\t' && b != '\r') {
            return NULL;
        }
    }
    return NULL;
}

static unsigned char *read_word(const struct cursor *c, unsigned char *p, enum field_kind *kind)
{
    static const struct {
        const char *text;
        size_t len;
        enum field_kind kind;
    } words[] = {
        {"true",  4, FIELD_BOOL},
        {"false", 5, FIELD_BOOL},
        {"null",  4, FIELD_NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if ((size_t)(c->end - p) >= words[i].len && memcmp(p, words[i].text, words[i].len) == 0) {
            *kind = words[i].kind;
            return p + words[i].len;
        }
    }
    return NULL;
}

/* One value. What is no string is left without its NUL: its end may be the comma that the caller has yet to see. */
static unsigned char *read_value(const struct cursor *c, unsigned char *p, struct field *f)
{
    unsigned char *start = p;

    if (p == c->end)
        return NULL;
    if (*p == '"') {
        f->kind = FIELD_STRING;
        return read_string(c, p + 1, &f->value, &f->len);
    }
    if (*p == '{' || *p == '[') {
        f->kind = FIELD_RAW;
        p = skip_raw(c, p);
    } else if (*p == '-' || (classes[*p] & DIGIT)) {
        f->kind = FIELD_NUMBER;
        p = read_number(c, p);
    } else {
        p = read_word(c, p, &f->kind);
    }
    if (p) {
        f->value = (const char *)start;
        f->len = (size_t)(p - start);
    }
    return p;
}

/* Duplicates: a bit per (length, first, last character) keeps the comparisons to members that look alike. */
static bool is_duplicate(const struct envelope *e, uint64_t *seen, const char *name, size_t len)
{
    unsigned hash = (unsigned)len * 7 + (len ? (unsigned char)name[0] * 3U + (unsigned char)name[len - 1] : 0);
    uint64_t bit = UINT64_C(1) << (hash & 63);

    if (*seen & bit)
        for (int i = 0; i < e->count; i++)
            if (strcmp(e->fields[i].name, name) == 0)
                return true;
    *seen |= bit;
    return false;
}

/* One member, and the comma or brace behind it, which is returned in `after`. */
static unsigned char *read_member(struct envelope *e, const struct cursor *c, unsigned char *p, uint64_t *seen,
                                  unsigned char *after)
{
    struct field *f = &e->fields[e->count];
    unsigned char *behind;
    size_t len;

    if (e->count == ENVELOPE_MAX_FIELDS || p == c->end || *p != '"')
        return NULL;
    p = read_string(c, p + 1, &f->name, &len);
    if (!p || is_duplicate(e, seen, f->name, len))
        return NULL;
    p = skip_space(c, p);
    if (p == c->end || *p != ':')
        return NULL;
    behind = read_value(c, skip_space(c, p + 1), f);
    if (!behind)
        return NULL;
    p = skip_space(c, behind);
    if (p == c->end || (*p != ',' && *p != '}'))
        return NULL;
    *after = *p;
    if (f->kind != FIELD_STRING)
        *behind = '\0'; /* at the latest the comma or brace just seen */
    e->count++;
    return p + 1;
}

ssize_t envelope_parse(struct envelope *e, char *text, size_t len)
{
    unsigned char *start = (unsigned char *)text, *p = start, after = ',';
    struct cursor c = {start + len};
    uint64_t seen = 0;
    char *feed;

    e->count = 0;
    if (len == 0 || *p != '{')
        return -1;
    p = skip_space(&c, p + 1);
    if (p < c.end && *p == '}') {
        after = '}';
        p++;
    }
    while (after == ',') {
        p = read_member(e, &c, skip_space(&c, p), &seen, &after);
        if (!p)
            return -1;
    }
    p = skip_space(&c, p);
    if (p < c.end && *p++ != '\n')
        return -1;
    e->body = (char *)p;
    feed = p < c.end ? memchr(p, '\n', (size_t)(c.end - p)) : NULL;
    e->body_len = (size_t)((feed ? feed : (char *)c.end) - e->body);
    *(char *)(e->body + e->body_len) = '\0';
    return (ssize_t)(e->body + e->body_len + (feed ? 1 : 0) - text);
}

const struct field *envelope_find(const struct envelope *e, const char *name)
{
    for (int i = 0; i < e->count; i++)
        if (strcmp(e->fields[i].name, name) == 0)
            return &e->fields[i];
    return NULL;
}

static const struct field *find_kind(const struct envelope *e, const char *name, enum field_kind kind)
{
    const struct field *f = envelope_find(e, name);

    return f && f->kind == kind ? f : NULL;
}

const char *envelope_str(const struct envelope *e, const char *name)
{
    const struct field *f = find_kind(e, name, FIELD_STRING);

    return f ? f->value : NULL;
}

int64_t envelope_int(const struct envelope *e, const char *name, int64_t otherwise)
{
    const struct field *f = find_kind(e, name, FIELD_NUMBER);
    long long value;
    char *rest;

    if (!f)
        return otherwise;
    errno = 0;
    value = strtoll(f->value, &rest, 10);
    return *rest || errno ? otherwise : value;
}

bool envelope_bool(const struct envelope *e, const char *name, bool otherwise)
{
    const struct field *f = find_kind(e, name, FIELD_BOOL);

    return f ? *f->value == 't' : otherwise;
}

struct slice envelope_raw(const struct envelope *e, const char *name)
{
    const struct field *f = find_kind(e, name, FIELD_RAW);

    return f ? (struct slice){f->value, f->len} : (struct slice){NULL, 0};
}

/* ---- writing ---- */

static void head_name(struct str *s, const char *name)
{
    size_t len = strlen(name);

    str_reserve(s, len + 4);
    s->data[s->len] = ',';
    s->data[s->len + 1] = '"';
    memcpy(s->data + s->len + 2, name, len);
    memcpy(s->data + s->len + 2 + len, "\":", 3);
    s->len += len + 4;
}

void head_str(struct str *s, const char *name, const char *value)
{
    if (!value)
        return;
    head_name(s, name);
    str_json(s, value);
}

void head_int(struct str *s, const char *name, int64_t value)
{
    head_name(s, name);
    str_int(s, value);
}

void head_bool(struct str *s, const char *name, bool value)
{
    head_name(s, name);
    str_puts(s, value ? "true" : "false");
}

void head_raw(struct str *s, const char *name, const char *json, size_t len)
{
    if (len == 0)
        return;
    head_name(s, name);
    str_add(s, json, len);
}
