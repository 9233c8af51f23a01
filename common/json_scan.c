/*
 * JSON as text: validated and taken apart without building a tree. One pass over the bytes, no allocation, no recursion.
 * Beyond RFC 8259 two escapes are refused that no later reader could keep: \u0000 and halves of surrogate pairs.
 */
#include "json.h"
#include "json_char.h"
#include "mem.h"

#include <stdio.h>

enum char_class {
    OTHER,
    SPACE,
    DIGIT,
};

static const unsigned char classes[256] = {
    [' '] = SPACE, ['\t'] = SPACE, ['\n'] = SPACE, ['\r'] = SPACE, ['0'] = DIGIT, ['1'] = DIGIT, ['2'] = DIGIT,
    ['3'] = DIGIT, ['4'] = DIGIT,  ['5'] = DIGIT,  ['6'] = DIGIT,  ['7'] = DIGIT, ['8'] = DIGIT, ['9'] = DIGIT,
};

/* A walk over text[p..end). `error` is NULL until the first mistake, which is at `p`. */
struct scan {
    const unsigned char *p;
    const unsigned char *end;
    const char *error;
};

static bool fail(struct scan *s, const char *error)
{
    s->error = s->p == s->end ? "unexpected end" : error;
    return false;
}

static void skip_space(struct scan *s)
{
    while (s->p < s->end && classes[*s->p] == SPACE)
        s->p++;
}

/* Skips eight bytes at a time as long as none of them is a quote, a backslash, a control character or beyond ASCII. */
static void skip_plain(struct scan *s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = UINT64_C(0x8080808080808080);
    uint64_t word, quote, slash;

    while (s->end - s->p >= 8) {
        memcpy(&word, s->p, 8);
        quote = word ^ (ones * '"');
        slash = word ^ (ones * '\\');
        /* A borrow may mark a byte behind a real find wrongly, never hide one. */
        if (((word - ones * 0x20) | (quote - ones) | (slash - ones) | word) & highs)
            return;
        s->p += 8;
    }
}

/* `p` is at the opening quote and ends up behind the closing one. */
static bool scan_string(struct scan *s)
{
    uint32_t code;
    int len;

    s->p++;
    for (;;) {
        skip_plain(s);
        if (s->p == s->end)
            return fail(s, "unexpected end");
        if (*s->p == '"') {
            s->p++;
            return true;
        }
        if (*s->p == '\\') {
            len = json_escape_read(s->p, s->end, &code);
            if (len == 0)
                return fail(s, "bad escape sequence");
            s->p += len;
        } else if (*s->p < 0x20) {
            return fail(s, "control character in a string");
        } else if (*s->p < 0x80) {
            s->p++;
        } else {
            len = json_utf8_len(s->p, s->end);
            if (len == 0)
                return fail(s, "not UTF-8");
            s->p += len;
        }
    }
}

static bool scan_digits(struct scan *s)
{
    if (s->p == s->end || classes[*s->p] != DIGIT)
        return fail(s, "expected a digit");
    while (s->p < s->end && classes[*s->p] == DIGIT)
        s->p++;
    return true;
}

static bool scan_number(struct scan *s)
{
    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0') {
        s->p++;
        if (s->p < s->end && classes[*s->p] == DIGIT)
            return fail(s, "leading zero");
    } else if (!scan_digits(s)) {
        return false;
    }
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!scan_digits(s))
            return false;
    }
    if (s->p < s->end && (*s->p | 0x20) == 'e') {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        return scan_digits(s);
    }
    return true;
}

/* A string, a number, true, false or null. */
static bool scan_scalar(struct scan *s)
{
    static const struct slice words[] = {
        {"true",  4},
        {"false", 5},
        {"null",  4},
    };

    if (*s->p == '"')
        return scan_string(s);
    if (*s->p == '-' || classes[*s->p] == DIGIT)
        return scan_number(s);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if ((size_t)(s->end - s->p) >= words[i].n && memcmp(s->p, words[i].p, words[i].n) == 0) {
            s->p += words[i].n;
            return true;
        }
    }
    return fail(s, "expected a value");
}

/* `p` is at the member's name and ends up behind the colon. */
static bool scan_name(struct scan *s)
{
    if (s->p == s->end || *s->p != '"')
        return fail(s, "expected a member name");
    if (!scan_string(s))
        return false;
    skip_space(s);
    if (s->p == s->end || *s->p != ':')
        return fail(s, "expected ':'");
    s->p++;
    return true;
}

/* Opens an array or object: `depth` grows unless it is empty. */
static bool scan_open(struct scan *s, unsigned char *stack, int *depth)
{
    unsigned char closer = *s->p == '{' ? '}' : ']';

    if (*depth == JSON_DEPTH)
        return fail(s, "nested too deeply");
    s->p++;
    skip_space(s);
    if (s->p < s->end && *s->p == closer) {
        s->p++;
        return true;
    }
    stack[(*depth)++] = closer;
    return closer == ']' || scan_name(s);
}

/* Behind a value inside of something: closes what ends here. `*more` tells whether another value follows. */
static bool scan_behind(struct scan *s, const unsigned char *stack, int *depth, bool *more)
{
    *more = false;
    while (*depth > 0) {
        unsigned char closer = stack[*depth - 1];

        skip_space(s);
        if (s->p < s->end && *s->p == closer) {
            s->p++;
            (*depth)--;
            continue;
        }
        if (s->p == s->end || *s->p != ',')
            return fail(s, closer == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
        s->p++;
        skip_space(s);
        *more = true;
        return closer == ']' || scan_name(s);
    }
    return true;
}

/* One value of any kind; `p` ends up behind it. */
static bool scan_value(struct scan *s)
{
    unsigned char stack[JSON_DEPTH]; /* the closers awaited */
    int depth = 0, before;
    bool more = true;

    while (more) {
        skip_space(s);
        if (s->p == s->end)
            return fail(s, "unexpected end");
        before = depth;
        if (*s->p == '{' || *s->p == '[') {
            if (!scan_open(s, stack, &depth))
                return false;
            if (depth > before)
                continue;
        } else if (!scan_scalar(s)) {
            return false;
        }
        if (!scan_behind(s, stack, &depth, &more))
            return false;
    }
    return true;
}

static struct scan scan_begin(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)(text ? text : "");

    return (struct scan){p, p + (text ? len : 0), NULL};
}

int json_check(const char *text, size_t len, char *why, size_t why_size)
{
    struct scan s = scan_begin(text, len);
    const unsigned char *start = s.p;

    if (scan_value(&s)) {
        skip_space(&s);
        if (s.p == s.end)
            return 0;
        fail(&s, "more than one value");
    }
    snprintf(why, why_size, "JSON: %s at byte %zu", s.error, (size_t)(s.p - start));
    return -1;
}

static struct slice slice_between(const unsigned char *from, const unsigned char *to)
{
    return (struct slice){(const char *)from, (size_t)(to - from)};
}

/* The name at `p`, with its quotes, and the value behind it. */
static bool split_member(struct scan *s, struct json_member *member)
{
    const unsigned char *from = s->p + 1;

    if (s->p == s->end || *s->p != '"')
        return fail(s, "expected a member name");
    if (!scan_string(s))
        return false;
    member->name = slice_between(from, s->p - 1);
    skip_space(s);
    if (s->p == s->end || *s->p != ':')
        return fail(s, "expected ':'");
    s->p++;
    skip_space(s);
    from = s->p;
    if (!scan_value(s))
        return false;
    member->value = slice_between(from, s->p);
    return true;
}

/* The members of one object, each checked; `p` ends up behind its brace. False also when there are more than `max`. */
static bool split_object(struct scan *s, struct json_member *members, int max, int *count)
{
    *count = 0;
    skip_space(s);
    if (s->p == s->end || *s->p != '{')
        return fail(s, "expected an object");
    do {
        s->p++; /* the opening brace or a comma */
        skip_space(s);
        if (*count == 0 && s->p < s->end && *s->p == '}')
            break;
        if (*count == max)
            return fail(s, "too many members");
        if (!split_member(s, &members[*count]))
            return false;
        ++*count;
        skip_space(s);
    } while (s->p < s->end && *s->p == ',');
    if (s->p == s->end || *s->p != '}')
        return fail(s, "expected ',' or '}'");
    s->p++;
    return true;
}

int json_members(const char *text, size_t len, struct json_member *members, int max)
{
    struct scan s = scan_begin(text, len);
    int count;

    return split_object(&s, members, max, &count) ? count : -1;
}

int json_split(const char *text, size_t len, struct json_member *members, int max, char *why, size_t why_size)
{
    struct scan s = scan_begin(text, len);
    const unsigned char *start = s.p;
    int count;

    if (split_object(&s, members, max, &count)) {
        skip_space(&s);
        if (s.p == s.end)
            return count;
        fail(&s, "more than one value");
    }
    snprintf(why, why_size, "JSON: %s at byte %zu", s.error, (size_t)(s.p - start));
    return -1;
}

bool json_unquote(struct slice raw, struct str *out)
{
    struct scan s = scan_begin(raw.p, raw.n);
    const unsigned char *p = s.p + 1, *end = s.end - 1, *slash;
    unsigned char utf8[4];
    uint32_t code = 0;

    if (s.p == s.end || *s.p != '"' || !scan_string(&s) || s.p != s.end)
        return false;
    while (p < end) {
        slash = memchr(p, '\\', (size_t)(end - p));
        str_add(out, p, (size_t)((slash ? slash : end) - p));
        if (!slash)
            break;
        p = slash + json_escape_read(slash, end, &code);
        str_add(out, utf8, (size_t)json_utf8_write(utf8, code));
    }
    return true;
}

/* Behind the value that begins at `p`: strings may hold anything, everything else nests. */
static const char *value_end(const char *p, const char *end)
{
    int depth = 0;
    bool text = false;

    for (; p < end; p++) {
        if (text) {
            if (*p == '\\')
                p++;
            else if (*p == '"')
                text = false;
        } else if (*p == '"') {
            text = true;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (depth-- == 0)
                return p;
        } else if (*p == ',' && depth == 0) {
            return p;
        }
    }
    return end;
}

static const char *skip_blank(const char *p, const char *end)
{
    while (p < end && strchr(" \t\r\n", *p))
        p++;
    return p;
}

bool json_next_element(struct slice *rest, struct slice *element)
{
    const char *end = rest->p + rest->n, *p, *last;

    if (rest->n == 0 || (rest->p[0] != '[' && rest->p[0] != ','))
        return false;
    p = skip_blank(rest->p + 1, end);
    last = value_end(p, end);
    *rest = (struct slice){last, (size_t)(end - last)};
    while (last > p && strchr(" \t\r\n", last[-1]))
        last--;
    *element = (struct slice){p, (size_t)(last - p)};
    return last > p;
}
