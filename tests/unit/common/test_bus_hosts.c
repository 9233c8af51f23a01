/* The hosts of the broker: what a list means, and when which attempt follows. */
#include "bus_hosts.h"

#include "mem.h"
#include "str.h"

#include <check.h>

/* Columns: name of the case, text, what it means ("" = refused), written HOST PORT with ; between. */
static const struct {
    const char *name, *text, *expected;
} lists[] = {
    {"one",                     "127.0.0.1",                         "127.0.0.1 5672"      },
    {"three",                   "a,b,c",                             "a 5672;b 5672;c 5672"},
    {"blanks between",          " a , b ",                           "a 5672;b 5672"       },
    {"ports",                   "a:1,b,c:65535",                     "a 1;b 5672;c 65535"  },
    {"IPv6 alone",              "::1",                               "::1 5672"            },
    {"IPv6 in brackets",        "[::1],[fe80::2]:1",                 "::1 5672;fe80::2 1"  },
    {"nothing",                 "",                                  ""                    },
    {"commas only",             ",,",                                ""                    },
    {"no port behind a colon",  "a:",                                ""                    },
    {"port 0",                  "a:0",                               ""                    },
    {"port too large",          "a:65536",                           ""                    },
    {"port with letters",       "a:56x",                             ""                    },
    {"no host",                 ":5672",                             ""                    },
    {"bracket not closed",      "[::1,b",                            ""                    },
    {"something after bracket", "[::1]x",                            ""                    },
    {"seventeen",               "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a", ""                    },
};

START_TEST(test_list)
{
    struct bus_host hosts[HOSTS_MAX];
    auto_str struct str got = STR_EMPTY;
    char why[200] = "";
    int n = hosts_parse(lists[_i].text, 5672, hosts, why, sizeof why);

    for (int i = 0; i < n; i++)
        str_addf(&got, "%s%s %d", i ? ";" : "", hosts[i].name, hosts[i].port);
    ck_assert_msg(strcmp(str_text(&got), lists[_i].expected) == 0, "%s: got \"%s\"", lists[_i].name, str_text(&got));
    ck_assert_msg((n < 0) == (*why != '\0'), "%s: why \"%s\"", lists[_i].name, why);
}
END_TEST

/* Columns: name of the case, attempt, hosts, least and longest wait in ms. */
static const struct {
    const char *name;
    int attempt, count, least, longest;
} waits[] = {
    {"one host, first",              0,   1, 25,  50  },
    {"one host, second",             1,   1, 50,  100 },
    {"one host, third",              2,   1, 100, 200 },
    {"one host, stays away",         200, 1, 500, 1000},
    {"three hosts, the next one",    0,   3, 0,   20  },
    {"three hosts, the last one",    1,   3, 0,   20  },
    {"three hosts, the first again", 2,   3, 25,  50  },
    {"three hosts, all away",        9,   3, 100, 200 },
    {"three hosts, for long",        200, 3, 167, 333 },
};

START_TEST(test_wait)
{
    int least = hosts_delay(waits[_i].attempt, waits[_i].count, 0),
        longest = hosts_delay(waits[_i].attempt, waits[_i].count, 0.9999);

    ck_assert_msg(least == waits[_i].least, "%s: %d ms at least", waits[_i].name, least);
    ck_assert_msg(longest <= waits[_i].longest && longest >= waits[_i].longest - 1, "%s: %d ms at most", waits[_i].name, longest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bus_hosts");
    TCase *tc = tcase_create("bus_hosts");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_list, 0, ARRAY_LEN(lists));
    tcase_add_loop_test(tc, test_wait, 0, ARRAY_LEN(waits));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
