/* Timestamps, durations and schedules. */
#include "clock.h"
#include "mem.h"

#include <check.h>

#define MS_2026 INT64_C(1795248062345) /* 20261121T080102,345 */

static const struct {
    const char *name, *text;
    int64_t ms; /* -1: refused */
} stamps[] = {
    {"without a fraction",      "20261121T080102",        MS_2026 - 345         },
    {"milliseconds",            "20261121T080102,345",    MS_2026               },
    {"point",                   "20261121T080102.345",    MS_2026               },
    {"microseconds",            "20261121T080102,345999", MS_2026               },
    {"one digit",               "20261121T080102,3",      MS_2026 - 45          },
    {"epoch",                   "19700101T000000",        0                     },
    {"leap day",                "20240229T000000",        INT64_C(1709164800000)},
    {"leap day of 2000",        "20000229T000000",        INT64_C(951782400000) },
    {"no leap day",             "20230229T000000",        -1                    },
    {"no leap day in 1900",     "19000229T000000",        -1                    },
    {"30 February",             "20240230T000000",        -1                    },
    {"31 April",                "20260431T000000",        -1                    },
    {"month 0",                 "20260001T000000",        -1                    },
    {"month 13",                "20261301T000000",        -1                    },
    {"day 0",                   "20260100T000000",        -1                    },
    {"hour 24",                 "20260101T240000",        -1                    },
    {"minute 60",               "20260101T006000",        -1                    },
    {"second 60",               "20260101T000060",        -1                    },
    {"year 0",                  "00000101T000000",        -1                    },
    {"empty",                   "",                       -1                    },
    {"short",                   "20261121T0801",          -1                    },
    {"no T",                    "20261121 080102",        -1                    },
    {"dashes",                  "2026-11-21T08:01:02",    -1                    },
    {"zone",                    "20261121T080102Z",       -1                    },
    {"empty fraction",          "20261121T080102,",       -1                    },
    {"letters in the fraction", "20261121T080102,3x",     -1                    },
    {"sign",                    "+0261121T080102",        -1                    },
};

START_TEST(test_parse)
{
    int64_t ms = -7;
    int rc = clock_parse(stamps[_i].text, &ms);

    ck_assert_msg((rc < 0) == (stamps[_i].ms == -1), "%s", stamps[_i].name);
    ck_assert_msg(ms == (rc < 0 ? -7 : stamps[_i].ms), "%s: %ld", stamps[_i].name, (long)ms);
}
END_TEST

START_TEST(test_format)
{
    char text[CLOCK_TEXT_SIZE];
    int64_t back;

    clock_format(MS_2026, text);
    ck_assert_str_eq(text, "20261121T080102,345");
    clock_format(-1, text);
    ck_assert_str_eq(text, "19691231T235959,999");
    clock_format(INT64_MAX, text);
    ck_assert_str_eq(text, "99991231T235959,999");
    clock_format(INT64_MIN, text);
    ck_assert_str_eq(text, "00010101T000000,000");
    /* Every day of 900 years comes back. */
    for (int64_t day = -100000; day < 230000; day++) {
        clock_format(day * 86400000 + 1, text);
        ck_assert_msg(clock_parse(text, &back) == 0 && back == day * 86400000 + 1, "%s", text);
    }
}
END_TEST

START_TEST(test_split)
{
    struct clock_date d;

    clock_split(MS_2026, &d);
    ck_assert_int_eq(d.weekday, 6); /* a Saturday */
    ck_assert_int_eq(d.day, 21);
    clock_split(-1, &d);
    ck_assert_int_eq(d.weekday, 3); /* a Wednesday */
}
END_TEST

static const struct {
    const char *name, *text;
    int64_t ms; /* -1: refused; now is 1000 */
} absrels[] = {
    {"relative",                          "5000",                 6000                   },
    {"plus",                              "+5000",                6000                   },
    {"minus",                             "-400",                 600                    },
    {"zero",                              "0",                    1000                   },
    {"absolute",                          "19700101T000001,5",    1500                   },
    {"digits as many as a timestamp has", "20261121080102",       INT64_C(20261121081102)},
    {"empty",                             "",                     -1                     },
    {"sign alone",                        "-",                    -1                     },
    {"two signs",                         "--5",                  -1                     },
    {"overflow",                          "9223372036854775807",  -1                     },
    {"beyond 64 bits",                    "99999999999999999999", -1                     },
    {"unit",                              "5s",                   -1                     },
};

START_TEST(test_absrel)
{
    int64_t ms = -1;
    int rc = clock_parse_absrel(absrels[_i].text, 1000, &ms);

    ck_assert_msg((rc < 0) == (absrels[_i].ms == -1) && ms == absrels[_i].ms, "%s: %ld", absrels[_i].name, (long)ms);
}
END_TEST

static const struct {
    const char *name, *text;
    int64_t us; /* -1: refused; now is 1000 ms */
} microseconds[] = {
    {"all six",                  "19700101T000001,000001",  1000001},
    {"further ones are dropped", "19700101T000001,0000019", 1000001},
    {"fewer",                    "19700101T000001.5",       1500000},
    {"none",                     "19700101T000001",         1000000},
    {"relative",                 "-400",                    600000 },
    {"overflow",                 "9223372036854775",        -1     },
    {"no time",                  "now",                     -1     },
};

START_TEST(test_us)
{
    int64_t us = -1;
    int rc = clock_parse_us(microseconds[_i].text, 1000, &us);

    ck_assert_msg((rc < 0) == (microseconds[_i].us == -1) && (rc < 0 || us == microseconds[_i].us), "%s: %ld",
                  microseconds[_i].name, (long)us);
}
END_TEST

static const struct {
    const char *text;
    int64_t ms;
} durations[] = {
    {"PT10S",                  10000                                                                            },
    {"PT0.5S",                 500                                                                              },
    {"PT1,25S",                1250                                                                             },
    {"PT1M",                   60000                                                                            },
    {"PT1H30M",                5400000                                                                          },
    {"P1D",                    86400000                                                                         },
    {"P1DT1S",                 86401000                                                                         },
    {"P1M",                    INT64_C(2592000000)                                                              },
    {"P1Y",                    INT64_C(31536000000)                                                             },
    {"P1Y2M3DT4H5M6.007S",     INT64_C(31536000000) + INT64_C(5184000000) + 259200000 + 14400000 + 300000 + 6007},
    {"P2W",                    1209600000                                                                       },
    {"PT0S",                   0                                                                                },
    {"",                       -1                                                                               },
    {"P",                      -1                                                                               },
    {"PT",                     -1                                                                               },
    {"P1DT",                   -1                                                                               },
    {"1D",                     -1                                                                               },
    {"P1",                     -1                                                                               },
    {"PD",                     -1                                                                               },
    {"PT1D",                   -1                                                                               },
    {"P1H",                    -1                                                                               },
    {"PT1S1M",                 -1                                                                               },
    {"PT1S1S",                 -1                                                                               },
    {"P1DT1HT1M",              -1                                                                               },
    {"P1.5D",                  -1                                                                               },
    {"PT.5S",                  -1                                                                               },
    {"PT1.S",                  -1                                                                               },
    {"-P1D",                   -1                                                                               },
    {"P-1D",                   -1                                                                               },
    {"P99999999999Y",          -1                                                                               },
    {"P99999999999999999999D", -1                                                                               },
    {"PT9223372036854775S",    INT64_C(9223372036854775000)                                                     },
    {"P1DT9223372036854775S",  -1                                                                               },
    {"PT1S ",                  -1                                                                               },
};

START_TEST(test_duration)
{
    int64_t ms = -1;
    int rc = clock_parse_duration(durations[_i].text, &ms);

    ck_assert_msg((rc < 0) == (durations[_i].ms == -1) && ms == durations[_i].ms, "%s: %ld", durations[_i].text, (long)ms);
}
END_TEST

static const struct {
    const char *entry;
    int result; /* -1 malformed, else does Saturday 20261121T080102 match? */
} schedules[] = {
    {"* * * * * * *",            1 },
    {"2 1 8 21 11 6 2026",       1 },
    {"3 1 8 21 11 6 2026",       0 },
    {"* * 8-17 * * * *",         1 },
    {"* * 9-17 * * * *",         0 },
    {"* * * * * 1-5 *",          0 },
    {"* * * * * 0,6 *",          1 },
    {"* * * * * 5-7 *",          1 },
    {"* * * * * 7 *",            0 },
    {"*/2 * * * * * *",          1 },
    {"1/2 * * * * * *",          0 },
    {"0-10/2,50 * * * * * *",    1 },
    {"0,1,3-59 * * * * * *",     0 },
    {"* * * * * * 2025-2027",    1 },
    {"* * * * * * 2030",         0 },
    {"  * *  * * * * * ",        1 },
    {"",                         -1},
    {"* * * * * *",              -1},
    {"* * * * * * * *",          -1},
    {"60 * * * * * *",           -1},
    {"* 60 * * * * *",           -1},
    {"* * 24 * * * *",           -1},
    {"* * * 0 * * *",            -1},
    {"* * * 32 * * *",           -1},
    {"* * * * 13 * *",           -1},
    {"* * * * * 8 *",            -1},
    {"* * * * * * 1969",         -1},
    {"* * * * * * 10000",        -1},
    {"5-1 * * * * * *",          -1},
    {"*/0 * * * * * *",          -1},
    {"*/ * * * * * *",           -1},
    {", * * * * * *",            -1},
    {"1, * * * * * *",           -1},
    {"1- * * * * * *",           -1},
    {"-1 * * * * * *",           -1},
    {"** * * * * * *",           -1},
    {"a * * * * * *",            -1},
    {"* * * * MON * *",          -1},
    {"999999999999 * * * * * *", -1},
};

START_TEST(test_schedule)
{
    const char *entry = schedules[_i].entry;

    ck_assert_msg(clock_schedule_valid(entry) == (schedules[_i].result >= 0), "%s", entry);
    ck_assert_msg(clock_schedule_matches(entry, MS_2026) == (schedules[_i].result == 1), "%s", entry);
}
END_TEST

START_TEST(test_sunday)
{
    int64_t sunday = MS_2026 + 86400000;

    ck_assert(clock_schedule_matches("* * * * * 0 *", sunday));
    ck_assert(clock_schedule_matches("* * * * * 7 *", sunday));
    ck_assert(clock_schedule_matches("* * * * * 6-7 *", sunday));
    ck_assert(!clock_schedule_matches("* * * * * 1-6 *", sunday));
}
END_TEST

START_TEST(test_clocks)
{
    int64_t wall = clock_now_ms(), mono = clock_mono_us();

    ck_assert_int_gt(wall, INT64_C(1700000000000));
    ck_assert_int_ge(clock_mono_us(), mono);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");
    TCase *tests = tcase_create("clock");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, test_parse, 0, ARRAY_LEN(stamps));
    tcase_add_test(tests, test_format);
    tcase_add_test(tests, test_split);
    tcase_add_loop_test(tests, test_absrel, 0, ARRAY_LEN(absrels));
    tcase_add_loop_test(tests, test_us, 0, ARRAY_LEN(microseconds));
    tcase_add_loop_test(tests, test_duration, 0, ARRAY_LEN(durations));
    tcase_add_loop_test(tests, test_schedule, 0, ARRAY_LEN(schedules));
    tcase_add_test(tests, test_sunday);
    tcase_add_test(tests, test_clocks);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
