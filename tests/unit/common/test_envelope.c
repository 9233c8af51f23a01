/* The wire codec. */
#include "clock.h"
#include "envelope.h"
#include "mem.h"

#include <check.h>
#include <jansson.h>

/* What a head reads as: "name=value" with the kind's letter, joined by blanks; NULL: refused. */
static const struct {
    const char *name, *text, *fields, *body;
} cases[] = {
    {"empty object",               "{}\n\n",                                                                                          "",                              ""                },
    {"blanks",                     "{ \"a\" : 1 , \"b\":\t\"x\" } \r\n[1]\n",                                                         "a=n1 b=s'x'",                   "[1]"             },
    {"every kind",                 "{\"s\":\"x\",\"n\":-1.5e+3,\"t\":true,\"f\":false,\"z\":null,\"o\":{\"a\":[1,{}]},\"l\":[]}\n\n",
     "s=s'x' n=n-1.5e+3 t=btrue f=bfalse z=znull o=r{\"a\":[1,{}]} l=r[]",                                                                                             ""                },
    {"no last feed",               "{\"a\":1}\n{\"m2m:cin\":{}}",                                                                     "a=n1",                          "{\"m2m:cin\":{}}"},
    {"no second line",             "{\"a\":1}",                                                                                       "a=n1",                          ""                },
    {"escapes",                    "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}\n\n",                                                      "a=s'\"\\/\b\f\n\r\t'",          ""                },
    {"escaped letters",            "{\"a\":\"x\\u0041y\\u00e9\\u20ac!\"}\n\n",                                                        "a=s'xAy\xc3\xa9\xe2\x82\xac!'", ""                },
    {"surrogates",                 "{\"a\":\"\\ud83d\\ude00\"}\n\n",                                                                  "a=s'\xf0\x9f\x98\x80'",         ""                },
    {"escaped name",               "{\"\\u0061b\":1}\n\n",                                                                            "ab=n1",                         ""                },
    {"UTF-8",                      "{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\"}\n\n",                                                        "a=s'\xc3\xa9\xf0\x9f\x98\x80'", ""                },
    {"bracket in raw string",      "{\"a\":[\"]}\\\"\"],\"b\":0}\n\n",                                                                "a=r[\"]}\\\"\"] b=n0",          ""                },
    {"same first and last",        "{\"rqi\":1,\"rvi\":2,\"rsi\":3}\n\n",                                                             "rqi=n1 rvi=n2 rsi=n3",          ""                },
    {"body is not looked at",      "{}\n}}\x01{\n",                                                                                   "",                              "}}\x01{"         },
    {"nothing",                    "",                                                                                                NULL,                            NULL              },
    {"no object",                  "[1]\n\n",                                                                                         NULL,                            NULL              },
    {"blank before",               " {}\n\n",                                                                                         NULL,                            NULL              },
    {"open",                       "{\"a\":1\n\n",                                                                                    NULL,                            NULL              },
    {"only a brace",               "{",                                                                                               NULL,                            NULL              },
    {"text behind",                "{\"a\":1}x\n\n",                                                                                  NULL,                            NULL              },
    {"trailing comma",             "{\"a\":1,}\n\n",                                                                                  NULL,                            NULL              },
    {"leading comma",              "{,\"a\":1}\n\n",                                                                                  NULL,                            NULL              },
    {"no colon",                   "{\"a\" 1}\n\n",                                                                                   NULL,                            NULL              },
    {"no value",                   "{\"a\":}\n\n",                                                                                    NULL,                            NULL              },
    {"bare name",                  "{a:1}\n\n",                                                                                       NULL,                            NULL              },
    {"member twice",               "{\"a\":1,\"b\":2,\"a\":3}\n\n",                                                                   NULL,                            NULL              },
    {"twice by escape",            "{\"a\":1,\"\\u0061\":3}\n\n",                                                                     NULL,                            NULL              },
    {"feed in a string",           "{\"a\":\"x\ny\"}\n\n",                                                                            NULL,                            NULL              },
    {"feed in raw",                "{\"a\":[1,\n2]}\n\n",                                                                             NULL,                            NULL              },
    {"escaped feed in raw",        "{\"a\":[\"\\\n\"]}\n\n",                                                                          NULL,                            NULL              },
    {"control in a string",        "{\"a\":\"x\x01\"}\n\n",                                                                           NULL,                            NULL              },
    {"NUL by escape",              "{\"a\":\"\\u0000\"}\n\n",                                                                         NULL,                            NULL              },
    {"half a surrogate",           "{\"a\":\"\\ud83d\"}\n\n",                                                                         NULL,                            NULL              },
    {"wrong surrogates",           "{\"a\":\"\\ude00\\ud83d\"}\n\n",                                                                  NULL,                            NULL              },
    {"bad escape",                 "{\"a\":\"\\x\"}\n\n",                                                                             NULL,                            NULL              },
    {"short escape",               "{\"a\":\"\\u12\"}\n\n",                                                                           NULL,                            NULL              },
    {"not UTF-8",                  "{\"a\":\"\xff\"}\n\n",                                                                            NULL,                            NULL              },
    {"overlong UTF-8",             "{\"a\":\"\xc0\xaf\"}\n\n",                                                                        NULL,                            NULL              },
    {"not UTF-8 behind an escape", "{\"a\":\"\\n\xff\"}\n\n",                                                                         NULL,                            NULL              },
    {"leading zero",               "{\"a\":01}\n\n",                                                                                  NULL,                            NULL              },
    {"plus",                       "{\"a\":+1}\n\n",                                                                                  NULL,                            NULL              },
    {"only minus",                 "{\"a\":-}\n\n",                                                                                   NULL,                            NULL              },
    {"no fraction",                "{\"a\":1.}\n\n",                                                                                  NULL,                            NULL              },
    {"no exponent",                "{\"a\":1e}\n\n",                                                                                  NULL,                            NULL              },
    {"bad word",                   "{\"a\":tru}\n\n",                                                                                 NULL,                            NULL              },
    {"crossed brackets",           "{\"a\":[{]}}\n\n",                                                                                NULL,                            NULL              },
    {"lone closer",                "{\"a\":]}\n\n",                                                                                   NULL,                            NULL              },
    {"open raw string",            "{\"a\":[\"x]}\n\n",                                                                               NULL,                            NULL              },
};

static void describe(const struct envelope *e, struct str *out)
{
    for (int i = 0; i < e->count; i++) {
        const struct field *f = &e->fields[i];

        ck_assert_uint_eq(strlen(f->value), f->len);
        str_addf(out, f->kind == FIELD_STRING ? "%s%s=%c'%s'" : "%s%s=%c%s", i ? " " : "", f->name, "snbzr"[f->kind], f -> value);
    }
}

START_TEST(test_parse)
{
    auto_free char *text = xstrdup(cases[_i].text);
    auto_str struct str read = STR_EMPTY;
    struct envelope e;
    ssize_t used = envelope_parse(&e, text, strlen(cases[_i].text));

    if (!cases[_i].fields) {
        ck_assert_msg(used == -1, "%s: accepted", cases[_i].name);
        return;
    }
    ck_assert_msg(used == (ssize_t)strlen(cases[_i].text), "%s: %zd", cases[_i].name, used);
    describe(&e, &read);
    ck_assert_msg(strcmp(str_text(&read), cases[_i].fields) == 0, "%s: %s", cases[_i].name, str_text(&read));
    ck_assert_str_eq(e.body, cases[_i].body);
    ck_assert_uint_eq(e.body_len, strlen(cases[_i].body));
}
END_TEST

START_TEST(test_batch)
{
    char text[] = "{\"id\":\"1\"}\n{\"a\":1}\n{\"id\":\"2\"}\n\n{\"id\":\"3\"}\n[]";
    size_t len = sizeof(text) - 1, at = 0;
    struct envelope e;

    for (int i = 1; i <= 3; i++) {
        ssize_t used = envelope_parse(&e, text + at, len - at);

        ck_assert_int_gt(used, 0);
        ck_assert_int_eq(*envelope_str(&e, "id"), '0' + i);
        at += (size_t)used;
    }
    ck_assert_uint_eq(at, len);
}
END_TEST

static int parse_nested(int depth)
{
    auto_str struct str text = STR_EMPTY;
    struct envelope e;

    str_puts(&text, "{\"a\":");
    for (int i = 0; i < depth; i++)
        str_putc(&text, '[');
    for (int i = 0; i < depth; i++)
        str_putc(&text, ']');
    str_puts(&text, "}\n\n");
    return envelope_parse(&e, text.data, text.len) < 0 ? -1 : 0;
}

static int parse_members(int count)
{
    auto_str struct str text = STR_EMPTY;
    struct envelope e;

    for (int i = 0; i < count; i++)
        str_addf(&text, "%c\"m%d\":%d", i ? ',' : '{', i, i);
    str_puts(&text, "}\n\n");
    return envelope_parse(&e, text.data, text.len) < 0 ? -1 : 0;
}

START_TEST(test_limits)
{
    ck_assert_int_eq(parse_nested(64), 0);
    ck_assert_int_eq(parse_nested(65), -1);
    ck_assert_int_eq(parse_nested(100000), -1);
    ck_assert_int_eq(parse_members(ENVELOPE_MAX_FIELDS), 0);
    ck_assert_int_eq(parse_members(ENVELOPE_MAX_FIELDS + 1), -1);
}
END_TEST

START_TEST(test_lookup)
{
    char text[] = "{\"i\":42,\"neg\":-7,\"frac\":1.5,\"big\":9223372036854775808,\"s\":\"42\",\"t\":true,\"o\":{\"a\":1}}\n\n";
    struct envelope e;

    ck_assert_int_gt(envelope_parse(&e, text, sizeof(text) - 1), 0);
    ck_assert_int_eq(envelope_int(&e, "i", 0), 42);
    ck_assert_int_eq(envelope_int(&e, "neg", 0), -7);
    ck_assert_int_eq(envelope_int(&e, "frac", 9), 9);
    ck_assert_int_eq(envelope_int(&e, "big", 9), 9);
    ck_assert_int_eq(envelope_int(&e, "s", 9), 9);
    ck_assert_int_eq(envelope_int(&e, "missing", 9), 9);
    ck_assert_str_eq(envelope_str(&e, "s"), "42");
    ck_assert_ptr_null(envelope_str(&e, "i"));
    ck_assert(envelope_bool(&e, "t", false));
    ck_assert(envelope_bool(&e, "i", true));
    ck_assert(slice_is(envelope_raw(&e, "o"), "{\"a\":1}"));
    ck_assert_ptr_null(envelope_raw(&e, "s").p);
}
END_TEST

START_TEST(test_write)
{
    auto_str struct str s = STR_EMPTY;

    head_str(&s, "a", "x\"y\n");
    head_str(&s, "none", NULL);
    head_int(&s, "b", -5);
    head_bool(&s, "c", false);
    head_raw(&s, "d", "[1]", 3);
    head_raw(&s, "none", "", 0);
    ck_assert_str_eq(s.data, ",\"a\":\"x\\\"y\\n\",\"b\":-5,\"c\":false,\"d\":[1]");
}
END_TEST

/* The hot path, against what a JSON library takes here and now: generous, so that only a change of kind fails. */
START_TEST(test_speed)
{
    static const char head[] = "{\"id\":\"http.1-5f3a9c-7f3\",\"deadline\":1795226400123,\"tenant\":\"main\",\"identity\":{"
                               "\"by\":\"psk\",\"name\":\"sensor-7\","
                               "\"peer\":\"127.0.0.1\"},\"trace\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
                               "\"op\":1,\"to\":\"cse-in/ae/"
                               "container\",\"fr\":\"Cae\",\"rqi\":\"12\",\"ty\":4,\"rcn\":1,\"rvi\":\"3\"}\n{}\n";
    enum { ROUNDS = 20000 };
    char text[sizeof(head)];
    struct envelope e;
    int64_t start = clock_mono_us(), library, took;

    for (int i = 0; i < ROUNDS; i++)
        json_decref(json_loadb(head, strcspn(head, "\n"), 0, NULL));
    library = clock_mono_us() - start;
    start = clock_mono_us();
    for (int i = 0; i < ROUNDS; i++) {
        memcpy(text, head, sizeof(head));
        ck_assert_int_gt(envelope_parse(&e, text, sizeof(head) - 1), 0);
    }
    took = clock_mono_us() - start;
    printf("envelope_parse: %zu bytes in %.0f ns, jansson %.0f ns\n", sizeof(head) - 1, (double)took * 1000 / ROUNDS,
           (double)library * 1000 / ROUNDS);
    ck_assert_int_lt(took, 5 * library);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("envelope");
    TCase *tc = tcase_create("envelope");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_parse, 0, ARRAY_LEN(cases));
    tcase_add_test(tc, test_batch);
    tcase_add_test(tc, test_limits);
    tcase_add_test(tc, test_lookup);
    tcase_add_test(tc, test_write);
    tcase_add_test(tc, test_speed);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
