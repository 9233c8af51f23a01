#include "advanced_query.h"

#include "json.h"
#include "mem.h"
#include "str.h"

#include <ctype.h>
#include <stdio.h>

enum { DEPTH_MAX = 16 };
enum operator{ AND, OR, NOT, EQUAL, NOT_EQUAL, LESS, NOT_GREATER, GREATER, NOT_LESS };

static const struct {
    const char *text;
    enum operator op;
} operators[] = {
    {"and", AND        },
    {"&&",  AND        },
    {"or",  OR         },
    {"||",  OR         },
    {"not", NOT        },
    {"!",   NOT        },
    {"==",  EQUAL      },
    {"!=",  NOT_EQUAL  },
    {"<",   LESS       },
    {"<=",  NOT_GREATER},
    {">",   GREATER    },
    {">=",  NOT_LESS   },
};

/* One pair of parentheses. */
struct advanced_query {
    enum operator op;
    struct advanced_query *first, *next; /* what is inside a combination; the one beside this */
    char *name;                          /* of a comparison */
    json_t *value;
};

struct parser {
    const char *text, *p;
    char *why;
    size_t why_size;
};

void advanced_query_free(struct advanced_query *query)
{
    while (query) {
        struct advanced_query *next = query->next;

        advanced_query_free(query->first);
        free(query->name);
        json_decref(query->value);
        free(query);
        query = next;
    }
}

static void *fail(struct parser *in, const char *what)
{
    if (!*in->why)
        snprintf(in->why, in->why_size, "%s at byte %zu", what, (size_t)(in->p - in->text));
    return NULL;
}

static void skip_blanks(struct parser *in)
{
    in->p += strspn(in->p, " \t\r\n");
}

static size_t word_length(const char *p)
{
    return strcspn(p, " \t\r\n()\"");
}

static bool read_operator(struct parser *in, enum operator* op)
{
    struct slice word = {in->p, word_length(in->p)};

    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (slice_is(word, operators[i].text)) {
            *op = operators[i].op;
            in->p += word.n;
            return true;
        }
    }
    return false;
}

/* A text in quotes: JSON's rules for it. NULL if it does not end. */
static json_t *read_text(struct parser *in)
{
    const char *end = in->p + 1;
    json_t *value;

    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    if (!*end)
        return fail(in, "a text without an end");
    value = json_loadb(in->p, (size_t)(end + 1 - in->p), JSON_DECODE_ANY, NULL);
    if (!value)
        return fail(in, "not a text");
    in->p = end + 1;
    return value;
}

/* The caller owns it. */
static json_t *read_value(struct parser *in)
{
    size_t len = word_length(in->p);
    json_t *value;

    if (*in->p == '"')
        return read_text(in);
    value = len > 0 ? json_loadb(in->p, len, JSON_DECODE_ANY, NULL) : NULL;
    if (!json_is_number(value) && !json_is_boolean(value)) {
        json_decref(value);
        return fail(in, "a number, a text, true or false is missing");
    }
    in->p += len;
    return value;
}

static bool read_comparison(struct parser *in, struct advanced_query *query)
{
    size_t len;

    skip_blanks(in);
    len = word_length(in->p);
    if (len == 0 || !isalpha((unsigned char)*in->p))
        return fail(in, "the name of an attribute is missing");
    query->name = xstrndup(in->p, len);
    in->p += len;
    skip_blanks(in);
    query->value = read_value(in);
    return query->value != NULL;
}

static struct advanced_query *read_query(struct parser *in, int depth);

static bool read_inside(struct parser *in, struct advanced_query *query, int depth)
{
    struct advanced_query **end = &query->first;
    int count = 0;

    for (skip_blanks(in); *in->p == '('; skip_blanks(in), count++) {
        *end = read_query(in, depth + 1);
        if (!*end)
            return false;
        end = &(*end)->next;
    }
    if (count == 0 || (query->op == NOT && count > 1))
        return fail(in, count == 0 ? "a query is missing" : "one query only");
    return true;
}

static struct advanced_query *read_query(struct parser *in, int depth)
{
    struct advanced_query *query;
    enum operator op;
    bool ok;

    if (*in->p != '(')
        return fail(in, "( is missing");
    if (depth > DEPTH_MAX)
        return fail(in, "too deep");
    in->p++;
    skip_blanks(in);
    if (!read_operator(in, &op))
        return fail(in, "no operator");
    query = xcalloc(1, sizeof(*query));
    query->op = op;
    ok = op <= NOT ? read_inside(in, query, depth) : read_comparison(in, query);
    skip_blanks(in);
    if (ok && *in->p != ')')
        ok = fail(in, ") is missing");
    if (!ok) {
        advanced_query_free(query);
        return NULL;
    }
    in->p++;
    return query;
}

struct advanced_query *advanced_query_new(const char *text, char *why, size_t why_size)
{
    struct parser in = {text, text, why, why_size};
    struct advanced_query *query;

    *why = '\0';
    if (strlen(text) > ADVANCED_QUERY_MAX)
        return fail(&in, "too long");
    skip_blanks(&in);
    query = read_query(&in, 1);
    skip_blanks(&in);
    if (query && *in.p) {
        advanced_query_free(query);
        return fail(&in, "more than one query");
    }
    return query;
}

struct advanced_query *advanced_query_of(const json_t *criteria, char *why, size_t why_size)
{
    const char *text = json_str(criteria, "aq");
    char reason[128] = "";
    struct advanced_query *query = text ? advanced_query_new(text, reason, sizeof reason) : NULL;

    *why = '\0';
    if (*reason)
        snprintf(why, why_size, "aq: %s", reason);
    return query;
}

const char *advanced_query_problem(const json_t *criteria, char *why, size_t why_size)
{
    advanced_query_free(advanced_query_of(criteria, why, why_size));
    return why;
}

/* ---- matching ---- */

static bool is_order(enum operator op, int order)
{
    switch (op) {
    case EQUAL:
        return order == 0;
    case NOT_EQUAL:
        return order != 0;
    case LESS:
        return order < 0;
    case NOT_GREATER:
        return order <= 0;
    case GREATER:
        return order > 0;
    case NOT_LESS:
        return order >= 0;
    default:
        return false;
    }
}

/* A number, or the text of one. */
static bool as_number(const json_t *value, double *number)
{
    const char *text = json_string_value(value);
    char *end;

    *number = text ? strtod(text, &end) : json_number_value(value);
    return text ? *text && !*end : json_is_number(value);
}

static bool compare(enum operator op, const json_t *is, const json_t *wanted)
{
    double a, b;

    if (json_is_number(wanted) && as_number(is, &a)) {
        b = json_number_value(wanted);
        return is_order(op, a < b ? -1 : a > b);
    }
    if (json_is_string(wanted) && json_is_string(is))
        return is_order(op, strcmp(json_string_value(is), json_string_value(wanted)));
    if (json_is_boolean(wanted) && json_is_boolean(is))
        return is_order(op, json_is_true(is) - json_is_true(wanted));
    return op == NOT_EQUAL;
}

static bool compare_any(const struct advanced_query *query, const json_t *is)
{
    if (!json_is_array(is))
        return compare(query->op, is, query->value);
    for (size_t i = 0; i < json_array_size(is); i++)
        if (compare(query->op, json_array_get(is, i), query->value))
            return true;
    return false;
}

bool advanced_query_matches(const struct advanced_query *query, const json_t *attributes)
{
    const json_t *is;

    if (query->op > NOT) {
        is = json_object_get(attributes, query->name);
        return is && compare_any(query, is);
    }
    if (query->op == NOT)
        return !advanced_query_matches(query->first, attributes);
    for (const struct advanced_query *q = query->first; q; q = q->next)
        if (advanced_query_matches(q, attributes) != (query->op == AND))
            return query->op == OR;
    return query->op == AND;
}
