/*
 * filterCriteria (TS-0004 6.3.5.8, 7.3.3.17) on one resource. Values of one criterion are alternatives; criteria are combined
 * as filterOperation says. Those that look at children or parents are for queries, which storage answers.
 */
#include "advanced_query.h"
#include "clock.h"
#include "geometry.h"
#include "json.h"
#include "jsonpath.h"
#include "mem.h"
#include "rules.h"

enum { AND = 1, OR, XOR };
enum { OPERATIONS_MAX = 63 };
enum relation { BELOW, AT_LEAST };

/* Criteria that compare an attribute with a bound. */
static const struct bound {
    const char *name, *attribute;
    bool time, moves; /* a timestamp; changes without a new version */
    enum relation relation;
} bounds[] = {
    {"crb", "ct", true,  false, BELOW   },
    {"cra", "ct", true,  false, AT_LEAST},
    {"us",  "lt", true,  true,  BELOW   },
    {"ms",  "lt", true,  true,  AT_LEAST},
    {"exb", "et", true,  false, BELOW   },
    {"exa", "et", true,  false, AT_LEAST},
    {"sts", "st", false, true,  BELOW   },
    {"stb", "st", false, true,  AT_LEAST},
    {"szb", "cs", false, true,  BELOW   },
    {"sza", "cs", false, true,  AT_LEAST},
};

static const char *const elsewhere[] = {"clbl", "palb", "lbq", "chty", "pty", "catr", "patr", "smf"};
bool filter_check(const json_t *fc, char *why, size_t why_size)
{
    geo_query_free(geo_query_new(fc, why, why_size));
    if (!*why)
        jsonpath_free(jsonpath_of_filter(fc, why, why_size));
    if (!*why)
        advanced_query_free(advanced_query_of(fc, why, why_size));
    if (!*why && json_int(fc, "ops", 0) > OPERATIONS_MAX)
        snprintf(why, why_size, "ops: not 0 to %d", OPERATIONS_MAX);
    return !*why;
}

bool filter_needs_fresh(const json_t *fc)
{
    if (json_object_get(fc, "atr") || json_object_get(fc, "aq"))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        if (bounds[i].moves && json_object_get(fc, bounds[i].name))
            return true;
    return false;
}

static bool read_number(const json_t *value, bool time, int64_t *out)
{
    if (time)
        return json_is_string(value) && clock_parse(json_string_value(value), out) == 0;
    *out = json_integer_value(value);
    return json_is_integer(value);
}

static bool bound_holds(const struct bound *b, const json_t *limit, const struct resource *r)
{
    int64_t value, bound;

    if (!read_number(json_object_get(r->a, b->attribute), b->time, &value) || !read_number(limit, b->time, &bound))
        return false;
    return b->relation == BELOW ? value < bound : value >= bound;
}

/* Do the lists share an element? */
static bool lists_meet(const json_t *a, const json_t *b)
{
    for (size_t i = 0; i < json_array_size(a); i++)
        for (size_t k = 0; k < json_array_size(b); k++)
            if (json_equal(json_array_get(a, i), json_array_get(b, k)))
                return true;
    return false;
}

static bool type_in(const json_t *types, int ty)
{
    for (size_t i = 0; i < json_array_size(types); i++)
        if (json_integer_value(json_array_get(types, i)) == ty)
            return true;
    return false;
}

/* The media type in front of contentInfo's first colon is one of the list. */
static bool media_in(const json_t *list, const char *info)
{
    size_t len = info ? strcspn(info, ":") : 0;

    for (size_t i = 0; info && i < json_array_size(list); i++)
        if (slice_is((struct slice){info, len}, json_string_value(json_array_get(list, i))))
            return true;
    return false;
}

/* As text: a filter that came in a query string knows no other kind. */
static bool same_text(const json_t *a, const json_t *b)
{
    const json_t *const both[] = {a, b};
    struct str texts[2] = {STR_EMPTY, STR_EMPTY};
    bool same;

    for (int i = 0; i < 2; i++) {
        if (json_is_string(both[i]))
            str_add(&texts[i], json_string_value(both[i]), json_string_length(both[i]));
        else
            json_write(&texts[i], both[i]);
    }
    same = strcmp(str_text(&texts[0]), str_text(&texts[1])) == 0;
    str_done(&texts[0]);
    str_done(&texts[1]);
    return same;
}

static bool has_value(const struct resource *r, const json_t *entry)
{
    const json_t *present = json_object_get(r->a, json_str(entry, "nm"));

    return present && same_text(present, json_object_get(entry, "val"));
}

/* Criteria met and not met so far. */
struct tally {
    int met, unmet;
};

static void count(struct tally *t, bool met)
{
    if (met)
        t->met++;
    else
        t->unmet++;
}

/* Several values for one name are alternatives, several names are several criteria. */
static void count_attributes(struct tally *t, const json_t *list, const struct resource *r)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_str(json_array_get(list, i), "nm");
        bool met = false, first = true;

        for (size_t k = 0; k < json_array_size(list); k++) {
            const json_t *other = json_array_get(list, k);

            if (strcmp(json_str(other, "nm"), name) != 0)
                continue;
            first = first && k >= i;
            met = met || has_value(r, other);
        }
        if (first)
            count(t, met);
    }
}

static void count_location(struct tally *t, const json_t *fc, const struct resource *r)
{
    char ignored[128];
    struct geo_query *query = geo_query_new(fc, ignored, sizeof ignored);

    if (query)
        count(t, geo_query_match(query, json_object_get(r->a, "loc")));
    geo_query_free(query);
}

static void count_content(struct tally *t, const json_t *fc, const struct resource *r)
{
    const json_t *con = json_object_get(r->a, "con");
    char ignored[128];
    struct jsonpath *path = jsonpath_of_filter(fc, ignored, sizeof ignored);

    if (path)
        count(t, con && jsonpath_matches_content(path, con));
    jsonpath_free(path);
}

static void count_query(struct tally *t, const json_t *fc, const struct resource *r)
{
    char ignored[160];
    struct advanced_query *query = advanced_query_of(fc, ignored, sizeof ignored);

    if (query)
        count(t, advanced_query_matches(query, r->a));
    advanced_query_free(query);
}

const char *filter_test(const json_t *fc, const struct resource *r, bool *matches)
{
    int64_t operation = json_int(fc, "fo", AND);
    struct tally t = {0, 0};
    const json_t *value;

    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
        if (json_object_get(fc, elsewhere[i]))
            return elsewhere[i];
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        if ((value = json_object_get(fc, bounds[i].name)))
            count(&t, bound_holds(&bounds[i], value, r));
    if ((value = json_object_get(fc, "lbl")))
        count(&t, lists_meet(value, json_object_get(r->a, "lbl")));
    if ((value = json_object_get(fc, "ty")))
        count(&t, type_in(value, r->type->ty));
    if ((value = json_object_get(fc, "cty")))
        count(&t, media_in(value, json_str(r->a, "cnf")));
    count_attributes(&t, json_object_get(fc, "atr"), r);
    count_location(&t, fc, r);
    count_content(&t, fc, r);
    count_query(&t, fc, r);
    if (t.met + t.unmet == 0 || operation == AND)
        *matches = t.unmet == 0;
    else
        *matches = operation == OR ? t.met > 0 : t.met == 1;
    return NULL;
}
