#include "criterion.h"

#include "clock.h"
#include "json.h"
#include "mem.h"

/* m2m:evalCriteriaOperator */
enum { EQUAL = 1, NOT_EQUAL, GREATER, LESS, NOT_LESS, NOT_GREATER };

/* Bits of how a value may be to its threshold. */
enum { BELOW = 1, SAME = 2, ABOVE = 4, OTHER = 8 /* unequal, without an order */ };

static const unsigned fulfilled_by[] = {
    [EQUAL] = SAME, [NOT_EQUAL] = BELOW | ABOVE | OTHER, [GREATER] = ABOVE,
    [LESS] = BELOW, [NOT_LESS] = ABOVE | SAME,           [NOT_GREATER] = BELOW | SAME,
};

static unsigned sign(bool below, bool above)
{
    return below ? BELOW : above ? ABOVE : SAME;
}

static unsigned compare_texts(const char *a, const char *b)
{
    int64_t ms, other;
    int order;

    if (clock_parse_duration(a, &ms) == 0 && clock_parse_duration(b, &other) == 0)
        return sign(ms<other, ms> other);
    order = strcmp(a, b);
    return sign(order<0, order> 0);
}

static unsigned compare(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b))
        return sign(json_integer_value(a) < json_integer_value(b), json_integer_value(a) > json_integer_value(b));
    if (json_is_number(a) && json_is_number(b))
        return sign(json_number_value(a) < json_number_value(b), json_number_value(a) > json_number_value(b));
    if (json_is_string(a) && json_is_string(b))
        return compare_texts(json_string_value(a), json_string_value(b));
    return json_equal(a, b) ? SAME : OTHER;
}

bool criteria_hold(const json_t *evc, const json_t *attributes)
{
    const char *sbjt = json_str(evc, "sbjt");
    const json_t *value = sbjt ? json_object_get(attributes, sbjt) : NULL, *thld = json_object_get(evc, "thld");
    int64_t optr = json_int(evc, "optr", 0);

    if (!value || !thld || optr < EQUAL || optr >= (int64_t)ARRAY_LEN(fulfilled_by))
        return false;
    return fulfilled_by[optr] & compare(value, thld);
}
