/* What is to run, from its setting. */
#include "child.h"
#include "fleet.h"

#include <check.h>

#include "mem.h"

static const struct {
    const char *text;
    int count;        /* -1: refused */
    const char *last; /* the last entry; or what the reason has */
    int instances;
} cases[] = {
    {"",                                   0,  NULL,                  0 },
    {"storage=1",                          1,  "storage",             1 },
    {"storage=1 http=2",                   2,  "http",                2 },
    {" storage=1,, http=16 ",              2,  "http",                16},
    {"fault-detection=0",                  1,  "fault-detection",     0 },
    {"storage",                            -1, "expected NAME=COUNT", 0 },
    {"=1",                                 -1, "expected NAME=COUNT", 0 },
    {"Storage=1",                          -1, "expected NAME=COUNT", 0 },
    {"../storage=1",                       -1, "expected NAME=COUNT", 0 },
    {"a=1 b=1 c=1 d=1 e=1",                -1, "expected NAME=COUNT", 0 },
    {"storage=",                           -1, "0 to 16",             0 },
    {"storage=17",                         -1, "0 to 16",             0 },
    {"storage=-1",                         -1, "0 to 16",             0 },
    {"storage=1x",                         -1, "0 to 16",             0 },
    {"storage=99999999999999999999",       -1, "0 to 16",             0 },
    {"abcdefghijklmnopqrstuvwxyzabcdef=1", -1, "expected NAME=COUNT", 0 },
};

START_TEST(parse)
{
    struct fleet_entry entries[4];
    char why[100] = "";
    int count = fleet_parse(cases[_i].text, entries, ARRAY_LEN(entries), why, sizeof why);

    ck_assert_msg(count == cases[_i].count, "%s: %d", cases[_i].text, count);
    if (count < 0) {
        ck_assert_msg(strstr(why, cases[_i].last) != NULL, "%s: %s", cases[_i].text, why);
    } else if (count > 0) {
        ck_assert_str_eq(entries[count - 1].service, cases[_i].last);
        ck_assert_int_eq(entries[count - 1].instances, cases[_i].instances);
    }
}
END_TEST

static const struct {
    enum child_state before;
    const char *why; /* NULL: healthy */
    enum child_state after;
    const char *says;
} healths[] = {
    {CHILD_STARTING, "not yet",            CHILD_STARTING, "not yet"  },
    {CHILD_STARTING, NULL,                 CHILD_HEALTHY,  NULL       },
    {CHILD_STARTING, "degraded: no cloud", CHILD_DEGRADED, "no cloud" },
    {CHILD_HEALTHY,  "degraded: no cloud", CHILD_DEGRADED, "no cloud" },
    {CHILD_HEALTHY,  "no broker",          CHILD_SICK,     "no broker"},
    {CHILD_DEGRADED, NULL,                 CHILD_HEALTHY,  NULL       },
    {CHILD_DEGRADED, "no broker",          CHILD_SICK,     "no broker"},
    {CHILD_SICK,     "degraded: no cloud", CHILD_DEGRADED, "no cloud" },
    {CHILD_SICK,     "no broker",          CHILD_SICK,     "no broker"},
    {CHILD_STOPPING, NULL,                 CHILD_STOPPING, NULL       },
};

START_TEST(health)
{
    struct child *c = child_new("mqtt", "mqtt.1");

    c->state = healths[_i].before;
    child_set_health(c, !healths[_i].why, healths[_i].why);
    ck_assert_int_eq(c->state, healths[_i].after);
    ck_assert_pstr_eq(c->why, healths[_i].says);
    ck_assert_int_eq(child_is_up(c), c->state == CHILD_HEALTHY || c->state == CHILD_DEGRADED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fleet");
    TCase *tests = tcase_create("fleet");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, parse, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tests, health, 0, ARRAY_LEN(healths));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
