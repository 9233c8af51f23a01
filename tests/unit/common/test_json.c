/* JSON: what is accepted, how it is written, how it is taken apart. */
#include "json.h"
#include "mem.h"

#include <check.h>
#include <stdio.h>

#define DEEP16 "[[[[[[[[[[[[[[[["
#define SHUT16 "]]]]]]]]]]]]]]]]"

static const struct {
    const char *name, *text, *why; /* why: NULL if valid */
} checks[] = {
    {"object",                           "{\"a\":1,\"b\":[true,false,null]}",                             NULL                                            },
    {"scalar",                           "5",                                                             NULL                                            },
    {"string alone",                     "\"x\"",                                                         NULL                                            },
    {"white space",                      " \t\r\n{ \"a\" : [ 1 , 2 ] } \n",                               NULL                                            },
    {"empty object and array",           "[{},[],{ },[ ]]",                                               NULL                                            },
    {"numbers",                          "[0,-0,1.5,-1.5e10,1E+2,1e-2,123456789012345678901234567890]",   NULL                                            },
    {"escapes",                          "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",           NULL                                            },
    {"UTF-8 of 2, 3, 4 bytes",           "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"",                    NULL                                            },
    {"duplicates are not looked for",    "{\"a\":1,\"a\":2}",                                             NULL                                            },
    {"delete is no control character",   "\"\x7F\"",                                                      NULL                                            },
    {"64 levels",                        DEEP16 DEEP16 DEEP16 DEEP16 SHUT16 SHUT16 SHUT16 SHUT16,         NULL                                            },
    {"65 levels",                        "[" DEEP16 DEEP16 DEEP16 DEEP16 SHUT16 SHUT16 SHUT16 SHUT16 "]", "JSON: nested too deeply at byte 64"            },
    {"nothing",                          "",                                                              "JSON: unexpected end at byte 0"                },
    {"blanks only",                      "  ",                                                            "JSON: unexpected end at byte 2"                },
    {"two values",                       "{} {}",                                                         "JSON: more than one value at byte 3"           },
    {"open object",                      "{\"a\":1",                                                      "JSON: unexpected end at byte 6"                },
    {"open string",                      "\"abc",                                                         "JSON: unexpected end at byte 4"                },
    {"no colon",                         "{\"a\" 1}",                                                     "JSON: expected ':' at byte 5"                  },
    {"no value",                         "{\"a\":}",                                                      "JSON: expected a value at byte 5"              },
    {"no name",                          "{1:2}",                                                         "JSON: expected a member name at byte 1"        },
    {"comma at the end of an object",    "{\"a\":1,}",                                                    "JSON: expected a member name at byte 7"        },
    {"comma at the end of a list",       "[1,]",                                                          "JSON: expected a value at byte 3"              },
    {"comma at the start",               "[,1]",                                                          "JSON: expected a value at byte 1"              },
    {"wrong closer",                     "[1}",                                                           "JSON: expected ',' or ']' at byte 2"           },
    {"wrong closer of an object",        "{\"a\":1]",                                                     "JSON: expected ',' or '}' at byte 6"           },
    {"single quotes",                    "{'a':1}",                                                       "JSON: expected a member name at byte 1"        },
    {"comment",                          "[1 /* x */]",                                                   "JSON: expected ',' or ']' at byte 3"           },
    {"plus",                             "+1",                                                            "JSON: expected a value at byte 0"              },
    {"leading zero",                     "01",                                                            "JSON: leading zero at byte 1"                  },
    {"leading point",                    ".5",                                                            "JSON: expected a value at byte 0"              },
    {"point at the end",                 "[1.]",                                                          "JSON: expected a digit at byte 3"              },
    {"empty exponent",                   "[1e]",                                                          "JSON: expected a digit at byte 3"              },
    {"minus alone",                      "[-]",                                                           "JSON: expected a digit at byte 2"              },
    {"NaN",                              "NaN",                                                           "JSON: expected a value at byte 0"              },
    {"upper case",                       "True",                                                          "JSON: expected a value at byte 0"              },
    {"cut word",                         "tru",                                                           "JSON: expected a value at byte 0"              },
    {"long word",                        "truex",                                                         "JSON: more than one value at byte 4"           },
    {"line feed in a string",            "\"a\nb\"",                                                      "JSON: control character in a string at byte 2" },
    {"line feed behind eight",           "\"abcdefghijk\nb\"",                                            "JSON: control character in a string at byte 12"},
    {"unknown escape",                   "\"\\x\"",                                                       "JSON: bad escape sequence at byte 1"           },
    {"short \\u",                        "\"\\u12\"",                                                     "JSON: bad escape sequence at byte 1"           },
    {"half a pair",                      "\"\\uD83D\"",                                                   "JSON: bad escape sequence at byte 1"           },
    {"half a pair, then another escape", "\"\\uD83D\\u0041\"",                                            "JSON: bad escape sequence at byte 1"           },
    {"low half alone",                   "\"\\uDE00\"",                                                   "JSON: bad escape sequence at byte 1"           },
    {"NUL escaped",                      "\"\\u0000\"",                                                   "JSON: bad escape sequence at byte 1"           },
    {"overlong",                         "\"\xC0\xAF\"",                                                  "JSON: not UTF-8 at byte 1"                     },
    {"overlong of 3",                    "\"\xE0\x80\xAF\"",                                              "JSON: not UTF-8 at byte 1"                     },
    {"overlong of 4",                    "\"\xF0\x80\x80\xAF\"",                                          "JSON: not UTF-8 at byte 1"                     },
    {"surrogate in UTF-8",               "\"\xED\xA0\x80\"",                                              "JSON: not UTF-8 at byte 1"                     },
    {"beyond U+10FFFF",                  "\"\xF4\x90\x80\x80\"",                                          "JSON: not UTF-8 at byte 1"                     },
    {"Latin-1",                          "\"\xE9t\xE9\"",                                                 "JSON: not UTF-8 at byte 1"                     },
    {"continuation alone",               "\"\x80\"",                                                      "JSON: not UTF-8 at byte 1"                     },
    {"cut sequence",                     "\"\xE2\x82\"",                                                  "JSON: not UTF-8 at byte 1"                     },
    {"byte order mark",                  "\xEF\xBB\xBF{}",                                                "JSON: expected a value at byte 0"              },
};

START_TEST(test_check)
{
    char why[128] = "";
    int rc = json_check(checks[_i].text, strlen(checks[_i].text), why, sizeof why);

    ck_assert_msg((rc == 0) == !checks[_i].why, "%s: %d, %s", checks[_i].name, rc, why);
    if (checks[_i].why)
        ck_assert_msg(strcmp(why, checks[_i].why) == 0, "%s: %s", checks[_i].name, why);
}
END_TEST

START_TEST(test_check_bounds)
{
    static const char text[] = "{\"a\":[1,2.5e3,\"x\\u00e9\\uD83D\\uDE00 \xF0\x9F\x98\x80 long enough\",true]}";
    char why[128], *cut;

    /* Every prefix in memory of exactly its size: the sanitizer sees a byte read too far. */
    for (size_t len = 0; len < sizeof text - 1; len++) {
        cut = xmalloc(len + (len == 0));
        memcpy(cut, text, len);
        ck_assert_msg(json_check(cut, len, why, sizeof why) < 0, "prefix of %zu bytes", len);
        free(cut);
    }
    ck_assert_int_eq(json_check(text, sizeof text - 1, why, sizeof why), 0);
    ck_assert_int_lt(json_check("[1,\0]", 5, why, sizeof why), 0);
    ck_assert_int_lt(json_check("{}\0", 3, why, sizeof why), 0);
    ck_assert_int_lt(json_check(NULL, 0, why, sizeof why), 0);
}
END_TEST

/* Written as it was read, unless `out` says otherwise. */
static const struct {
    const char *name, *text, *out;
} writes[] = {
    {"double that is whole", "[5.0]",                                           NULL             },
    {"tenth",                "[0.1]",                                           NULL             },
    {"negative zero",        "[-0.0]",                                          NULL             },
    {"third",                "[0.3333333333333333]",                            NULL             },
    {"17 digits",            "[0.30000000000000004]",                           NULL             },
    {"exponent",             "[1e22,1.5e-7]",                                   "[1e+22,1.5e-07]"},
    {"largest",              "[1.7976931348623157e+308]",                       NULL             },
    {"smallest",             "[5e-324]",                                        NULL             },
    {"smallest normal",      "[2.2250738585072014e-308]",                       NULL             },
    {"integers",             "[0,-1,9223372036854775807,-9223372036854775808]", NULL             },
    {"order of members",     "{\"z\":1,\"a\":{\"y\":[],\"b\":{}},\"m\":null}",  NULL             },
    {"strings",              "[\"a\\\"\\\\b\\n\\u0001\xC3\xA9\",\"\"]",         NULL             },
    {"words",                "[true,false,null]",                               NULL             },
    {"white space",          " { \"a\" : 1 } ",                                 "{\"a\":1}"      },
};

START_TEST(test_write)
{
    auto_str struct str out = STR_EMPTY;
    char why[128] = "";
    json_auto_t *value = json_parse(writes[_i].text, strlen(writes[_i].text), why, sizeof why);

    ck_assert_msg(value != NULL, "%s: %s", writes[_i].name, why);
    json_write(&out, value);
    ck_assert_msg(strcmp(str_text(&out), writes[_i].out ? writes[_i].out : writes[_i].text) == 0, "%s: %s", writes[_i].name,
                  str_text(&out));
}
END_TEST

START_TEST(test_write_doubles_read_back)
{
    uint64_t bits = 88172645463325252U;

    for (int i = 0; i < 20000; i++) {
        auto_str struct str out = STR_EMPTY;
        json_auto_t *value = NULL;
        double number;

        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&number, &bits, sizeof number);
        value = json_real(number);
        if (!value) /* NaN or infinite */
            continue;
        json_write(&out, value);
        ck_assert_msg(strtod(out.data, NULL) == number && strpbrk(out.data, ".e"), "%a: %s", number, out.data);
    }
}
END_TEST

static const struct {
    const char *name, *text, *why;
} refusals[] = {
    {"duplicate member",                "{\"a\":1,\"a\":2}",      "duplicate object key"        },
    {"integer beyond 64 bits",          "[9223372036854775808]",  "too big integer"             },
    {"negative integer beyond 64 bits", "[-9223372036854775809]", "too big negative integer"    },
    {"double beyond its range",         "[1e999]",                "real number overflow"        },
    {"scalar",                          "5",                      "'[' or '{' expected"         },
    {"syntax",                          "{\"a\"}",                "JSON: expected ':' at byte 4"},
};

START_TEST(test_parse_refuses)
{
    char why[160] = "";

    ck_assert_msg(!json_parse(refusals[_i].text, strlen(refusals[_i].text), why, sizeof why), "%s", refusals[_i].name);
    ck_assert_msg(strstr(why, refusals[_i].why) != NULL, "%s: %s", refusals[_i].name, why);
}
END_TEST

static const struct {
    const char *name, *text;
    int count; /* with room for 3 */
    const char *names[3], *values[3];
} members[] = {
    {"none",                "{}",                                              0,  {NULL},          {NULL}                        },
    {"none, with blanks",   " { } ",                                           0,  {NULL},          {NULL}                        },
    {"one",                 "{\"m2m:cin\":{\"con\":\"a}b\"}}",                 1,  {"m2m:cin"},     {"{\"con\":\"a}b\"}"}         },
    {"three",               "{ \"a\" : 1.50 , \"b\":[1,{}] ,\"c\":\"\\\"\" }", 3,  {"a", "b", "c"}, {"1.50", "[1,{}]", "\"\\\"\""}},
    {"name with an escape", "{\"\\u0061\":null}",                              1,  {"\\u0061"},     {"null"}                      },
    {"four",                "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}",               -1, {NULL},          {NULL}                        },
    {"list",                "[1]",                                             -1, {NULL},          {NULL}                        },
    {"string",              "\"a\"",                                           -1, {NULL},          {NULL}                        },
    {"nothing",             "",                                                -1, {NULL},          {NULL}                        },
    {"open",                "{\"a\":1",                                        -1, {NULL},          {NULL}                        },
    {"comma at the end",    "{\"a\":1,}",                                      -1, {NULL},          {NULL}                        },
};

START_TEST(test_members)
{
    struct json_member found[3];
    int count = json_members(members[_i].text, strlen(members[_i].text), found, 3);

    ck_assert_msg(count == members[_i].count, "%s: %d", members[_i].name, count);
    for (int i = 0; i < count; i++) {
        ck_assert_msg(slice_is(found[i].name, members[_i].names[i]), "%s: name %d", members[_i].name, i);
        ck_assert_msg(slice_is(found[i].value, members[_i].values[i]), "%s: value %d", members[_i].name, i);
    }
}
END_TEST

static const struct {
    const char *name, *raw, *text; /* NULL: no string */
} unquotes[] = {
    {"empty",                   "\"\"",                                    ""                                     },
    {"plain",                   "\"abc\"",                                 "abc"                                  },
    {"escapes",                 "\"a\\n\\t\\\"\\\\\\/b\"",                 "a\n\t\"\\/b"                          },
    {"\\u of 1, 2, 3, 4 bytes", "\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
    {"escape at the end",       "\"abc\\\\\"",                             "abc\\"                                },
    {"number",                  "5",                                       NULL                                   },
    {"null",                    "null",                                    NULL                                   },
    {"nothing",                 "",                                        NULL                                   },
    {"quote alone",             "\"",                                      NULL                                   },
    {"text behind",             "\"a\"b",                                  NULL                                   },
    {"bad escape",              "\"\\q\"",                                 NULL                                   },
};

START_TEST(test_unquote)
{
    auto_str struct str out = STR_EMPTY;
    bool ok = json_unquote((struct slice){unquotes[_i].raw, strlen(unquotes[_i].raw)}, &out);

    ck_assert_msg(ok == !!unquotes[_i].text, "%s", unquotes[_i].name);
    ck_assert_msg(strcmp(str_text(&out), ok ? unquotes[_i].text : "") == 0, "%s: %s", unquotes[_i].name, str_text(&out));
}
END_TEST

START_TEST(test_shorthands)
{
    char why[64];
    static const char text[] = "{\"s\":\"x\",\"n\":7,\"d\":7.0}";
    json_auto_t *object = json_parse(text, sizeof text - 1, why, sizeof why);

    ck_assert_str_eq(json_str(object, "s"), "x");
    ck_assert_ptr_null(json_str(object, "n"));
    ck_assert_ptr_null(json_str(object, "none"));
    ck_assert_int_eq(json_int(object, "n", -1), 7);
    ck_assert_int_eq(json_int(object, "d", -1), -1);
    ck_assert_int_eq(json_int(NULL, "n", -1), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, test_check, 0, ARRAY_LEN(checks));
    tcase_add_test(tests, test_check_bounds);
    tcase_add_loop_test(tests, test_write, 0, ARRAY_LEN(writes));
    tcase_add_test(tests, test_write_doubles_read_back);
    tcase_add_loop_test(tests, test_parse_refuses, 0, ARRAY_LEN(refusals));
    tcase_add_loop_test(tests, test_members, 0, ARRAY_LEN(members));
    tcase_add_loop_test(tests, test_unquote, 0, ARRAY_LEN(unquotes));
    tcase_add_test(tests, test_shorthands);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
