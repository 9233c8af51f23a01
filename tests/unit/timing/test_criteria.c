/* Criteria, dependencies and conditions; when an action has its turn. */
#include "action.h"
#include "criteria.h"
#include "fixture.h"

static const struct {
    const char *name, *evc, *a;
    bool holds;
} criteria[] = {
    {"equal numbers",                 "{'optr':1,'sbjt':'x','thld':5}",                 "{'x':5}",                 true },
    {"5 and 5.0",                     "{'optr':1,'sbjt':'x','thld':5}",                 "{'x':5.0}",               true },
    {"not equal",                     "{'optr':2,'sbjt':'x','thld':5}",                 "{'x':6}",                 true },
    {"not equal, but it is",          "{'optr':2,'sbjt':'x','thld':5}",                 "{'x':5}",                 false},
    {"greater",                       "{'optr':3,'sbjt':'x','thld':5}",                 "{'x':5.5}",               true },
    {"greater, but the same",         "{'optr':3,'sbjt':'x','thld':5}",                 "{'x':5}",                 false},
    {"less",                          "{'optr':4,'sbjt':'x','thld':5}",                 "{'x':-1}",                true },
    {"at least",                      "{'optr':5,'sbjt':'x','thld':5}",                 "{'x':5}",                 true },
    {"at least, but less",            "{'optr':5,'sbjt':'x','thld':5}",                 "{'x':4}",                 false},
    {"at most",                       "{'optr':6,'sbjt':'x','thld':5}",                 "{'x':5}",                 true },
    {"beyond what a double can tell", "{'optr':3,'sbjt':'x','thld':9007199254740992}",  "{'x':9007199254740993}",  true },
    {"texts",                         "{'optr':1,'sbjt':'x','thld':'on'}",              "{'x':'on'}",              true },
    {"other texts",                   "{'optr':2,'sbjt':'x','thld':'on'}",              "{'x':'off'}",             true },
    {"timestamps",                    "{'optr':4,'sbjt':'x','thld':'20260101T000000'}", "{'x':'20251231T235959'}", true },
    {"durations",                     "{'optr':4,'sbjt':'x','thld':'PT10S'}",           "{'x':'PT9S'}",            true },
    {"booleans",                      "{'optr':1,'sbjt':'x','thld':true}",              "{'x':true}",              true },
    {"other booleans",                "{'optr':1,'sbjt':'x','thld':true}",              "{'x':false}",             false},
    {"lists",                         "{'optr':1,'sbjt':'x','thld':['a','b']}",         "{'x':['a','b']}",         true },
    {"lists have no order",           "{'optr':5,'sbjt':'x','thld':['a']}",             "{'x':['b']}",             false},
    {"a text is no number",           "{'optr':1,'sbjt':'x','thld':5}",                 "{'x':'5'}",               false},
    {"a text differs from a number",  "{'optr':2,'sbjt':'x','thld':5}",                 "{'x':'5'}",               true },
    {"not there",                     "{'optr':2,'sbjt':'y','thld':5}",                 "{'x':5}",                 false},
    {"no such operator",              "{'optr':7,'sbjt':'x','thld':5}",                 "{'x':5}",                 false},
    {"no threshold",                  "{'optr':1,'sbjt':'x'}",                          "{'x':5}",                 false},
};

START_TEST(criterion)
{
    json_auto_t *evc = fixture_json(criteria[_i].evc), *a = fixture_json(criteria[_i].a);

    ck_assert_msg(criteria_hold(evc, a) == criteria[_i].holds, "%s", criteria[_i].name);
    ck_assert(!criteria_hold(evc, NULL));
}
END_TEST

#define IS(value) "'evc':{'optr':1,'sbjt':'x','thld':" #value "}"
#define ENOUGH(value) "{'sfc':true," IS(value) "}"
#define NEEDED(value) "{'sfc':false," IS(value) "}"

/* Each dependency looks at a resource whose x is 1. */
static const struct {
    const char *name, *list, *attributes;
    bool hold;
} dependencies[] = {
    {"none",                              "[]",                            "[]",                true },
    {"needed",                            "[" NEEDED(1) "]",               "[{'x':1}]",         true },
    {"needed and not so",                 "[" NEEDED(0) "]",               "[{'x':1}]",         false},
    {"all needed",                        "[" NEEDED(1) "," NEEDED(1) "]", "[{'x':1},{'x':1}]", true },
    {"one of those needed is not so",     "[" NEEDED(1) "," NEEDED(0) "]", "[{'x':1},{'x':1}]", false},
    {"enough",                            "[" ENOUGH(1) "," NEEDED(0) "]", "[{'x':1},{'x':1}]", true },
    {"needed comes first",                "[" NEEDED(0) "," ENOUGH(1) "]", "[{'x':1},{'x':1}]", false},
    {"not enough, but all needed are so", "[" ENOUGH(0) "," NEEDED(1) "]", "[{'x':1},{'x':1}]", true },
    {"nothing is enough",                 "[" ENOUGH(0) "," ENOUGH(0) "]", "[{'x':1},{'x':1}]", false},
    {"what is gone is passed over",       "[" NEEDED(1) "," NEEDED(1) "]", "[null,{'x':1}]",    true },
    {"all are gone",                      "[" NEEDED(1) "]",               "[null]",            false},
};

START_TEST(dependency)
{
    json_auto_t *list = fixture_json(dependencies[_i].list), *a = fixture_json(dependencies[_i].attributes);

    ck_assert_msg(criteria_dependencies(list, a) == dependencies[_i].hold, "%s", dependencies[_i].name);
}
END_TEST

static const struct {
    const char *name, *conditions, *subjects;
    bool hold;
} conditions[] = {
    {"none",              NULL,                                            "{}",                        true },
    {"one",               "[{'sri':'a'," IS(1) "}]",                       "{'a':{'x':1}}",             true },
    {"all",               "[{'sri':'a'," IS(1) "},{'sri':'b'," IS(2) "}]", "{'a':{'x':1},'b':{'x':2}}", true },
    {"one does not hold", "[{'sri':'a'," IS(1) "},{'sri':'b'," IS(2) "}]", "{'a':{'x':1},'b':{'x':1}}", false},
    {"one is gone",       "[{'sri':'a'," IS(1) "}]",                       "{'a':null}",                false},
};

START_TEST(condition)
{
    json_auto_t *list = fixture_json(conditions[_i].conditions), *subjects = fixture_json(conditions[_i].subjects);

    ck_assert_msg(criteria_conditions(list, subjects) == conditions[_i].hold, "%s", conditions[_i].name);
}
END_TEST

#define NOW 1000000

static const struct {
    const char *name;
    enum eval_mode evm;
    int64_t ecp;
    struct run run;
    enum turn turn;
    int64_t when;
} turns[] = {
    {"off",                       EVAL_OFF,        0,    {0},                TURN_NEVER, 0         },
    {"once",                      EVAL_ONCE,       0,    {0},                TURN_NOW,   0         },
    {"once is over",              EVAL_ONCE,       0,    {1, NOW, 0},        TURN_NEVER, 0         },
    {"three times: two are done", EVAL_CONTINUOUS, 3,    {2, NOW, 0},        TURN_NOW,   0         },
    {"three times: all are done", EVAL_CONTINUOUS, 3,    {3, NOW, 0},        TURN_NEVER, 0         },
    {"first of its period",       EVAL_PERIODIC,   5000, {0},                TURN_NOW,   0         },
    {"second in its period",      EVAL_PERIODIC,   5000, {1, NOW - 1, 0},    TURN_LATER, NOW + 4999},
    {"next period",               EVAL_PERIODIC,   5000, {1, NOW - 5000, 0}, TURN_NOW,   0         },
    {"the clock was set back",    EVAL_PERIODIC,   5000, {1, NOW + 9000, 0}, TURN_NOW,   0         },
};

START_TEST(turn)
{
    int64_t when = 0;

    ck_assert_msg(action_turn(turns[_i].evm, turns[_i].ecp, &turns[_i].run, NOW, &when) == turns[_i].turn, "%s", turns[_i].name);
    ck_assert_msg(when == turns[_i].when, "%s: when", turns[_i].name);
}
END_TEST

START_TEST(order)
{
    ck_assert_int_lt(action_order(1, "20260102T000000", 2, "20260101T000000"), 0);
    ck_assert_int_gt(action_order(0, "20260101T000000", 9, "20260102T000000"), 0);
    ck_assert_int_lt(action_order(0, "20260101T000000", 0, "20260102T000000"), 0);
    ck_assert_int_eq(action_order(3, "20260101T000000", 3, "20260101T000000"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("criteria");
    TCase *tcase = tcase_create("criteria");

    tcase_add_loop_test(tcase, criterion, 0, ARRAY_LEN(criteria));
    tcase_add_loop_test(tcase, dependency, 0, ARRAY_LEN(dependencies));
    tcase_add_loop_test(tcase, condition, 0, ARRAY_LEN(conditions));
    tcase_add_loop_test(tcase, turn, 0, ARRAY_LEN(turns));
    tcase_add_test(tcase, order);
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
