/* Advanced queries: what they match, and what is none. */
#include "advanced_query.h"
#include "mem.h"

#include <check.h>

static const char attributes[] =
    "{\"rn\":\"cnt1\",\"con\":\"21.5\",\"cs\":4,\"ok\":true,\"lbl\":[\"a\",\"hall\"],\"o\":{\"x\":1}}";

static const struct {
    const char *name, *query;
    bool matches;
} cases[] = {
    {"equal",                 "(== rn \"cnt1\")",                                   true },
    {"blanks",                " ( ==  rn\t\"cnt1\" ) ",                             true },
    {"unequal",               "(!= rn \"cnt2\")",                                   true },
    {"texts by their order",  "(< rn \"cnt2\")",                                    true },
    {"number",                "(>= cs 4)",                                          true },
    {"real",                  "(> cs 3.5)",                                         true },
    {"less",                  "(< cs 4)",                                           false},
    {"not greater",           "(<= cs 4)",                                          true },
    {"text of a number",      "(> con 20)",                                         true },
    {"text of a number, not", "(> con 22)",                                         false},
    {"no number",             "(> rn 20)",                                          false},
    {"boolean",               "(== ok true)",                                       true },
    {"false",                 "(== ok false)",                                      false},
    {"one of a list",         "(== lbl \"hall\")",                                  true },
    {"none of a list",        "(== lbl \"x\")",                                     false},
    {"absent",                "(!= mni 4)",                                         false},
    {"other kind",            "(== o 1)",                                           false},
    {"and",                   "(and (== rn \"cnt1\") (> cs 3))",                    true },
    {"and, not both",         "(&& (== rn \"cnt1\") (> cs 5))",                     false},
    {"or",                    "(or (== rn \"x\") (> cs 3))",                        true },
    {"or, neither",           "(|| (== rn \"x\") (> cs 5))",                        false},
    {"not",                   "(not (== rn \"x\"))",                                true },
    {"not, short",            "(! (== rn \"cnt1\"))",                               false},
    {"nested",                "(and (or (== cs 1) (== cs 4)) (not (== ok false)))", true },
    {"quotes",                "(== rn \"a\\\"b\")",                                 false},
};

static const char *const malformed[] = {
    "",
    "rn",
    "(",
    "()",
    "(== rn)",
    "(== rn \"x)",
    "(== rn x)",
    "(= rn 1)",
    "(== rn 1",
    "(== rn 1) x",
    "(== rn 1)(== rn 2)",
    "(and)",
    "(not (== a 1) (== b 2))",
    "(== \"rn\" 1)",
    "(== rn null)",
    "(== rn [1])",
    "(and (== rn 1)",
    "(== rn 1 2)",
    "(== rn \"\\x\")",
    "(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(== a 1))))))))))))))))))",
};

START_TEST(test_match)
{
    json_auto_t *a = json_loads(attributes, 0, NULL);
    char why[128] = "";
    struct advanced_query *query = advanced_query_new(cases[_i].query, why, sizeof why);

    ck_assert_msg(query != NULL, "%s: %s", cases[_i].name, why);
    ck_assert_msg(advanced_query_matches(query, a) == cases[_i].matches, "%s", cases[_i].name);
    advanced_query_free(query);
}
END_TEST

START_TEST(test_malformed)
{
    char why[128] = "", *text;
    json_t *criteria;

    for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
        ck_assert_msg(!advanced_query_new(malformed[i], why, sizeof why), "%s", malformed[i]);
        ck_assert_msg(*why != '\0', "%s", malformed[i]);
    }
    text = xmalloc(ADVANCED_QUERY_MAX + 2);
    memset(text, ' ', ADVANCED_QUERY_MAX + 1);
    text[ADVANCED_QUERY_MAX + 1] = '\0';
    ck_assert_ptr_null(advanced_query_new(text, why, sizeof why));
    free(text);
    criteria = json_pack("{ss}", "aq", "x");
    ck_assert_ptr_null(advanced_query_of(criteria, why, sizeof why));
    ck_assert_msg(strncmp(why, "aq: ", 4) == 0, "%s", why);
    ck_assert_ptr_null(advanced_query_of(NULL, why, sizeof why));
    ck_assert_str_eq(why, "");
    json_decref(criteria);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("advanced_query");
    TCase *tests = tcase_create("advanced_query");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, test_match, 0, ARRAY_LEN(cases));
    tcase_add_test(tests, test_malformed);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
