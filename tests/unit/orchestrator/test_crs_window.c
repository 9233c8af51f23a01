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

/* Periodic windows of 10 from 0 on: which of two sources notify in the one that ends at 20, and what it is worth. */
static const struct {
    const char *name;
    size_t fired; /* 0, 1 or 2 of them */
    bool missing, all_missing, part;
} endings[] = {
    {"none", 0, true,  true,  false},
    {"one",  1, true,  false, true },
    {"both", 2, false, false, false},
};

static bool ending(size_t fired, enum window_mode mode)
{
    const struct window w = {WINDOW_PERIODIC, 10, 0};
    json_auto_t *state = json_object();
    bool worth;

    for (size_t source = 0; source < fired; source++)
        window_add(&w, state, source, SIZE_MAX, 12);
    ck_assert(window_end(&w, state) == (fired > 0 ? 20 : 0));
    worth = window_close(&w, state, mode, 2, 20);
    ck_assert_msg(!window_close(&w, state, mode, 2, 20), "looked at twice");
    ck_assert(window_end(&w, state) == 0);
    return worth;
}

START_TEST(test_modes)
{
    ck_assert_msg(ending(endings[_i].fired, MODE_SOME_MISSING) == endings[_i].missing, "%s", endings[_i].name);
    ck_assert_msg(ending(endings[_i].fired, MODE_ALL_MISSING) == endings[_i].all_missing, "%s", endings[_i].name);
    ck_assert_msg(ending(endings[_i].fired, MODE_PART_MISSING) == endings[_i].part, "%s", endings[_i].name);
}
END_TEST

START_TEST(test_first)
{
    const struct window w = {WINDOW_PERIODIC, 10, 5};
    json_auto_t *state = json_object();

    ck_assert(window_first(&w, state, 1, 6));
    ck_assert(!window_first(&w, state, 0, 14));
    ck_assert(window_first(&w, state, 0, 15));
    ck_assert(window_last(&w, 14) == 0 && window_last(&w, 15) == 15 && window_last(&w, 24) == 15);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crs_window");
    TCase *tcase = tcase_create("crs_window");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_window, 0, (int)ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, test_modes, 0, (int)ARRAY_LEN(endings));
    tcase_add_test(tcase, test_first);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
