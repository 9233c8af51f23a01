/* Which connections are too slow. */
#include "connection.h"

#include <check.h>

#include "mem.h"

#define SECOND INT64_C(1000000)
#define TIMEOUT 30

static const struct {
    const char *name;
    enum phase phase;
    size_t bytes;
    int64_t seconds; /* that the phase has lasted */
    bool slow;
} cases[] = {
    {"just come",              PHASE_IDLE,      0,           0,     false},
    {"within twice the limit", PHASE_IDLE,      0,           60,    false},
    {"idle too long",          PHASE_IDLE,      0,           61,    true },
    {"a handshake",            PHASE_HANDSHAKE, 0,           30,    false},
    {"a handshake, too slow",  PHASE_HANDSHAKE, 0,           31,    true },
    {"a trickle",              PHASE_RECEIVING, 100,         61,    true },
    {"a long body",            PHASE_RECEIVING, 1024 * 100,  160,   false},
    {"a long body, too slow",  PHASE_RECEIVING, 1024 * 100,  161,   true },
    {"does not read",          PHASE_SENDING,   1000,        61,    true },
    {"a long answer",          PHASE_SENDING,   1024 * 1000, 1000,  false},
    {"work has its own limit", PHASE_WORKING,   0,           86400, false},
};

START_TEST(too_slow)
{
    struct connection c = {.phase = cases[_i].phase, .bytes = cases[_i].bytes, .since = 5 * SECOND};

    ck_assert_msg(connection_too_slow(&c, (5 + cases[_i].seconds) * SECOND, TIMEOUT) == cases[_i].slow, "%s", cases[_i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connection");
    TCase *tests = tcase_create("connection");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, too_slow, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
