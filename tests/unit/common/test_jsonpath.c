/* The subset of JSONPath that contents are filtered by. */
#include "jsonpath.h"

#include "json.h"

#include <check.h>

#include "mem.h"

static const char document[] =
    "{\"temp\":21.5,\"unit\":\"C\",\"on\":true,\"none\":null,\"a b\":{\"x-y\":1},\"list\":[1,2,3],"
    "\"rooms\":[{\"name\":\"hall\",\"temp\":15,\"doors\":[1,2]},{\"name\":\"kitchen\",\"temp\":21,\"max\":25}],\"\\u00e9\":1}";

static const struct {
    const char *path;
    bool matches;
} cases[] = {
    {"$",                                                    true },
    {" $ ",                                                  true },
    {"$.temp",                                               true },
    {"$.none",                                               true },
    {"$.nothing",                                            false},
    {"$.temp.x",                                             false},
    {"$['temp']",                                            true },
    {"$[\"a b\"].x-y",                                       true },
    {"$['a b']['x-y']",                                      true },
    {"$.\xC3\xA9",                                           true },
    {"$.list[0]",                                            true },
    {"$.list[2]",                                            true },
    {"$.list[3]",                                            false},
    {"$.list[-1]",                                           true },
    {"$.list[-3]",                                           true },
    {"$.list[-4]",                                           false},
    {"$.list.0",                                             false},
    {"$[0]",                                                 false},
    {"$.*",                                                  true },
    {"$.*.name",                                             false},
    {"$.rooms[*].name",                                      true },
    {"$.rooms[*].doors[1]",                                  true },
    {"$.rooms[*].doors[2]",                                  false},
    {"$.*[*].max",                                           true },
    {"$.temp[*]",                                            false},
    {"$.list[?@ > 2]",                                       true },
    {"$.list[?(@ > 3)]",                                     false},
    {"$.rooms[?(@.temp > 20)]",                              true },
    {"$.rooms[?(@.temp>20)].max",                            true },
    {"$.rooms[?(@.temp<20)].max",                            false},
    {"$.rooms[?(@.temp >= 15 && @.temp <= 15)].name",        true },
    {"$.rooms[?(@.name == 'hall')]",                         true },
    {"$.rooms[?(@.name == \"attic\")]",                      false},
    {"$.rooms[?(@.name != 'hall')].max",                     true },
    {"$.rooms[?(@.max)]",                                    true },
    {"$.rooms[?(!@.max)].doors",                             true },
    {"$.rooms[?(!@.max && @.temp == 21)]",                   false},
    {"$.rooms[?(@.name == 'x' || @.temp == 15)]",            true },
    {"$.rooms[?((@.name == 'x' || @.temp == 15) && @.max)]", false},
    {"$.rooms[?(@.temp == $.list[0])]",                      false},
    {"$.rooms[?(@.doors[1] == $.list[1])]",                  true },
    {"$[?(@ == 21.5)]",                                      true },
    {"$[?(@ == true)]",                                      true },
    {"$[?(@ == null)]",                                      true },
    {"$[?(@ == false)]",                                     false},
    {"$[?(@ == -1)]",                                        false},
    {"$[?(@ < 'D')]",                                        true },
    {"$[?(@ < 'B')]",                                        false},
    {"$[?(@.x == @.y)]",                                     true }, /* nothing is nothing */
    {"$[?('a' == 'a')]",                                     true },
    {"$['it\\'s']",                                          false},
};

START_TEST(paths)
{
    char why[100] = "";
    json_auto_t *value = json_parse(document, sizeof document - 1, why, sizeof why);
    struct jsonpath *path = jsonpath_new(cases[_i].path, why, sizeof why);

    ck_assert_msg(path != NULL, "%s: %s", cases[_i].path, why);
    ck_assert_msg(jsonpath_matches(path, value) == cases[_i].matches, "%s", cases[_i].path);
    ck_assert(!jsonpath_matches(path, NULL));
    jsonpath_free(path);
}
END_TEST

static const struct {
    const char *path, *why;
} malformed[] = {
    {"",                                          "does not begin with $, at byte 0"                            },
    {"temp",                                      "does not begin with $, at byte 0"                            },
    {"$temp",                                     "this is no step, at byte 1"                                  },
    {"$.",                                        "a name is missing, at byte 2"                                },
    {"$.a.",                                      "a name is missing, at byte 4"                                },
    {"$..a",                                      "descent (..) is not supported, at byte 1"                    },
    {"$[",                                        "neither a name, an index, * nor ?, at byte 2"                },
    {"$[a]",                                      "neither a name, an index, * nor ?, at byte 2"                },
    {"$[1",                                       "] is missing, at byte 3"                                     },
    {"$[1:2]",                                    "] is missing, at byte 3"                                     },
    {"$[99999999999999999999]",                   "neither a name, an index, * nor ?, at byte 2"                },
    {"$['a",                                      "a text without an end, at byte 4"                            },
    {"$[?]",                                      "a path or a literal is missing, at byte 3"                   },
    {"$[?(@.a]",                                  ") is missing, at byte 7"                                     },
    {"$[?(@.a == )]",                             "a path or a literal is missing, at byte 11"                  },
    {"$[?(5)]",                                   "a literal alone is no comparison, at byte 5"                 },
    {"$[?(@[*] == 1)]",                           "a path in a comparison has names and indexes only, at byte 8"},
    {"$[?(@.a == 1e999)]",                        "a path or a literal is missing, at byte 11"                  },
    {"$[?((((((((((((((((((@))))))))))))))))))]", "too many parentheses, at byte 19"                            },
};

START_TEST(refused)
{
    char why[100] = "";
    struct jsonpath *path = jsonpath_new(malformed[_i].path, why, sizeof why);

    ck_assert_msg(path == NULL, "%s", malformed[_i].path);
    ck_assert_msg(strcmp(why, malformed[_i].why) == 0, "%s: %s", malformed[_i].path, why);
}
END_TEST

START_TEST(bounded)
{
    auto_free char *longest = xcalloc(1, JSONPATH_MAX + 2), *steps = xcalloc(1, 200);
    char why[100];

    memset(longest, 'x', JSONPATH_MAX + 1);
    memcpy(longest, "$.", 2);
    ck_assert_ptr_null(jsonpath_new(longest, why, sizeof why));
    steps[0] = '$';
    for (int i = 0; i < 33; i++)
        memcpy(steps + 1 + 2 * i, ".a", 2);
    ck_assert_ptr_null(jsonpath_new(steps, why, sizeof why));
    ck_assert_str_eq(why, "too many steps, at byte 65");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jsonpath");
    TCase *tcase = tcase_create("jsonpath");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, paths, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, refused, 0, ARRAY_LEN(malformed));
    tcase_add_test(tcase, bounded);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
