/* CBOR to JSON and back: RFC 8949, appendix A and what is malformed. */
#include "cbor.h"
#include "json.h"

#include <check.h>

#include "mem.h"

#define BYTES(text) (text), sizeof(text) - 1

struct row {
    const char *name;
    const char *cbor;
    size_t len;
    const char *json; /* NULL: refused */
};

static const struct row rows[] = {
    {"0",                       BYTES("\x00"),                                 "0"                            },
    {"23",                      BYTES("\x17"),                                 "23"                           },
    {"24",                      BYTES("\x18\x18"),                             "24"                           },
    {"1000",                    BYTES("\x19\x03\xe8"),                         "1000"                         },
    {"1000000",                 BYTES("\x1a\x00\x0f\x42\x40"),                 "1000000"                      },
    {"largest integer",         BYTES("\x1b\x7f\xff\xff\xff\xff\xff\xff\xff"), "9223372036854775807"          },
    {"too large",               BYTES("\x1b\x80\x00\x00\x00\x00\x00\x00\x00"), NULL                           },
    {"-1",                      BYTES("\x20"),                                 "-1"                           },
    {"-500",                    BYTES("\x39\x01\xf3"),                         "-500"                         },
    {"-100000",                 BYTES("\x3a\x00\x01\x86\x9f"),                 "-100000"                      },
    {"smallest integer",        BYTES("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"), "-9223372036854775808"         },
    {"too small",               BYTES("\x3b\x80\x00\x00\x00\x00\x00\x00\x00"), NULL                           },
    {"half",                    BYTES("\xf9\x3e\x00"),                         "1.5"                          },
    {"single",                  BYTES("\xfa\x47\xc3\x50\x00"),                 "100000.0"                     },
    {"double",                  BYTES("\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a"), "1.1"                          },
    {"infinity",                BYTES("\xf9\x7c\x00"),                         NULL                           },
    {"NaN",                     BYTES("\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00"), NULL                           },
    {"false",                   BYTES("\xf4"),                                 "false"                        },
    {"true",                    BYTES("\xf5"),                                 "true"                         },
    {"null",                    BYTES("\xf6"),                                 "null"                         },
    {"undefined",               BYTES("\xf7"),                                 "null"                         },
    {"other simple value",      BYTES("\xf0"),                                 NULL                           },
    {"text",                    BYTES("\x64IETF"),                             "\"IETF\""                     },
    {"text with escapes",       BYTES("\x62\"\\"),                             "\"\\\"\\\\\""                 },
    {"UTF-8",                   BYTES("\x62\xc3\xbc"),                         "\"\xc3\xbc\""                 },
    {"not UTF-8",               BYTES("\x61\xff"),                             NULL                           },
    {"text with a zero",        BYTES("\x61\x00"),                             NULL                           },
    {"text in pieces",          BYTES("\x7f\x65strea\x64ming\xff"),            "\"streaming\""                },
    {"no pieces",               BYTES("\x7f\xff"),                             "\"\""                         },
    {"number among the pieces", BYTES("\x7f\x01\xff"),                         NULL                           },
    {"bytes among the pieces",  BYTES("\x7f\x41\x01\xff"),                     NULL                           },
    {"pieces among the pieces", BYTES("\x7f\x7f\xff\xff"),                     NULL                           },
    {"bytes",                   BYTES("\x44\x01\x02\x03\x04"),                 "\"AQIDBA==\""                 },
    {"bytes in pieces",         BYTES("\x5f\x42\x01\x02\x41\x03\xff"),         "\"AQID\""                     },
    {"empty bytes",             BYTES("\x40"),                                 "\"\""                         },
    {"tag",                     BYTES("\xc0\x61x"),                            "\"x\""                        },
    {"tag without a value",     BYTES("\xc0"),                                 NULL                           },
    {"empty list",              BYTES("\x80"),                                 "[]"                           },
    {"list",                    BYTES("\x83\x01\x82\x02\x03\x80"),             "[1,[2,3],[]]"                 },
    {"endless list",            BYTES("\x9f\x01\x82\x02\x03\x9f\xff\xff"),     "[1,[2,3],[]]"                 },
    {"empty map",               BYTES("\xa0"),                                 "{}"                           },
    {"map",                     BYTES("\xa2\x61\x61\x01\x61\x62\x82\x02\x03"), "{\"a\":1,\"b\":[2,3]}"        },
    {"endless map",             BYTES("\xbf\x61\x61\x01\x61\x62\xbf\xff\xff"), "{\"a\":1,\"b\":{}}"           },
    {"key in pieces",           BYTES("\xa1\x7f\x61\x61\xff\x01"),             "{\"a\":1}"                    },
    {"number as key",           BYTES("\xa1\x01\x02"),                         NULL                           },
    {"list as key",             BYTES("\xa1\x80\x02"),                         NULL                           },
    {"key twice",               BYTES("\xa2\x61\x61\x01\x61\x61\x02"),         NULL                           },
    {"key without a value",     BYTES("\xbf\x61\x61\xff"),                     NULL                           },
    {"key not UTF-8",           BYTES("\xa1\x61\xff\x01"),                     NULL                           },
    {"nothing",                 "",                                            0,                               NULL},
    {"break alone",                         BYTES("\xff"),                                                          NULL                                                   },
    {"break in a list that was counted",                         BYTES("\x82\x01\xff"),                                     NULL},
    {"list cut off",                         BYTES("\x82\x01"),                                                         NULL                                                                           },
    {"endless list cut off",                         BYTES("\x9f\x01"),                                                 NULL},
    {"text cut off",                         BYTES("\x64IET"),                                                         NULL                                                                                    },
    {"huge text announced",                         BYTES("\x7b\x7f\xff\xff\xff\xff\xff\xff\xff"),                                                  NULL},
    {"huge text that wraps",                         BYTES("\x7b\xff\xff\xff\xff\xff\xff\xff\xffx"),                                                 NULL                                                                                  },
    {"huge list announced",                         BYTES("\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01"),                                                  NULL},
    {"huge map announced",                         BYTES("\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x61\x61\x01"),                                                   NULL                                                                           },
    {"reserved",                         BYTES("\x1c"),                                                             NULL},
    {"two items",                         BYTES("\x01\x02"),                                                            NULL                                                                      },
};

START_TEST(decode)
{
    const struct row *row = &rows[_i];
    auto_str struct str out = STR_EMPTY;
    auto_free char *copy = xmalloc(row->len + 1);
    char why[100] = "";
    int result;

    memcpy(copy, row->cbor, row->len); /* exactly as long, for the sanitizer */
    str_puts(&out, "x");
    result = cbor_to_json(copy, row->len, &out, why, sizeof why);
    ck_assert_msg((result == 0) == (row->json != NULL), "%s: %s %s", row->name, str_text(&out), why);
    ck_assert_msg(strcmp(str_text(&out) + 1, row->json ? row->json : "") == 0, "%s: %s", row->name, str_text(&out));
    ck_assert_msg(result == 0 || *why, "%s: no explanation", row->name);
}
END_TEST

static const char *const texts[] = {
    "{}",
    "[]",
    "0",
    "-1",
    "23",
    "24",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "-9223372036854775808",
    "9223372036854775807",
    "1.5",
    "0.1",
    "1e+300",
    "-0.25",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    "\"012345678901234567890123456789012345678901234567890123456789\"",
    "{\"m2m:cin\":{\"con\":\"21.5\",\"lbl\":[\"a\",\"b\"],\"cs\":4,\"x\":null,\"y\":{\"z\":[[],{}]}}}",
};

START_TEST(there_and_back)
{
    auto_str struct str cbor = STR_EMPTY, json = STR_EMPTY;
    char why[100] = "";

    ck_assert_msg(cbor_from_json(texts[_i], strlen(texts[_i]), &cbor, why, sizeof why) == 0, "%s: %s", texts[_i], why);
    ck_assert_msg(cbor_to_json(cbor.data, cbor.len, &json, why, sizeof why) == 0, "%s: %s", texts[_i], why);
    ck_assert_str_eq(str_text(&json), texts[_i]);
}
END_TEST

START_TEST(encode_bad)
{
    static const char *const bad[] = {"", "{", "{\"a\":1,\"a\":2}", "nan", "123456789012345678901234567890", "{} {}"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        auto_str struct str out = STR_EMPTY;
        char why[100] = "";

        ck_assert_msg(cbor_from_json(bad[i], strlen(bad[i]), &out, why, sizeof why) < 0 && *why && out.len == 0, "%s", bad[i]);
    }
}
END_TEST

START_TEST(depth)
{
    char nested[4 * JSON_DEPTH];
    char why[100];

    for (int levels = JSON_DEPTH - 1; levels <= JSON_DEPTH + 2; levels++) {
        auto_str struct str out = STR_EMPTY;

        memset(nested, 0x81, sizeof nested);
        nested[levels] = 0x01;
        ck_assert_int_eq(cbor_to_json(nested, (size_t)levels + 1, &out, why, sizeof why), levels <= JSON_DEPTH ? 0 : -1);
        memset(nested, 0x9f, sizeof nested);
        str_reset(&out);
        ck_assert_int_eq(cbor_to_json(nested, sizeof nested, &out, why, sizeof why), -1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cbor");
    TCase *tc = tcase_create("cbor");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, decode, 0, (int)ARRAY_LEN(rows));
    tcase_add_loop_test(tc, there_and_back, 0, (int)ARRAY_LEN(texts));
    tcase_add_test(tc, encode_bad);
    tcase_add_test(tc, depth);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
