/* Buffers, JSON strings and UTF-8. */
#include "mem.h"
#include "str.h"

#include <check.h>

struct json_case {
    const char *name;
    const char *text;
    size_t len;
    const char *expected;
};

#define TEXT(t) t, sizeof(t) - 1

static const struct json_case json_cases[] = {
    {"empty",              TEXT(""),                         "\"\""                        },
    {"plain",              TEXT("abc def"),                  "\"abc def\""                 },
    {"quote and slash",    TEXT("a\"b\\c/d"),                "\"a\\\"b\\\\c/d\""           },
    {"short escapes",      TEXT("\b\f\n\r\t"),               "\"\\b\\f\\n\\r\\t\""         },
    {"control characters", TEXT("\x01\x1f\x7f"),             "\"\\u0001\\u001f\x7f\""      },
    {"a zero byte",        TEXT("a\0b"),                     "\"a\\u0000b\""               },
    {"UTF-8 untouched",    TEXT("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\""},
    {"escape at the ends", TEXT("\"x\""),                    "\"\\\"x\\\"\""               },
};

START_TEST(json_strings)
{
    const struct json_case *c = &json_cases[_i];
    auto_str struct str s = STR_EMPTY;

    str_json_n(&s, c->text, c->len);
    ck_assert_msg(strcmp(str_text(&s), c->expected) == 0, "%s: %s", c->name, str_text(&s));
}
END_TEST

struct utf8_case {
    const char *name;
    const char *text;
    size_t expected;
};

static const struct utf8_case utf8_cases[] = {
    {"ASCII",              "a",                1},
    {"two bytes",          "\xc2\x80",         2},
    {"three bytes",        "\xe2\x82\xac",     3},
    {"four bytes",         "\xf0\x90\x80\x80", 4},
    {"last character",     "\xf4\x8f\xbf\xbf", 4},
    {"continuation alone", "\x80",             0},
    {"cut short",          "\xe2\x82",         0},
    {"no continuation",    "\xc3(",            0},
    {"overlong slash",     "\xc0\xaf",         0},
    {"overlong, three",    "\xe0\x80\xaf",     0},
    {"overlong, four",     "\xf0\x80\x80\xaf", 0},
    {"surrogate",          "\xed\xa0\x80",     0},
    {"above U+10FFFF",     "\xf4\x90\x80\x80", 0},
    {"no lead byte",       "\xff",             0},
};

START_TEST(utf8)
{
    const struct utf8_case *c = &utf8_cases[_i];
    size_t n = str_utf8(c->text, strlen(c->text));

    ck_assert_msg(n == c->expected, "%s: %zu", c->name, n);
}
END_TEST

START_TEST(grows)
{
    auto_str struct str s = STR_EMPTY;
    auto_free char *taken = NULL;

    ck_assert_str_eq(str_text(&s), "");
    for (int i = 0; i < 10000; i++)
        str_addf(&s, "%d,", i);
    ck_assert_uint_eq(s.len, 48890);
    ck_assert_uint_eq(strlen(s.data), s.len);
    str_reset(&s);
    ck_assert_str_eq(str_text(&s), "");
    str_int(&s, INT64_MIN);
    str_putc(&s, ' ');
    str_int(&s, 0);
    str_putc(&s, ' ');
    str_int(&s, INT64_MAX);
    ck_assert_str_eq(str_text(&s), "-9223372036854775808 0 9223372036854775807");
    taken = str_take(&s);
    ck_assert_ptr_null(s.data);
    free(str_take(&s));
    str_add(&s, NULL, 0);
    ck_assert_str_eq(s.data, "");
}
END_TEST

START_TEST(slices)
{
    ck_assert(slice_is((struct slice){"abc", 2}, "ab"));
    ck_assert(!slice_is((struct slice){"abc", 2}, "abc"));
    ck_assert(slice_is((struct slice){NULL, 0}, ""));
}
END_TEST

START_TEST(memory)
{
    auto_free char *a = xstrndup("abc", 2), *b = xstrndup("abc", 9), *c = xasprintf("%s-%d", "x", 7);

    ck_assert_str_eq(a, "ab");
    ck_assert_str_eq(b, "abc");
    ck_assert_str_eq(c, "x-7");
    free(xcalloc(0, 8));
    free(xmalloc(0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("str");
    TCase *tcase = tcase_create("str");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, json_strings, 0, ARRAY_LEN(json_cases));
    tcase_add_loop_test(tcase, utf8, 0, ARRAY_LEN(utf8_cases));
    tcase_add_test(tcase, grows);
    tcase_add_test(tcase, slices);
    tcase_add_test(tcase, memory);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
