/* Names with `*` in them. */
#include "wildcard.h"

#include <check.h>

#include "mem.h"

static const struct {
    const char *pattern, *text;
    bool match, folded;
} cases[] = {
    {"*",     "",        true,  true },
    {"*",     "any",     true,  true },
    {"Cae",   "Cae",     true,  true },
    {"Cae",   "cAE",     false, true },
    {"Cae",   "Cae1",    false, false},
    {"C*e",   "Cabe",    true,  true },
    {"C*E",   "cabe",    false, true },
    {"C*e",   "Cabef",   false, false},
    {"*a*b*", "xxayybz", true,  true },
    {"*a*b",  "xxayybz", false, false},
    {"a*b*c", "aXbbXc",  true,  true },
    {"a*ab",  "aaab",    true,  true },
    {"a**",   "a",       true,  true },
    {"a*b",   "abc",     false, false},
    {"a",     "",        false, false},
    {"a",     "a*",      false, false},
    {"",      "",        true,  true },
    {"",      "x",       false, false},
};

START_TEST(matches)
{
    ck_assert_msg(wildcard_match(cases[_i].pattern, cases[_i].text, false) == cases[_i].match, "%s %s", cases[_i].pattern,
                  cases[_i].text);
    ck_assert_msg(wildcard_match(cases[_i].pattern, cases[_i].text, true) == cases[_i].folded, "%s %s, folded", cases[_i].pattern,
                  cases[_i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wildcard");
    TCase *tests = tcase_create("wildcard");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, matches, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
