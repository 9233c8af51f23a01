/* A recursive descent over at most TOKENS_MAX words into a tree of nodes that live in one block. */
#include "lbq.h"
#include "mem.h"

#include <ctype.h>
#include <strings.h>

#define TOKENS_MAX 128
#define DEPTH_MAX 16

enum term { TERM_KEY, TERM_NOT_KEY, TERM_IN, TERM_NOT_IN, TERM_AND, TERM_OR };

struct word {
    char *text; /* NUL-terminated in lbq.text */
    bool quoted;
};

struct branch {
    enum term term;
    int left, right; /* of AND, OR */
    const char *key;
    int values, values_count; /* words */
};

struct lbq {
    char *text;
    struct word words[TOKENS_MAX];
    int count, next;
    struct branch branches[TOKENS_MAX];
    int branch_count, root;
};

/* Cuts the text into words; parentheses and commas stand alone. -1 when there are too many or a quote is left open. */
static int cut(struct lbq *q, const char *text)
{
    char *out = q->text = xmalloc(2 * strlen(text) + 2);

    while (*text) {
        struct word *w = &q->words[q->count];

        if (isspace((unsigned char)*text)) {
            text++;
            continue;
        }
        if (q->count++ == TOKENS_MAX)
            return -1;
        *w = (struct word){out, *text == '"'};
        if (*text == '"') {
            for (text++; *text && *text != '"'; text++)
                *out++ = *text;
            if (*text++ != '"')
                return -1;
        } else if (strchr("(),", *text)) {
            *out++ = *text++;
        } else {
            while (*text && !isspace((unsigned char)*text) && !strchr("(),\"", *text))
                *out++ = *text++;
        }
        *out++ = '\0';
    }
    return 0;
}

static bool is(struct lbq *q, const char *word)
{
    return q->next < q->count && !q->words[q->next].quoted && strcasecmp(q->words[q->next].text, word) == 0;
}

static bool accept(struct lbq *q, const char *word)
{
    bool found = is(q, word);

    q->next += found;
    return found;
}

/* A key or a value: anything but punctuation. */
static const char *operand(struct lbq *q)
{
    if (q->next == q->count || is(q, "(") || is(q, ")") || is(q, ","))
        return NULL;
    return q->words[q->next++].text;
}

static int branch(struct lbq *q, struct branch b)
{
    if (q->branch_count == TOKENS_MAX)
        return -1;
    q->branches[q->branch_count] = b;
    return q->branch_count++;
}

static int parse_or(struct lbq *q, int depth);

/* ( v, v, ... ): the values are every second word. */
static int parse_list(struct lbq *q, struct branch b)
{
    if (!accept(q, "("))
        return -1;
    b.values = q->next;
    do {
        if (!operand(q))
            return -1;
        b.values_count++;
    } while (accept(q, ","));
    return accept(q, ")") ? branch(q, b) : -1;
}

static int parse_term(struct lbq *q, int depth)
{
    struct branch b = {.term = TERM_KEY};
    bool in;
    int inner;

    if (accept(q, "(")) {
        inner = parse_or(q, depth + 1);
        return inner >= 0 && accept(q, ")") ? inner : -1;
    }
    if (accept(q, "NT"))
        b.term = TERM_NOT_KEY;
    b.key = operand(q);
    if (!b.key)
        return -1;
    if (b.term == TERM_NOT_KEY)
        return branch(q, b);
    if ((in = accept(q, "IN")) || accept(q, "NI")) {
        b.term = in ? TERM_IN : TERM_NOT_IN;
        return parse_list(q, b);
    }
    if ((in = accept(q, "EQ")) || accept(q, "NE")) {
        b.term = in ? TERM_IN : TERM_NOT_IN;
        b.values = q->next;
        b.values_count = 1;
        if (!operand(q))
            return -1;
    }
    return branch(q, b);
}

static int parse_and(struct lbq *q, int depth)
{
    int left = parse_term(q, depth);

    while (left >= 0 && accept(q, "AND")) {
        int right = parse_term(q, depth);

        left = right < 0 ? -1 : branch(q, (struct branch){.term = TERM_AND, .left = left, .right = right});
    }
    return left;
}

static int parse_or(struct lbq *q, int depth)
{
    int left = depth > DEPTH_MAX ? -1 : parse_and(q, depth);

    while (left >= 0 && accept(q, "OR")) {
        int right = parse_and(q, depth);

        left = right < 0 ? -1 : branch(q, (struct branch){.term = TERM_OR, .left = left, .right = right});
    }
    return left;
}

struct lbq *lbq_new(const char *text, char *why, size_t why_size)
{
    struct lbq *q = xcalloc(1, sizeof *q);

    if (cut(q, text) == 0)
        q->root = parse_or(q, 0);
    else
        q->root = -1;
    if (q->root >= 0 && q->next == q->count)
        return q;
    snprintf(why, why_size, "lbq: not a labels query near word %d", q->next + 1);
    lbq_free(q);
    return NULL;
}

void lbq_free(struct lbq *q)
{
    if (!q)
        return;
    free(q->text);
    free(q);
}

/* The value of a label with this key: "" without one; NULL when the key is another. */
static const char *value_of(const json_t *label, const char *key)
{
    const char *text = json_string_value(label);
    size_t len = strlen(key);

    if (!text || strncmp(text, key, len) != 0 || (text[len] && text[len] != ':'))
        return NULL;
    return text[len] ? text + len + 1 : "";
}

static bool listed(const struct lbq *q, const struct branch *b, const char *value)
{
    for (int i = 0; i < b->values_count; i++)
        if (strcmp(q->words[b->values + 2 * i].text, value) == 0)
            return true;
    return false;
}

/* Is there a label with this key - and with one of the values, or with none of them? */
static bool match_key(const struct lbq *q, const struct branch *b, const json_t *labels)
{
    const json_t *label;
    const char *value;
    size_t i;

    json_array_foreach(labels, i, label)
    {
        value = value_of(label, b->key);
        if (value && (b->term == TERM_KEY || b->term == TERM_NOT_KEY || listed(q, b, value) == (b->term == TERM_IN)))
            return true;
    }
    return false;
}

static bool match(const struct lbq *q, int at, const json_t *labels)
{
    const struct branch *b = &q->branches[at];

    switch (b->term) {
    case TERM_AND:
        return match(q, b->left, labels) && match(q, b->right, labels);
    case TERM_OR:
        return match(q, b->left, labels) || match(q, b->right, labels);
    case TERM_NOT_KEY:
        return !match_key(q, b, labels);
    default:
        return match_key(q, b, labels);
    }
}

bool lbq_match(const struct lbq *q, const json_t *labels)
{
    return match(q, q->root, labels);
}
