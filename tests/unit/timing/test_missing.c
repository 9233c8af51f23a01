/* Which data points are missing, and whom to tell. Clocks are given. */
#include "fixture.h"
#include "missing.h"

enum { PEI = 1000, PEID = 200, MDT = 500, T0 = 1000000 };

#define POINTS 8
#define NONE INT64_MIN

/* Points by their dgt behind T0, in the order in which they are stored; then the clock. */
static const struct {
    const char *name;
    int64_t stored[POINTS], now, missing[POINTS];
    int64_t due; /* behind T0 */
} cases[] = {
    {"nothing before the first point",            {NONE},                            90000,      {NONE},                                              NONE      },
    {"the first point alone, not yet due",        {0, NONE},                         1499,       {NONE},                                              1500      },
    {"due to the ms",                             {0, NONE},                         1500,       {1000, NONE},                                        2500      },
    {"all there",                                 {0, 1000, 2000, NONE},             2600,       {NONE},                                              3500      },
    {"one between is missing",                    {0, 1000, 3000, NONE},             3600,       {2000, NONE},                                        4500      },
    {"early and late within the tolerance",       {0, 800, 2200, NONE},              2600,       {NONE},                                              3500      },
    {"outside the tolerance is not the point",    {0, 799, 2201, NONE},              2600,       {1000, 2000, NONE},                                  3500      },
    {"out of order",                              {0, 3000, 2000, 1000, NONE},       3600,       {NONE},                                              4500      },
    {"the same point twice",                      {0, 1000, 1010, 1000, 2000, NONE}, 2600,       {NONE},                                              3500      },
    {"a point before the first one is none",      {0, -1000, -2500, NONE},           1600,       {1000, NONE},                                        2500      },
    {"of many only the newest four",              {0, NONE},                         10600,      {7000, 8000, 9000, 10000, NONE},                     11500     },
    {"many passed over, some of them were there", {0, 9000, 8000, 2000, NONE},       10600,      {5000, 6000, 7000, 10000, NONE},                     11500     },
    {"from long ago",                             {0, NONE},                         1000000600, {999997000, 999998000, 999999000, 1000000000, NONE}, 1000001500},
};

START_TEST(detection)
{
    struct detection d;
    int64_t out[4];
    int count, want = 0;

    missing_init(&d, PEI, PEID, MDT);
    for (int i = 0; cases[_i].stored[i] != NONE; i++)
        ck_assert_msg(missing_stored(&d, T0 + cases[_i].stored[i]) == (i == 0), "%s: start", cases[_i].name);
    count = missing_settle(&d, T0 + cases[_i].now, out, ARRAY_LEN(out));
    while (cases[_i].missing[want] != NONE)
        want++;
    ck_assert_msg(count == want, "%s: %d missing, not %d", cases[_i].name, count, want);
    for (int i = 0; i < count; i++)
        ck_assert_msg(out[i] == T0 + cases[_i].missing[i], "%s: %d is %lld", cases[_i].name, i, (long long)out[i] - T0);
    if (cases[_i].due == NONE)
        ck_assert_msg(missing_due(&d) == INT64_MAX, "%s: due", cases[_i].name);
    else
        ck_assert_msg(missing_due(&d) == T0 + cases[_i].due, "%s: due %lld", cases[_i].name, (long long)missing_due(&d) - T0);
    missing_done(&d);
}
END_TEST

START_TEST(step_by_step)
{
    struct detection d;
    int64_t out[4];

    missing_init(&d, PEI, PEID, MDT);
    missing_stored(&d, T0);
    ck_assert_int_eq(missing_settle(&d, T0 + 1500, out, 4), 1);
    ck_assert_int_eq(missing_settle(&d, T0 + 1600, out, 4), 0);
    missing_stored(&d, T0 + 1000); /* too late: it stays missing */
    missing_stored(&d, T0 + 2100);
    ck_assert_int_eq(missing_settle(&d, T0 + 2600, out, 4), 0);
    ck_assert_int_eq(missing_settle(&d, T0 + 3500, out, 4), 1);
    ck_assert_int_eq(out[0], T0 + 3000);
    ck_assert_int_eq(missing_noticed(&d, out[0]), T0 + 3500);
    missing_done(&d);
}
END_TEST

START_TEST(resumed)
{
    struct detection d;
    int64_t out[4];

    missing_init(&d, PEI, PEID, MDT);
    missing_resume(&d, T0, 7);
    ck_assert(!missing_stored(&d, T0 + 8000));
    ck_assert_int_eq(missing_settle(&d, T0 + 9000, out, 4), 1);
    ck_assert_int_eq(out[0], T0 + 7000);
    missing_done(&d);
}
END_TEST

/* Far more points than are kept, the last ones first: the early ones count. */
START_TEST(many_early)
{
    struct detection d;
    int64_t out[4];

    missing_init(&d, PEI, PEID, MDT);
    missing_stored(&d, T0);
    for (int64_t n = 3000; n > 0; n--)
        missing_stored(&d, T0 + n * PEI);
    ck_assert_int_eq(d.early_count, MISSING_EARLY_MAX);
    ck_assert_int_eq(missing_settle(&d, T0 + (int64_t)MISSING_EARLY_MAX * PEI + MDT, out, 4), 0);
    ck_assert_int_eq(missing_settle(&d, T0 + (int64_t)(MISSING_EARLY_MAX + 1) * PEI + MDT, out, 4), 1);
    missing_done(&d);
}
END_TEST

static const struct {
    const char *name;
    int64_t num, dur, misses[POINTS];
    const char *told; /* one letter per miss */
} windows[] = {
    {"each one",                           1, 1000, {0, 100, 200, NONE},                    "yyy"   },
    {"from the third one on",              3, 1000, {0, 100, 200, 300, 999, NONE},          "nnyyy" },
    {"at its end the window is closed",    2, 1000, {0, 1000, 1500, 2000, NONE},            "nnyn"  },
    {"the next window begins with a miss", 2, 1000, {0, 500, 5000, 5900, 6100, 6200, NONE}, "nynyny"},
};

START_TEST(window_rule)
{
    struct window w = {.num = windows[_i].num, .dur = windows[_i].dur};

    for (int i = 0; windows[_i].misses[i] != NONE; i++)
        ck_assert_msg(window_miss(&w, T0 + windows[_i].misses[i]) == (windows[_i].told[i] == 'y'), "%s: miss %d",
                      windows[_i].name, i);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("missing");
    TCase *tcase = tcase_create("missing");

    tcase_add_loop_test(tcase, detection, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, step_by_step);
    tcase_add_test(tcase, resumed);
    tcase_add_test(tcase, many_early);
    tcase_add_loop_test(tcase, window_rule, 0, ARRAY_LEN(windows));
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
