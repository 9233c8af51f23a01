#include "scan.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "mem.h"

static size_t skip_blanks(const char *p, size_t n)
{
    size_t i = 0;

    while (i < n) {
        if (p[i] == '#') {
            while (i < n && p[i] != '\n' && p[i] != '\r')
                i++;
        } else if (isspace((unsigned char)p[i])) {
            i++;
        } else {
            break;
        }
    }
    return i;
}

/* Length of the string that begins here, with its quotes; 0 when it has no end. */
static size_t string_length(const char *p, size_t n)
{
    char quote = p[0];
    bool is_long = n >= 3 && p[1] == quote && p[2] == quote;
    size_t i = is_long ? 3 : 1;

    for (; i < n; i++) {
        if (p[i] == '\\')
            i++;
        else if (!is_long && p[i] == quote)
            return i + 1;
        else if (is_long && i + 2 < n && p[i] == quote && p[i + 1] == quote && p[i + 2] == quote)
            return i + 3;
        else if (!is_long && (p[i] == '\n' || p[i] == '\r'))
            return 0;
    }
    return 0;
}

/* Length of the IRI that begins with '<'; 0 when it is a comparison. */
static size_t iri_length(const char *p, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (p[i] == '>')
            return i + 1;
        if ((unsigned char)p[i] <= ' ' || strchr("<\"{}|^`\\", p[i]))
            return 0;
    }
    return 0;
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

/* Names, with or without a prefix. Dots and escapes may stand inside the local part of a prefixed name. */
static size_t name_length(const char *p, size_t n, bool *prefixed)
{
    size_t i = 0;

    *prefixed = false;
    for (; i < n; i++) {
        if (p[i] == ':')
            *prefixed = true;
        else if (*prefixed && (p[i] == '\\' || p[i] == '%') && i + 1 < n)
            i++;
        else if (p[i] == '.' && i + 1 < n && is_name_char(p[i + 1]) && i > 0)
            continue;
        else if (!is_name_char(p[i]))
            break;
    }
    return i < n ? i : n;
}

struct word scan_next(struct slice *rest)
{
    size_t skip = rest->n ? skip_blanks(rest->p, rest->n) : 0;
    const char *p = rest->p + skip;
    size_t n = rest->n - skip, len = 1;
    enum word_kind kind = WORD_MARK;
    bool prefixed = false;

    if (n == 0) {
        len = 0;
        kind = WORD_END;
    } else if (*p == '"' || *p == '\'') {
        len = string_length(p, n);
        kind = len ? WORD_STRING : WORD_BROKEN;
    } else if (*p == '<' && (len = iri_length(p, n))) {
        kind = WORD_IRI;
    } else if ((*p == '?' || *p == '$') && n > 1 && is_name_char(p[1])) {
        for (len = 1; len < n && is_name_char(p[len]) && p[len] != '-'; len++)
            ;
        kind = WORD_VARIABLE;
    } else if (*p == '@' && n > 1) {
        len = 1 + name_length(p + 1, n - 1, &prefixed);
        kind = WORD_NAME;
    } else if (is_name_char(*p) || *p == ':') {
        len = name_length(p, n, &prefixed);
        kind = prefixed ? WORD_NAME : WORD_BARE;
    }
    if (kind == WORD_MARK || kind == WORD_BROKEN)
        len = 1;
    *rest = (struct slice){p + len, n - len};
    return (struct word){
        kind, {p, len}
    };
}

bool scan_is(const struct word *word, const char *keyword)
{
    return word->kind == WORD_BARE && word->text.n == strlen(keyword) && strncasecmp(word->text.p, keyword, word->text.n) == 0;
}

bool scan_is_mark(const struct word *word, char mark)
{
    return word->kind == WORD_MARK && *word->text.p == mark;
}

bool scan_group(struct slice *rest, struct slice *inside)
{
    struct word word = scan_next(rest);
    const char *start = rest->p;
    int depth = 1;

    if (!scan_is_mark(&word, '{'))
        return false;
    while (depth > 0) {
        word = scan_next(rest);
        if (word.kind == WORD_END || word.kind == WORD_BROKEN)
            return false;
        depth += scan_is_mark(&word, '{') - scan_is_mark(&word, '}');
    }
    *inside = (struct slice){start, (size_t)(word.text.p - start)};
    return true;
}

/* Words that make a query read what it was not given. */
static const char *const outside[] = {"SERVICE", "FROM", "LOAD", "USING", "WITH"};

static enum rsc check_words(struct slice text, char *why, size_t why_size)
{
    struct word word;

    do {
        word = scan_next(&text);
        if (word.kind == WORD_BROKEN) {
            snprintf(why, why_size, "a string without an end");
            return RSC_INVALID_SPARQL_QUERY;
        }
        for (size_t i = 0; i < ARRAY_LEN(outside); i++) {
            if (scan_is(&word, outside[i])) {
                snprintf(why, why_size, "%s: only the descriptors themselves are read", outside[i]);
                return RSC_INVALID_SPARQL_QUERY;
            }
        }
    } while (word.kind != WORD_END);
    return RSC_OK;
}

/* Skips BASE and PREFIX declarations; `prologue`, if not NULL, gets them. The word behind them is returned. */
static struct word skip_prologue(struct slice *rest, struct str *prologue)
{
    for (;;) {
        struct word word = scan_next(rest);
        int more = scan_is(&word, "BASE") ? 1 : scan_is(&word, "PREFIX") ? 2 : 0;

        if (more == 0)
            return word;
        for (struct word part = word; part.kind != WORD_END; part = scan_next(rest)) {
            if (prologue) {
                str_add(prologue, part.text.p, part.text.n);
                str_putc(prologue, ' ');
            }
            if (more-- == 0)
                break;
        }
    }
}

enum rsc scan_query(struct slice text, char *why, size_t why_size)
{
    struct slice rest = text;
    struct word verb = skip_prologue(&rest, NULL);

    if (!scan_is(&verb, "SELECT") && !scan_is(&verb, "ASK") && !scan_is(&verb, "CONSTRUCT")) {
        snprintf(why, why_size, "neither SELECT, ASK nor CONSTRUCT");
        return RSC_INVALID_SPARQL_QUERY;
    }
    return check_words(text, why, why_size);
}

/* Data has no variables. */
static bool has_variables(struct slice text)
{
    struct word word;

    do
        word = scan_next(&text);
    while (word.kind != WORD_END && word.kind != WORD_VARIABLE);
    return word.kind == WORD_VARIABLE;
}

static const char *read_operation(struct slice *rest, struct word verb, struct operation *o)
{
    bool removes = scan_is(&verb, "DELETE");
    struct slice ahead = *rest;
    struct word word = scan_next(&ahead);

    if (!removes && !scan_is(&verb, "INSERT"))
        return "neither INSERT nor DELETE";
    if (scan_is(&word, "DATA")) {
        *rest = ahead;
        if (!scan_group(rest, removes ? &o->remove : &o->insert))
            return "no data in braces";
        o->where = (struct slice){"", 0};
        return has_variables(removes ? o->remove : o->insert) ? "a variable in data" : NULL;
    }
    if (removes && scan_is(&word, "WHERE")) {
        *rest = ahead;
        if (!scan_group(rest, &o->remove))
            return "no pattern in braces";
        o->where = o->remove;
        return NULL;
    }
    if (!scan_group(rest, removes ? &o->remove : &o->insert))
        return "no template in braces";
    ahead = *rest;
    word = scan_next(&ahead);
    if (removes && scan_is(&word, "INSERT")) {
        *rest = ahead;
        if (!scan_group(rest, &o->insert))
            return "no template in braces";
        ahead = *rest;
        word = scan_next(&ahead);
    }
    if (!scan_is(&word, "WHERE"))
        return "no WHERE";
    *rest = ahead;
    return scan_group(rest, &o->where) ? NULL : "no pattern in braces";
}

enum rsc scan_operation(struct slice *rest, struct str *prologue, struct operation *operation, char *why, size_t why_size)
{
    struct word verb = skip_prologue(rest, prologue);
    const char *problem;
    struct slice ahead;
    struct word word;

    if (verb.kind == WORD_END)
        return RSC_ACCEPTED;
    *operation = (struct operation){0};
    problem = read_operation(rest, verb, operation);
    if (!problem) {
        ahead = *rest;
        word = scan_next(&ahead);
        if (scan_is_mark(&word, ';'))
            *rest = ahead;
        else if (word.kind != WORD_END)
            problem = "operations are separated by semicolons";
    }
    if (problem) {
        snprintf(why, why_size, "%s", problem);
        return RSC_INVALID_SPARQL_QUERY;
    }
    for (struct slice *group = &operation->remove; group <= &operation->where; group++)
        if (group->n > 0 && check_words(*group, why, why_size) != RSC_OK)
            return RSC_INVALID_SPARQL_QUERY;
    return RSC_OK;
}
