#include "jsonpath.h"

#include "json.h"

#include <ctype.h>
#include <errno.h>

#include "mem.h"

enum {
    STEPS_MAX = 32,
    DEPTH_MAX = 16, /* of parentheses in a comparison */
};

enum step_kind { STEP_NAME, STEP_INDEX, STEP_ALL, STEP_WHERE };
enum test_kind { TEST_AND, TEST_OR, TEST_NOT, TEST_COMPARE, TEST_EXISTS };
enum relation { EQUAL, UNEQUAL, LESS, AT_MOST, MORE, AT_LEAST };

struct test;

struct step {
    enum step_kind kind;
    char *name; /* owned */
    json_int_t index;
    struct test *where; /* owned */
};

/* A path, or a literal. */
struct operand {
    bool path, root; /* from $, else from @ */
    struct step *steps;
    int count;
    json_t *literal; /* owned */
};

struct test {
    enum test_kind kind;
    enum relation relation;
    struct test *a, *b;           /* of AND, OR; NOT has `a` */
    struct operand *left, *right; /* of COMPARE; EXISTS has `left` */
};

struct jsonpath {
    struct operand whole;
};

/* ---- freeing ---- */

static void test_free(struct test *test);

static void operand_clear(struct operand *o)
{
    for (int i = 0; i < o->count; i++) {
        free(o->steps[i].name);
        test_free(o->steps[i].where);
    }
    free(o->steps);
    json_decref(o->literal);
}

static void operand_free(struct operand *o)
{
    if (!o)
        return;
    operand_clear(o);
    free(o);
}

static void test_free(struct test *test)
{
    if (!test)
        return;
    test_free(test->a);
    test_free(test->b);
    operand_free(test->left);
    operand_free(test->right);
    free(test);
}

void jsonpath_free(struct jsonpath *path)
{
    if (!path)
        return;
    operand_clear(&path->whole);
    free(path);
}

/* ---- reading ---- */

struct reader {
    const char *text, *p;
    int depth;
    const char *problem, *at; /* the first one, and where */
};

static void fail(struct reader *r, const char *problem)
{
    if (r->problem)
        return;
    r->problem = problem;
    r->at = r->p;
}

static bool take(struct reader *r, const char *mark)
{
    size_t len = strlen(mark);

    while (isspace((unsigned char)*r->p))
        r->p++;
    if (strncmp(r->p, mark, len) != 0)
        return false;
    r->p += len;
    return true;
}

/* A text in quotes, the first of which is next; the caller frees. NULL when it has no end. */
static char *read_quoted(struct reader *r)
{
    struct str out = STR_EMPTY;
    char quote = *r->p++;

    for (; *r->p && *r->p != quote; r->p++) {
        if (*r->p == '\\' && r->p[1])
            r->p++;
        str_putc(&out, *r->p);
    }
    if (*r->p != quote) {
        fail(r, "a text without an end");
        str_done(&out);
        return NULL;
    }
    r->p++;
    return str_take(&out);
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

static void read_name(struct reader *r, struct step *step)
{
    const char *start = r->p;

    if (take(r, "*")) {
        step->kind = STEP_ALL;
        return;
    }
    while (is_name_char(*r->p))
        r->p++;
    if (r->p == start)
        fail(r, "a name is missing");
    step->kind = STEP_NAME;
    step->name = xstrndup(start, (size_t)(r->p - start));
}

static void read_index(struct reader *r, struct step *step)
{
    char *end;

    errno = 0;
    step->kind = STEP_INDEX;
    step->index = strtoll(r->p, &end, 10);
    if (end == r->p || errno != 0 || isspace((unsigned char)*r->p) || *r->p == '+')
        fail(r, "neither a name, an index, * nor ?");
    r->p = end;
}

static struct test *read_or(struct reader *r);

static void read_brackets(struct reader *r, struct step *step)
{
    if (take(r, "?")) {
        step->kind = STEP_WHERE;
        step->where = read_or(r);
    } else if (take(r, "*")) {
        step->kind = STEP_ALL;
    } else if (take(r, "'") || take(r, "\"")) {
        r->p--;
        step->kind = STEP_NAME;
        step->name = read_quoted(r);
    } else {
        read_index(r, step);
    }
    if (!take(r, "]"))
        fail(r, "] is missing");
}

static void read_steps(struct reader *r, struct operand *o, bool inner)
{
    o->path = true;
    for (;;) {
        bool dot = *r->p == '.', bracket = *r->p == '[';
        struct step *step;

        if (r->problem || (!dot && !bracket))
            return;
        if (o->count == STEPS_MAX || (dot && r->p[1] == '.')) {
            fail(r, o->count == STEPS_MAX ? "too many steps" : "descent (..) is not supported");
            return;
        }
        r->p++;
        o->steps = xrealloc(o->steps, (size_t)(o->count + 1) * sizeof *o->steps);
        step = &o->steps[o->count++];
        *step = (struct step){0};
        if (dot)
            read_name(r, step);
        else
            read_brackets(r, step);
        if (inner && step->kind > STEP_INDEX)
            fail(r, "a path in a comparison has names and indexes only");
    }
}

static json_t *read_literal(struct reader *r)
{
    static const struct {
        const char *word;
        json_t *(*make)(void);
    } words[] = {
        {"true",  json_true },
        {"false", json_false},
        {"null",  json_null },
    };
    char *end = (char *)r->p;
    double number;

    if (*r->p == '\'' || *r->p == '"') {
        auto_free char *text = read_quoted(r);
        json_t *literal = text ? json_string(text) : NULL;

        if (!literal)
            fail(r, "not UTF-8");
        return literal;
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (take(r, words[i].word))
            return words[i].make();
    number = isdigit((unsigned char)*r->p) || *r->p == '-' ? strtod(r->p, &end) : 0;
    if (end == r->p || number - number != 0) {
        fail(r, "a path or a literal is missing");
        return NULL;
    }
    r->p = end;
    return json_real(number);
}

static struct operand *read_operand(struct reader *r)
{
    struct operand *o = xcalloc(1, sizeof *o);

    take(r, "");
    if (*r->p == '@' || *r->p == '$') {
        o->root = *r->p++ == '$';
        read_steps(r, o, true);
    } else {
        o->literal = read_literal(r);
    }
    return o;
}

static struct test *test_new(enum test_kind kind, struct test *a, struct test *b)
{
    struct test *test = xcalloc(1, sizeof *test);

    test->kind = kind;
    test->a = a;
    test->b = b;
    return test;
}

static struct test *read_comparison(struct reader *r)
{
    /* Longer marks first. */
    static const struct {
        const char *mark;
        enum relation relation;
    } relations[] = {
        {"==", EQUAL   },
        {"!=", UNEQUAL },
        {"<=", AT_MOST },
        {">=", AT_LEAST},
        {"<",  LESS    },
        {">",  MORE    },
    };
    struct test *test = test_new(TEST_EXISTS, NULL, NULL);

    test->left = read_operand(r);
    for (size_t i = 0; i < ARRAY_LEN(relations) && test->kind == TEST_EXISTS; i++) {
        if (!take(r, relations[i].mark))
            continue;
        test->kind = TEST_COMPARE;
        test->relation = relations[i].relation;
        test->right = read_operand(r);
    }
    if (test->kind == TEST_EXISTS && !test->left->path)
        fail(r, "a literal alone is no comparison");
    return test;
}

static struct test *read_term(struct reader *r)
{
    struct test *test;

    if (++r->depth > DEPTH_MAX) {
        fail(r, "too many parentheses");
        return NULL;
    }
    if (take(r, "!")) {
        test = test_new(TEST_NOT, read_term(r), NULL);
    } else if (take(r, "(")) {
        test = read_or(r);
        if (!take(r, ")"))
            fail(r, ") is missing");
    } else {
        test = read_comparison(r);
    }
    r->depth--;
    return test;
}

static struct test *read_and(struct reader *r)
{
    struct test *test = read_term(r);

    while (!r->problem && take(r, "&&"))
        test = test_new(TEST_AND, test, read_term(r));
    return test;
}

static struct test *read_or(struct reader *r)
{
    struct test *test = read_and(r);

    while (!r->problem && take(r, "||"))
        test = test_new(TEST_OR, test, read_and(r));
    return test;
}

struct jsonpath *jsonpath_new(const char *text, char *why, size_t why_size)
{
    struct reader r = {.text = text, .p = text};
    struct jsonpath *path = xcalloc(1, sizeof *path);

    if (strlen(text) > JSONPATH_MAX)
        fail(&r, "too long");
    else if (!take(&r, "$"))
        fail(&r, "does not begin with $");
    else
        read_steps(&r, &path->whole, false);
    take(&r, "");
    if (*r.p)
        fail(&r, "this is no step");
    if (!r.problem)
        return path;
    snprintf(why, why_size, "%s, at byte %zu", r.problem, (size_t)(r.at - text));
    jsonpath_free(path);
    return NULL;
}

/* ---- looking ---- */

static const json_t *element(const json_t *list, json_int_t index)
{
    json_int_t count = (json_int_t)json_array_size(list);

    if (index < 0)
        index += count;
    return index >= 0 && index < count ? json_array_get(list, (size_t)index) : NULL;
}

static const json_t *child(const json_t *value, const struct step *step)
{
    return step->kind == STEP_NAME ? json_object_get(value, step->name ? step->name : "") : element(value, step->index);
}

/* Where a path of names and indexes leads to; NULL: nowhere. */
static const json_t *resolve(const struct operand *o, const json_t *root, const json_t *here)
{
    const json_t *value = o->path ? (o->root ? root : here) : o->literal;

    for (int i = 0; i < o->count && value; i++)
        value = child(value, &o->steps[i]);
    return value;
}

static bool same(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    return a == b || (a && b && json_equal(a, b));
}

/* Numbers are ordered, and texts; nothing else. */
static bool compare(const json_t *a, enum relation relation, const json_t *b)
{
    int order;

    if (relation == EQUAL || relation == UNEQUAL)
        return same(a, b) == (relation == EQUAL);
    if (json_is_number(a) && json_is_number(b))
        order = (json_number_value(a) > json_number_value(b)) - (json_number_value(a) < json_number_value(b));
    else if (json_is_string(a) && json_is_string(b))
        order = strcmp(json_string_value(a), json_string_value(b));
    else
        return false;
    return relation == LESS ? order < 0 : relation == AT_MOST ? order <= 0 : relation == MORE ? order > 0 : order >= 0;
}

static bool holds(const struct test *test, const json_t *root, const json_t *here)
{
    switch (test->kind) {
    case TEST_AND:
        return holds(test->a, root, here) && holds(test->b, root, here);
    case TEST_OR:
        return holds(test->a, root, here) || holds(test->b, root, here);
    case TEST_NOT:
        return !holds(test->a, root, here);
    case TEST_COMPARE:
        return compare(resolve(test->left, root, here), test->relation, resolve(test->right, root, here));
    case TEST_EXISTS:
        break;
    }
    return resolve(test->left, root, here) != NULL;
}

static bool leads(const struct step *steps, int count, const json_t *root, const json_t *value);

/* The rest of the path behind one of several. */
static bool leads_through(const struct step *steps, int count, const json_t *root, const json_t *value)
{
    return (steps->kind == STEP_ALL || holds(steps->where, root, value)) && leads(steps + 1, count - 1, root, value);
}

static bool leads(const struct step *steps, int count, const json_t *root, const json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;

    if (count == 0)
        return true;
    if (steps->kind == STEP_NAME || steps->kind == STEP_INDEX) {
        value = child(value, steps);
        return value && leads(steps + 1, count - 1, root, value);
    }
    json_array_foreach((json_t *)value, i, member)
    {
        if (leads_through(steps, count, root, member))
            return true;
    }
    json_object_foreach((json_t *)value, name, member)
    {
        if (leads_through(steps, count, root, member))
            return true;
    }
    return false;
}

bool jsonpath_matches(const struct jsonpath *path, const json_t *value)
{
    return value && leads(path->whole.steps, path->whole.count, value, value);
}

bool jsonpath_matches_content(const struct jsonpath *path, const json_t *con)
{
    char ignored[64];
    json_auto_t *value = NULL;

    if (!json_is_string(con))
        return jsonpath_matches(path, con);
    value = json_parse(json_string_value(con), json_string_length(con), ignored, sizeof ignored);
    return jsonpath_matches(path, value ? value : con);
}

struct jsonpath *jsonpath_of_filter(const json_t *fc, char *why, size_t why_size)
{
    const json_t *cfs = json_object_get(fc, "cfs"), *cfq = json_object_get(fc, "cfq");
    char problem[100] = "";
    struct jsonpath *path;

    *why = 0;
    if (!cfs && !cfq)
        return NULL;
    if (json_int(fc, "cfs", 0) != 1 || !json_is_string(cfq)) {
        snprintf(why, why_size, "cfs (1) and cfq belong together");
        return NULL;
    }
    path = jsonpath_new(json_string_value(cfq), problem, sizeof problem);
    if (!path)
        snprintf(why, why_size, "cfq: %s", problem);
    return path;
}
