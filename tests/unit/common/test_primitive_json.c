/* Whole primitives: read from what clients send, written, read again. */
#include "cbor.h"
#include "mem.h"
#include "primitive_json.h"

#include <check.h>

#define RQP "\"op\":1,\"to\":\"a\",\"rqi\":\"7\""

/* What comes out is written again in the order of the standard. `as` NULL: refused with `why`. */
static const struct {
    const char *name, *text, *as, *why;
    enum primitive_kind kind;
} cases[] = {
    {"bare",                         "{\"op\":1,\"to\":\"a\",\"fr\":\"C\",\"rqi\":\"7\",\"ty\":4,\"pc\":{\"m2m:cin\":{\"con\":\"x\"}}}",
     "{\"op\":1,\"to\":\"a\",\"fr\":\"C\",\"rqi\":\"7\",\"ty\":4,\"pc\":{\"m2m:cin\":{\"con\":\"x\"}}}",                                                                                NULL,                                             PRIMITIVE_REQUEST },
    {"wrapped",                      "{\"m2m:rqp\":{" RQP "}}",                                                                          "{" RQP "}",                                   NULL,                                             PRIMITIVE_REQUEST },
    {"wrapped, with blanks",         " {\t\"m2m:rqp\" :\n {" RQP " } }\r\n",                                                             "{" RQP "}",                                   NULL,                                             PRIMITIVE_REQUEST },
    {"content first",                "{\"pc\":{\"a\":[1,{}]}," RQP "}",                                                                  "{" RQP ",\"pc\":{\"a\":[1,{}]}}",             NULL,                                             PRIMITIVE_REQUEST },
    {"line ends in the content",     "{" RQP ",\"pc\":{\n\"a\":\r\n1}}",                                                                 "{" RQP ",\"pc\":{ \"a\":  1}}",               NULL,                                             PRIMITIVE_REQUEST },
    {"content kept as written",      "{" RQP ",\"pc\":{\"\\u0061\":1.50,\"b\":\"\\n\"}}",
     "{" RQP ",\"pc\":{\"\\u0061\":1.50,\"b\":\"\\n\"}}",                                                                                                                               NULL,                                             PRIMITIVE_REQUEST },
    {"a content that is text",       "{" RQP ",\"pc\":\"\\u0061\\\"\"}",                                                                 "{" RQP ",\"pc\":\"\\u0061\\\"\"}",            NULL,                                             PRIMITIVE_REQUEST },
    {"an empty content to be read",  "{\"op\":2,\"to\":\"a\",\"rqi\":\"7\",\"pc\":{}}",                                                  "{\"op\":2,\"to\":\"a\",\"rqi\":\"7\"}",
     NULL,                                                                                                                                                                                                                                PRIMITIVE_REQUEST },
    {"an empty text to be deleted",  "{\"op\":\"4\",\"to\":\"a\",\"rqi\":\"7\",\"pc\":\"\"}",
     "{\"op\":4,\"to\":\"a\",\"rqi\":\"7\"}",                                                                                                                                           NULL,                                             PRIMITIVE_REQUEST },
    {"an empty content to be made",  "{\"op\":1,\"to\":\"a\",\"rqi\":\"7\",\"pc\":{}}",
     "{\"op\":1,\"to\":\"a\",\"rqi\":\"7\",\"pc\":{}}",                                                                                                                                 NULL,                                             PRIMITIVE_REQUEST },
    {"no content by null",           "{" RQP ",\"pc\":null,\"fr\":null}",                                                                "{" RQP "}",                                   NULL,                                             PRIMITIVE_REQUEST },
    {"numbers as texts",             "{\"op\":\"1\",\"to\":\"a\",\"rqi\":7,\"ty\":\"4\",\"rcn\":\"1\",\"rvi\":3}",
     "{\"op\":1,\"to\":\"a\",\"rqi\":\"7\",\"ty\":4,\"rcn\":1,\"rvi\":\"3\"}",                                                                                                          NULL,                                             PRIMITIVE_REQUEST },
    {"relative times",               "{" RQP ",\"rqet\":5000,\"oet\":\"100\"}",                                                          "{" RQP ",\"rqet\":\"5000\",\"oet\":\"100\"}", NULL,
     PRIMITIVE_REQUEST                                                                                                                                                                                                                                      },
    {"responseType alone",           "{" RQP ",\"rt\":2}",                                                                               "{" RQP ",\"rt\":{\"rtv\":2}}",                NULL,                                             PRIMITIVE_REQUEST },
    {"responseType as text",         "{" RQP ",\"rt\":\"5\"}",                                                                           "{" RQP ",\"rt\":{\"rtv\":5}}",                NULL,                                             PRIMITIVE_REQUEST },
    {"escapes",                      "{\"\\u006fp\":1,\"to\":\"\\u00e9\\/\\ud83d\\ude00\",\"rqi\":\"\\\"\"}",
     "{\"op\":1,\"to\":\"\u00e9/\U0001f600\",\"rqi\":\"\\\"\"}",                                                                                                                        NULL,                                             PRIMITIVE_REQUEST },
    {"nothing of the platform",
     "{" RQP ",\"id\":\"x\",\"deadline\":1,\"tenant\":\"t\",\"identity\":{\"by\":\"psk\"},\"trace\":\"0\"}",                             "{" RQP "}",                                   NULL,
     PRIMITIVE_REQUEST                                                                                                                                                                                                                                      },
    {"unknown members",              "{" RQP ",\"x\":{},\"y\":[\"\\u0001\"]}",                                                           "{" RQP "}",                                   NULL,                                             PRIMITIVE_REQUEST },
    {"response",                     "{\"rsc\":2000,\"rqi\":\"7\",\"pc\":{}}",                                                           "{\"rsc\":2000,\"rqi\":\"7\",\"pc\":{}}",      NULL,                                             PRIMITIVE_RESPONSE},
    {"response, wrapped",            "{\"m2m:rsp\":{\"rsc\":\"2000\",\"rqi\":\"7\",\"loc\":\"l\",\"retry\":1}}",
     "{\"rsc\":2000,\"rqi\":\"7\"}",                                                                                                                                                    NULL,                                             PRIMITIVE_RESPONSE},

    {"empty",                        "",                                                                                                 NULL,                                          "JSON: unexpected end at byte 0",                 PRIMITIVE_NONE    },
    {"no object",                    "[]",                                                                                               NULL,                                          "JSON: expected an object at byte 0",             PRIMITIVE_NONE    },
    {"nothing in it",                "{}",                                                                                               NULL,                                          "neither op nor rsc: no request and no response", PRIMITIVE_NONE    },
    {"two values",                   "{" RQP "}{}",                                                                                      NULL,                                          "JSON: more than one value at byte 27",           PRIMITIVE_NONE    },
    {"something beside the wrapper", "{\"m2m:rqp\":{" RQP "},\"a\":1}",                                                                  NULL,                                          "JSON: more than one value at byte 27",
     PRIMITIVE_NONE                                                                                                                                                                                                                                         },
    {"a wrapper around nothing",     "{\"m2m:rqp\":}",                                                                                   NULL,                                          "JSON: unexpected end at byte 0",                 PRIMITIVE_NONE    },
    {"a wrapper around a text",      "{\"m2m:rsp\":\"\"}",                                                                               NULL,                                          "JSON: expected an object at byte 0",             PRIMITIVE_NONE    },
    {"twice",                        "{" RQP ",\"op\":2}",                                                                               NULL,                                          "op: given twice",                                PRIMITIVE_NONE    },
    {"two contents",                 "{" RQP ",\"pc\":{},\"pc\":{}}",                                                                    NULL,                                          "pc: given twice",                                PRIMITIVE_NONE    },
    {"bad content",                  "{" RQP ",\"pc\":{\"a\":}}",                                                                        NULL,                                          "JSON: expected a value at byte 37",              PRIMITIVE_NONE    },
    {"line end in a text",           "{" RQP ",\"pc\":{\"a\":\"\n\"}}",                                                                  NULL,                                          "JSON: control character in a string at byte 38",
     PRIMITIVE_NONE                                                                                                                                                                                                                                         },
    {"no op",                        "{\"m2m:rqp\":{\"to\":\"a\",\"rqi\":\"7\"}}",                                                       NULL,                                          "op: mandatory, missing",                         PRIMITIVE_REQUEST },
    {"no to",                        "{\"op\":1,\"rqi\":\"7\"}",                                                                         NULL,                                          "to: mandatory, missing",                         PRIMITIVE_REQUEST },
    {"no rqi",                       "{\"op\":1,\"to\":\"7\"}",                                                                          NULL,                                          "rqi: mandatory, missing",                        PRIMITIVE_REQUEST },
    {"no rsc",                       "{\"m2m:rsp\":{\"rqi\":\"7\"}}",                                                                    NULL,                                          "rsc: mandatory, missing",                        PRIMITIVE_RESPONSE},
    {"control character",            "{" RQP ",\"fr\":\"a\\nb\"}",                                                                       NULL,                                          "fr: must be text without control characters",    PRIMITIVE_REQUEST },
    {"negative",                     "{" RQP ",\"ty\":-1}",                                                                              NULL,                                          "ty: must be a non-negative integer",             PRIMITIVE_REQUEST },
    {"no number",                    "{" RQP ",\"ty\":\"4x\"}",                                                                          NULL,                                          "ty: must be a non-negative integer",             PRIMITIVE_REQUEST },
    {"no number at all",             "{" RQP ",\"ty\":\"\"}",                                                                            NULL,                                          "ty: must be a non-negative integer",             PRIMITIVE_REQUEST },
    {"fraction",                     "{" RQP ",\"ty\":4.0}",                                                                             NULL,                                          "ty: must be a non-negative integer",             PRIMITIVE_REQUEST },
    {"a responseType that is none",  "{" RQP ",\"rt\":6}",                                                                               NULL,                                          "rt: must be an object",                          PRIMITIVE_REQUEST },
};

static void write_any(struct str *out, const struct primitive *p)
{
    if (p->kind == PRIMITIVE_REQUEST)
        primitive_write_request(out, &p->req);
    else
        primitive_write_response(out, &p->rsp);
}

START_TEST(json)
{
    auto_str struct str message = STR_EMPTY, out = STR_EMPTY;
    struct primitive p;
    char why[160] = "";
    int result;

    str_puts(&message, cases[_i].text);
    result = primitive_read(&p, &message, false, why, sizeof why);
    ck_assert_int_eq(p.kind, cases[_i].kind);
    ck_assert_msg((result == 0) == (cases[_i].as != NULL), "%s: %s", cases[_i].name, why);
    if (cases[_i].why)
        ck_assert_msg(strcmp(why, cases[_i].why) == 0, "%s: %s", cases[_i].name, why);
    if (result < 0)
        return;
    write_any(&out, &p);
    ck_assert_msg(strcmp(str_text(&out), cases[_i].as) == 0, "%s: %s", cases[_i].name, str_text(&out));
}
END_TEST

/* The same in CBOR, there and back. */
START_TEST(cbor)
{
    auto_str struct str message = STR_EMPTY, out = STR_EMPTY;
    struct primitive p;
    char why[160] = "";

    if (!cases[_i].as)
        return;
    ck_assert_msg(cbor_from_json(cases[_i].as, strlen(cases[_i].as), &message, why, sizeof why) == 0, "%s", why);
    ck_assert_msg(primitive_read(&p, &message, true, why, sizeof why) == 0, "%s: %s", cases[_i].name, why);
    ck_assert_int_eq(primitive_serialize(&out, &p, true, why, sizeof why), 0);
    ck_assert_msg(primitive_read(&p, &out, true, why, sizeof why) == 0, "%s: %s", cases[_i].name, why);
}
END_TEST

/* Who wraps what it sends is answered likewise. */
START_TEST(wrapped)
{
    static const char *const rows[][2] = {
        {"{\"m2m:rqp\":{\"op\":2,\"to\":\"x\",\"rqi\":\"1\"}}", "{\"m2m:rqp\":{\"op\":2,\"to\":\"x\",\"rqi\":\"1\"}}"},
        {"{\"op\":2,\"to\":\"x\",\"rqi\":\"1\"}",               "{\"op\":2,\"to\":\"x\",\"rqi\":\"1\"}"              },
        {"{\"m2m:rsp\":{\"rsc\":2000,\"rqi\":\"1\"}}",          "{\"m2m:rsp\":{\"rsc\":2000,\"rqi\":\"1\"}}"         },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        auto_str struct str message = STR_EMPTY, out = STR_EMPTY;
        struct primitive p;
        char why[160] = "";

        str_puts(&message, rows[i][0]);
        ck_assert_msg(primitive_read(&p, &message, false, why, sizeof why) == 0, "%s", why);
        ck_assert_int_eq(p.wrapped, i != 1);
        ck_assert_int_eq(primitive_serialize(&out, &p, false, why, sizeof why), 0);
        ck_assert_str_eq(out.data, rows[i][1]);
    }
}
END_TEST

/* An answer can be addressed although something is wrong. */
START_TEST(what_could_be_read)
{
    auto_str struct str message = STR_EMPTY;
    struct primitive p;
    char why[160];

    str_puts(&message, "{\"op\":\"x\",\"rqi\":\"7\",\"fr\":\"Cae\",\"to\":[]}");
    ck_assert_int_eq(primitive_read(&p, &message, false, why, sizeof why), -1);
    ck_assert_str_eq(why, "op: must be a non-negative integer");
    ck_assert_str_eq(p.req.rqi, "7");
    ck_assert_str_eq(p.req.fr, "Cae");
}
END_TEST

START_TEST(too_many_members)
{
    auto_str struct str message = STR_EMPTY;
    struct primitive p;
    char why[160];

    str_puts(&message, "{\"op\":1");
    for (int i = 0; i < PRIMITIVE_MAX_MEMBERS; i++)
        str_addf(&message, ",\"m%d\":%d", i, i);
    str_putc(&message, '}');
    ck_assert_int_eq(primitive_read(&p, &message, false, why, sizeof why), -1);
    ck_assert_msg(strstr(why, "too many members"), "%s", why);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("primitive_json");
    TCase *tc = tcase_create("primitive_json");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, json, 0, (int)ARRAY_LEN(cases));
    tcase_add_loop_test(tc, cbor, 0, (int)ARRAY_LEN(cases));
    tcase_add_test(tc, what_could_be_read);
    tcase_add_test(tc, wrapped);
    tcase_add_test(tc, too_many_members);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
