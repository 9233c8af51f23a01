/* Time windows of crossResourceSubscriptions. */
#include "types/crs_window.h"

#include "mem.h"

#include <check.h>

struct step {
    size_t source;
    int64_t now;
    bool complete;
};

static const struct {
    const char *name;
    struct window w;
    size_t sources;
    struct step steps[6]; /* ended by now 0 */
} cases[] = {
    {"one source",      {WINDOW_PERIODIC, 10, 0},  1, {{0, 1, true}, {0, 2, true}}                                   },
    {"twice the same",  {WINDOW_PERIODIC, 100, 0}, 2, {{0, 1, false}, {0, 2, false}, {1, 3, true}}                   },
    {"anew after all",  {WINDOW_PERIODIC, 100, 0}, 2, {{0, 1, false}, {1, 2, true}, {1, 3, false}, {0, 4, true}}     },
    {"periodic border", {WINDOW_PERIODIC, 10, 5},  2, {{0, 14, false}, {1, 15, false}, {0, 24, true}}                },
    {"sliding border",  {WINDOW_SLIDING, 10, 0},   2, {{0, 14, false}, {1, 23, true}, {0, 30, false}, {1, 40, false}}},
    {"three",           {WINDOW_SLIDING, 10, 0},   3, {{2, 1, false}, {0, 2, false}, {1, 3, true}}                   },
};

START_TEST(test_window)
{
    json_auto_t *state = json_object();

    for (const struct step *step = cases[_i].steps; step->now; step++)
        ck_assert_msg(window_add(&cases[_i].w, state, step->source, cases[_i].sources, step->now) == step->complete,
                      "%s: at %lld", cases[_i].name, (long long)step->now);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crs_window");
    TCase *tcase = tcase_create("crs_window");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_window, 0, (int)ARRAY_LEN(cases));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
