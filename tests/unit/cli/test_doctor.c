/* Lines of the log, values of settings and metrics: what `logs` and `doctor` decide. */
#include "doctor.h"
#include "logs.h"

#include <check.h>

#include "mem.h"

#define NOW INT64_C(1795291200000) /* 2026-11-21T20:00:00Z */

static const struct {
    const char *text, *since; /* NULL: refused */
} moments[] = {
    {"10m",                   "2026-11-21T19:50:00.000Z"},
    {"90s",                   "2026-11-21T19:58:30.000Z"},
    {"2h",                    "2026-11-21T18:00:00.000Z"},
    {"3d",                    "2026-11-18T20:00:00.000Z"},
    {"0s",                    "2026-11-21T20:00:00.000Z"},
    {"19:00",                 "2026-11-21T19:00"        },
    {"19:00:05",              "2026-11-21T19:00:05"     },
    {"2026-11-20",            "2026-11-20"              },
    {"2026-11-20T08:30",      "2026-11-20T08:30"        },
    {"2026-11-20T08:30:01",   "2026-11-20T08:30:01"     },
    {"",                      NULL                      },
    {"10",                    NULL                      },
    {"10x",                   NULL                      },
    {"10mm",                  NULL                      },
    {"-10m",                  NULL                      },
    {"2026-11",               NULL                      },
    {"yesterday",             NULL                      },
    {"1a:00",                 NULL                      },
    {"99999999999999999999d", NULL                      },
};

START_TEST(since)
{
    char out[40] = "";
    int result = logs_since(moments[_i].text, NOW, out, sizeof out);

    ck_assert_msg((result == 0) == (moments[_i].since != NULL), "%s: %s", moments[_i].text, out);
    if (result == 0)
        ck_assert_str_eq(out, moments[_i].since);
}
END_TEST

#define LINE                                                                                                                     \
    "{\"t\":\"2026-11-21T20:00:00.123Z\",\"level\":\"warn\",\"service\":\"http.1\",\"event\":\"x.y\",\"rqi\":\"7\",\"why\":\"a " \
    "b\",\"ms\":1.5}"

static const struct {
    const char *name;
    struct logs_filter filter;
    const char *line;
    bool raw;
    const char *shown; /* NULL: not wanted */
} lines[] = {
    {"for people",                      {0},                           LINE,        false, "2026-11-21 20:00:00.123 warn  http.1          x.y rqi=7 why=\"a b\" ms=1.5\n"},
    {"raw",                             {0},                           LINE,        true,  LINE "\n"                                                                     },
    {"its service",                     {.service = "http"},           LINE,        true,  LINE "\n"                                                                     },
    {"its instance",                    {.service = "http.1"},         LINE,        true,  LINE "\n"                                                                     },
    {"another",                         {.service = "http.2"},         LINE,        true,  NULL                                                                          },
    {"a level that it has",             {.level = 2},                  LINE,        true,  LINE "\n"                                                                     },
    {"a level that it has not",         {.level = 3},                  LINE,        true,  NULL                                                                          },
    {"its trace",                       {.trace = "\"7\""},            LINE,        true,  LINE "\n"                                                                     },
    {"another trace",                   {.trace = "8888"},             LINE,        true,  NULL                                                                          },
    {"since before",                    {.since = "2026-11-21T20:00"}, LINE,        true,  LINE "\n"                                                                     },
    {"since later",                     {.since = "2026-11-21T20:01"}, LINE,        true,  NULL                                                                          },
    {"no JSON",                         {0},                           "hello",     false, "hello\n"                                                                     },
    {"no JSON, by service",             {.service = "http"},           "hello",     false, NULL                                                                          },
    {"broken JSON",                     {0},                           "{\"t\":",   false, "{\"t\":\n"                                                                   },
    {"without a level",                 {0},                           "{\"a\":1}", false, "?  ?     ?               ? a=1\n"                                            },
    {"control characters stay escaped",
     {0},
     "{\"event\":\"e\",\"a\":\"\\u001b[31m\"}",                                     false,
     "?  ?     ?               e a=\"\\u001b[31m\"\n"                                                                                                                    },
};

START_TEST(line)
{
    auto_str struct str out = STR_EMPTY;
    bool wanted = logs_line(&out, &lines[_i].filter, lines[_i].line, strlen(lines[_i].line), lines[_i].raw, false);

    ck_assert_msg(wanted == (lines[_i].shown != NULL), "%s", lines[_i].name);
    if (wanted)
        ck_assert_msg(strcmp(str_text(&out), lines[_i].shown) == 0, "%s: %s", lines[_i].name, str_text(&out));
}
END_TEST

static const struct {
    const char *row, *value;
    const char *why; /* NULL: fine */
} settings[] = {
    {"a.b\tTESSERA_A_B\tint\t5\t1\t10\thelp",     "5",                    NULL               },
    {"a.b\tTESSERA_A_B\tint\t5\t1\t10\thelp",     "0",                    "from 1 to 10"     },
    {"a.b\tTESSERA_A_B\tint\t5\t1\t10\thelp",     "5x",                   "whole number"     },
    {"a.b\tTESSERA_A_B\tint\t5\t1\t10\thelp",     "",                     "whole number"     },
    {"a.b\tTESSERA_A_B\tint\t5\t1\t10\thelp",     " 5",                   "whole number"     },
    {"a.b\tTESSERA_A_B\tint\t5\t1\t10\thelp",     "99999999999999999999", "whole number"     },
    {"a.b\tTESSERA_A_B\tbool\tfalse\t0\t0\thelp", "Yes",                  NULL               },
    {"a.b\tTESSERA_A_B\tbool\tfalse\t0\t0\thelp", "maybe",                "true or false"    },
    {"a.b\tTESSERA_A_B\ttext\t\t0\t0\thelp",      "anything",             NULL               },
    {"a.b\tTESSERA_A_B\ttext\t\t2\t3\thelp",      "four",                 "2 to 3"           },
    {"a.b\tTESSERA_A_B\tsecret\t\t0\t0\thelp",    "word",                 NULL               },
    {"a.b\tTESSERA_A_B\tsecret\t\t0\t0\thelp",    "@/nowhere/at/all",     "/nowhere/at/all: "},
};

START_TEST(setting)
{
    auto_free char *why = setting_wrong(settings[_i].row, settings[_i].value);

    if (settings[_i].why)
        ck_assert_msg(why && strstr(why, settings[_i].why), "\"%s\": %s", settings[_i].value, why ? why : "fine");
    else
        ck_assert_msg(!why, "\"%s\": %s", settings[_i].value, why);
}
END_TEST

START_TEST(largest)
{
    static const char text[] = "# HELP a_b x\na_b{q=\"x\"} 5\na_b{q=\"y\"} 7.5\na_bc 100\nother 3\nbad{ 9\n";
    double value = 0;

    ck_assert(metric_largest(text, "a_b", &value) && value == 7.5);
    ck_assert(metric_largest(text, "other", &value) && value == 3);
    ck_assert(!metric_largest(text, "a", &value));
    ck_assert(!metric_largest(text, "bad", &value));
    ck_assert(!metric_largest("", "a_b", &value));
}
END_TEST

START_TEST(certificates)
{
    static const char text[] =
        "# HELP tessera_certificate_expiry_seconds Time\n"
        "tessera_certificate_expiry_seconds{setting=\"tls.certificate\",name=\"a \\\"b\\\"\"} 86400\n"
        "tessera_certificate_refused{setting=\"tls.certificate\"} 0\n"
        "tessera_certificate_expiry_seconds{setting=\"tls.certificate\",name=\"a \\\"b\\\"\"} -5\n" /* another process */
        "tessera_certificate_expiry_seconds{setting=\"tls.ca\",name=\"a \\\"b\\\"\"} 7\n"
        "tessera_certificate_refused{setting=\"tls.ca\"} 1\n"
        "tessera_certificate_expiry_seconds_total 1\n"
        "tessera_certificate_expiry_seconds{";
    struct told_certificate told[3];

    ck_assert_int_eq(certificates_told("", told, 3), 0);
    ck_assert_int_eq(certificates_told(text, told, 1), 1);
    ck_assert_int_eq(certificates_told(text, told, 3), 3);
    ck_assert_str_eq(told[0].setting, "tls.certificate");
    ck_assert_str_eq(told[0].name, "a \"b\"");
    ck_assert(told[0].seconds == -5 && !told[0].refused);
    ck_assert_str_eq(told[1].setting, "tls.ca");
    ck_assert(told[1].seconds == 7 && !told[1].refused);
    ck_assert(strcmp(told[2].setting, "tls.ca") == 0 && told[2].refused);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");
    TCase *tests = tcase_create("doctor");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, since, 0, ARRAY_LEN(moments));
    tcase_add_loop_test(tests, line, 0, ARRAY_LEN(lines));
    tcase_add_loop_test(tests, setting, 0, ARRAY_LEN(settings));
    tcase_add_test(tests, largest);
    tcase_add_test(tests, certificates);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
