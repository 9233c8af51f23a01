/* A filter is a list of conditions, one per tag (attributes: one per name), each a row of the table below with its value. */
#include "filter.h"
#include "advanced_query.h"
#include "clock.h"
#include "geometry.h"
#include "json.h"
#include "jsonpath.h"
#include "lbq.h"
#include "mem.h"
#include "wildcard.h"

#include <strings.h>

#define CONDITIONS_MAX 64

enum relation { SELF, CHILD, PARENT };
enum field { NO_FIELD, CT, LT, ET, ST, CS };

struct condition;
typedef bool condition_fn(const struct view *view, const void *condition);

struct condition_row {
    const char *tag;
    condition_fn *test;
    enum relation relation;
    enum field field;
    bool below; /* of a range: the upper end, exclusive */
};

struct condition {
    const struct condition_row *row;
    const json_t *value;          /* borrowed */
    int64_t number;               /* of a range */
    struct lbq *lbq;              /* owned */
    struct geo_query *geo;        /* owned */
    struct jsonpath *path;        /* owned */
    struct advanced_query *query; /* owned */
};

enum combination { ALL = 1, ANY_OF, ONE_OF };

struct filter {
    enum combination fo;
    int count;
    struct condition conditions[CONDITIONS_MAX];
};

static bool test_range(const struct view *v, const void *condition)
{
    const struct condition *c = condition;
    const int64_t fields[] = {[CT] = v->ct, [LT] = v->lt, [ET] = v->et, [ST] = v->st, [CS] = v->cs};
    int64_t value = fields[c->row->field];

    if (value == VIEW_ASK && c->row->field == CS)
        value = json_int(v->attributes(v), "cs", -1);
    if (value < 0 && (c->row->field == ST || c->row->field == CS))
        return false;
    return c->row->below ? value < c->number : value >= c->number;
}

/* Calls `same` for each value of a condition, which may be a list or a single one. */
static bool any_value(const json_t *value, bool (*same)(const json_t *value, const void *argument), const void *argument)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(value))
        return same(value, argument);
    json_array_foreach(value, i, item)
    {
        if (same(item, argument))
            return true;
    }
    return false;
}

static bool same_type(const json_t *value, const void *argument)
{
    return json_is_integer(value) && json_integer_value(value) == *(const int *)argument;
}

static bool test_types(const struct view *v, const void *condition)
{
    return any_value(((const struct condition *)condition)->value, same_type, &v->ty);
}

static bool same_label(const json_t *value, const void *labels)
{
    const char *pattern = json_string_value(value);
    const json_t *label;
    size_t i;

    if (!pattern)
        return false;
    json_array_foreach((const json_t *)labels, i, label)
    {
        if (json_is_string(label) && wildcard_match(pattern, json_string_value(label), false))
            return true;
    }
    return false;
}

static bool test_labels(const struct view *v, const void *condition)
{
    const json_t *labels = json_object_get(v->attributes(v), "lbl");

    return json_is_array(labels) && any_value(((const struct condition *)condition)->value, same_label, labels);
}

static bool test_labels_query(const struct view *v, const void *condition)
{
    return lbq_match(((const struct condition *)condition)->lbq, json_object_get(v->attributes(v), "lbl"));
}

static bool same_media(const json_t *value, const void *cnf)
{
    const char *wanted = json_string_value(value), *text = cnf;
    size_t len = strcspn(text, ":");

    return wanted && strcspn(wanted, ":") == len && strncasecmp(wanted, text, len) == 0;
}

static bool test_content_type(const struct view *v, const void *condition)
{
    const char *cnf = json_string_value(json_object_get(v->attributes(v), "cnf"));

    return cnf && any_value(((const struct condition *)condition)->value, same_media, cnf);
}

/* A scalar's text, for comparing with a pattern. */
static const char *scalar_text(const json_t *value, char *buffer, size_t size)
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        snprintf(buffer, size, "%lld", (long long)json_integer_value(value));
        return buffer;
    case JSON_REAL:
        snprintf(buffer, size, "%.15g", json_real_value(value));
        return buffer;
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    default:
        return NULL;
    }
}

static bool same_scalar(const json_t *value, const void *wanted)
{
    char a[40], b[40], *end;
    const char *pattern = scalar_text(wanted, a, sizeof a), *text = scalar_text(value, b, sizeof b);
    double number;

    if (!pattern || !text)
        return false;
    if (wildcard_match(pattern, text, false))
        return true;
    if (!json_is_number(value) || !*pattern)
        return false;
    number = strtod(pattern, &end);
    return !*end && number == json_number_value(value);
}

/* `value` of the condition is a list of {"nm","val"}; all of its entries with the same name are one condition. */
static bool test_attribute(const struct view *v, const void *condition)
{
    const struct condition *c = condition;
    const char *name = json_string_value(json_object_get(json_array_get(c->value, (size_t)c->number), "nm"));
    const json_t *attribute = json_object_get(v->attributes(v), name), *item, *wanted;
    size_t i;

    if (!attribute)
        return false;
    json_array_foreach(c->value, i, item)
    {
        const char *other = json_string_value(json_object_get(item, "nm"));

        wanted = json_object_get(item, "val");
        if (!other || strcmp(other, name) != 0 || !wanted)
            continue;
        if (json_equal(attribute, wanted) || any_value(attribute, same_scalar, wanted))
            return true;
    }
    return false;
}

/* Geo-query: how the geometry asked for lies to the resource's `loc`. */
static bool test_location(const struct view *v, const void *condition)
{
    return geo_query_match(((const struct condition *)condition)->geo, json_object_get(v->attributes(v), "loc"));
}

static bool test_content(const struct view *v, const void *condition)
{
    const json_t *con = json_object_get(v->attributes(v), "con");

    return con && jsonpath_matches_content(((const struct condition *)condition)->path, con);
}

static bool test_query(const struct view *v, const void *condition)
{
    return advanced_query_matches(((const struct condition *)condition)->query, v->attributes(v));
}

/* Found by other means: an object whose members are resource ids. */
static bool test_id(const struct view *v, const void *condition)
{
    const char *ri = json_string_value(json_object_get(v->attributes(v), "ri"));

    return ri && json_object_get(((const struct condition *)condition)->value, ri);
}

static const struct condition_row rows[] = {
    {"crb",  test_range,        SELF,   CT,       true },
    {"cra",  test_range,        SELF,   CT,       false},
    {"us",   test_range,        SELF,   LT,       true },
    {"ms",   test_range,        SELF,   LT,       false},
    {"sts",  test_range,        SELF,   ST,       true },
    {"stb",  test_range,        SELF,   ST,       false},
    {"exb",  test_range,        SELF,   ET,       true },
    {"exa",  test_range,        SELF,   ET,       false},
    {"szb",  test_range,        SELF,   CS,       true },
    {"sza",  test_range,        SELF,   CS,       false},
    {"ty",   test_types,        SELF,   NO_FIELD, false},
    {"lbl",  test_labels,       SELF,   NO_FIELD, false},
    {"lbq",  test_labels_query, SELF,   NO_FIELD, false},
    {"cty",  test_content_type, SELF,   NO_FIELD, false},
    {"atr",  test_attribute,    SELF,   NO_FIELD, false},
    {"geom", test_location,     SELF,   NO_FIELD, false},
    {"cfq",  test_content,      SELF,   NO_FIELD, false},
    {"aq",   test_query,        SELF,   NO_FIELD, false},
    {"ri",   test_id,           SELF,   NO_FIELD, false},
    {"pty",  test_types,        PARENT, NO_FIELD, false},
    {"palb", test_labels,       PARENT, NO_FIELD, false},
    {"patr", test_attribute,    PARENT, NO_FIELD, false},
    {"chty", test_types,        CHILD,  NO_FIELD, false},
    {"clbl", test_labels,       CHILD,  NO_FIELD, false},
    {"catr", test_attribute,    CHILD,  NO_FIELD, false},
};

static int range_value(struct condition *c, char *why, size_t why_size)
{
    if (json_is_integer(c->value)) {
        c->number = json_integer_value(c->value);
        return 0;
    }
    if (json_is_string(c->value) && clock_parse(json_string_value(c->value), &c->number) == 0)
        return 0;
    snprintf(why, why_size, "%s: neither a time nor a number", c->row->tag);
    return -1;
}

static int add(struct filter *f, struct condition c, char *why, size_t why_size)
{
    if (f->count == CONDITIONS_MAX) {
        snprintf(why, why_size, "more than %d conditions", CONDITIONS_MAX);
        return -1;
    }
    if (c.row->test == test_range && range_value(&c, why, why_size) < 0)
        return -1;
    if (c.row->test == test_labels_query) {
        c.lbq = json_is_string(c.value) ? lbq_new(json_string_value(c.value), why, why_size) : NULL;
        if (!c.lbq)
            return -1;
    }
    f->conditions[f->count++] = c;
    return 0;
}

static const struct condition_row *find_row(condition_fn *test)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].test == test)
            return &rows[i];
    return NULL;
}

/* gmty, geom and gsf are one condition, and so are cfs and cfq; a query is read once. */
static int add_compound(struct filter *f, const json_t *fc, char *why, size_t why_size)
{
    struct condition place = {.row = find_row(test_location)}, content = {.row = find_row(test_content)};
    struct condition query = {.row = find_row(test_query)};

    *why = 0;
    place.geo = geo_query_new(fc, why, why_size);
    if (place.geo && add(f, place, why, why_size) < 0)
        geo_query_free(place.geo);
    if (!*why)
        content.path = jsonpath_of_filter(fc, why, why_size);
    if (content.path && add(f, content, why, why_size) < 0)
        jsonpath_free(content.path);
    if (!*why)
        query.query = advanced_query_of(fc, why, why_size);
    if (query.query && add(f, query, why, why_size) < 0)
        advanced_query_free(query.query);
    return *why ? -1 : 0;
}

/* One condition for each distinct name. */
static int add_attributes(struct filter *f, const struct condition_row *row, const json_t *list, char *why, size_t why_size)
{
    const json_t *item;
    const char *name, *other;
    size_t i, j;

    if (!json_is_array(list))
        goto bad;
    json_array_foreach(list, i, item)
    {
        name = json_string_value(json_object_get(item, "nm"));
        if (!name || !json_object_get(item, "val"))
            goto bad;
        for (j = 0; j < i; j++) {
            other = json_string_value(json_object_get(json_array_get(list, j), "nm"));
            if (strcmp(other, name) == 0)
                break;
        }
        if (j == i && add(f, (struct condition){.row = row, .value = list, .number = (int64_t)i}, why, why_size) < 0)
            return -1;
    }
    return 0;

bad:
    snprintf(why, why_size, "%s: not a list of nm and val", row->tag);
    return -1;
}

struct filter *filter_new(const json_t *fc, char *why, size_t why_size)
{
    struct filter *f = xcalloc(1, sizeof *f);
    const json_t *fo = json_object_get(fc, "fo"), *value;
    int result = 0;

    f->fo = json_is_integer(fo) ? (enum combination)json_integer_value(fo) : ALL;
    if (f->fo < ALL || f->fo > ONE_OF) {
        snprintf(why, why_size, "fo: 1, 2 or 3");
        result = -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(rows) && result == 0; i++) {
        value = json_object_get(fc, rows[i].tag);
        if (!value || rows[i].test == test_location || rows[i].test == test_content || rows[i].test == test_query)
            continue;
        if (rows[i].test == test_attribute)
            result = add_attributes(f, &rows[i], value, why, why_size);
        else
            result = add(f, (struct condition){.row = &rows[i], .value = value}, why, why_size);
    }
    if (result == 0)
        result = add_compound(f, fc, why, why_size);
    if (result == 0)
        return f;
    filter_free(f);
    return NULL;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    for (int i = 0; i < filter->count; i++) {
        lbq_free(filter->conditions[i].lbq);
        geo_query_free(filter->conditions[i].geo);
        jsonpath_free(filter->conditions[i].path);
        advanced_query_free(filter->conditions[i].query);
    }
    free(filter);
}

static bool holds(const struct condition *c, const struct view *view, const struct relatives *relatives)
{
    const struct view *parent;

    switch (c->row->relation) {
    case CHILD:
        return relatives && relatives->any_child(relatives->context, c->row->test, c);
    case PARENT:
        parent = relatives ? relatives->parent(relatives->context) : NULL;
        return parent && c->row->test(parent, c);
    default:
        return c->row->test(view, c);
    }
}

bool filter_match(const struct filter *f, const struct view *view, const struct relatives *relatives)
{
    int held = 0;

    for (int i = 0; i < f->count; i++) {
        bool yes = holds(&f->conditions[i], view, relatives);

        if (yes && f->fo == ANY_OF)
            return true;
        if (!yes && f->fo == ALL)
            return false;
        held += yes;
    }
    if (f->count == 0)
        return true;
    return f->fo == ALL || (f->fo == ONE_OF && held == 1);
}

/* The only value of a condition that every match must fulfil. */
static const json_t *only_value(const struct filter *f, const char *tag)
{
    if (f->fo != ALL && f->count > 1)
        return NULL;
    for (int i = 0; i < f->count; i++) {
        const json_t *value = f->conditions[i].value;

        if (strcmp(f->conditions[i].row->tag, tag) != 0)
            continue;
        if (!json_is_array(value))
            return value;
        return json_array_size(value) == 1 ? json_array_get(value, 0) : NULL;
    }
    return NULL;
}

const char *filter_label(const struct filter *f)
{
    const char *label = json_string_value(only_value(f, "lbl"));

    return label && !strchr(label, '*') ? label : NULL;
}

int filter_type(const struct filter *f)
{
    const json_t *ty = only_value(f, "ty");

    return json_is_integer(ty) ? (int)json_integer_value(ty) : 0;
}

bool filter_excludes(const struct filter *f, int ty)
{
    if (f->fo != ALL)
        return false;
    for (int i = 0; i < f->count; i++)
        if (strcmp(f->conditions[i].row->tag, "ty") == 0 && !any_value(f->conditions[i].value, same_type, &ty))
            return true;
    return false;
}

void filter_settle(struct filter *f, const char *tag)
{
    for (int i = 0; i < f->count; i++) {
        if (strcmp(f->conditions[i].row->tag, tag) != 0)
            continue;
        f->conditions[i] = f->conditions[--f->count];
        return;
    }
}
