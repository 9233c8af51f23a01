/* Primitives: read, written, read again. */
#include "mem.h"
#include "primitive.h"

#include <check.h>

/* Heads that stay the same when they are read and written. */
static const struct {
    const char *name, *head;
} same[] = {
    {"nothing",  ""                                                                                                 },
    {"envelope", ",\"tenant\":\"main\",\"identity\":{\"by\":\"none\"},\"trace\":\"00-1-2-01\""                      },
    {"create",   ",\"op\":1,\"to\":\"cse-in/a\\\"b\",\"fr\":\"Cae\",\"rqi\":\"12\",\"ty\":4,\"rcn\":0,\"rvi\":\"3\""},
    {"flags",    ",\"drt\":2,\"ec\":3,\"da\":true,\"tqi\":false,\"asi\":true,\"auri\":false,\"sqi\":true"           },
    {"times",    ",\"ot\":\"20261121T080102\",\"rqet\":\"5000\",\"rset\":\"-1\",\"oet\":\"0\",\"rp\":\"PT1H\""      },
    {"nested",   ",\"gid\":\"g\",\"vsi\":\"v\",\"prpi\":\"p\",\"rt\":{\"rtv\":3,\"nu\":[\"x\"]},\"fc\":{\"ty\":[4]}"},
    {"lists",    ",\"rids\":[\"1\"],\"tkns\":[],\"tids\":[\"a\"],\"ltids\":[\"b\"],\"grtm\":[\"c\"],\"aus\":[\"d\"]"},
};

static ssize_t parse(struct envelope *e, struct str *text, const char *head, const char *body)
{
    str_addf(text, "{%s}\n%s\n", *head ? head + 1 : "", body);
    return envelope_parse(e, text->data, text->len);
}

START_TEST(test_request_same)
{
    auto_str struct str text = STR_EMPTY, head = STR_EMPTY;
    struct envelope e;
    struct request req;
    char why[100] = "";

    ck_assert_int_gt(parse(&e, &text, same[_i].head, "{\"a\":1}"), 0);
    ck_assert_msg(request_decode(&req, &e, why, sizeof(why)) == 0, "%s: %s", same[_i].name, why);
    ck_assert(slice_is(req.pc, "{\"a\":1}"));
    request_encode(&head, &req);
    ck_assert_str_eq(str_text(&head), same[_i].head);
}
END_TEST

static const struct {
    const char *name, *head, *why;
} wrong[] = {
    {"number for text",    ",\"to\":1",                    "to: must be a string"                               },
    {"text for number",    ",\"op\":\"1\"",                "op: must be a non-negative integer"                 },
    {"negative",           ",\"rcn\":-1",                  "rcn: must be a non-negative integer"                },
    {"fraction",           ",\"rcn\":1.0",                 "rcn: must be a non-negative integer"                },
    {"beyond int",         ",\"ty\":2147483648",           "ty: must be a non-negative integer"                 },
    {"far beyond",         ",\"ty\":99999999999999999999", "ty: must be a non-negative integer"                 },
    {"number for boolean", ",\"da\":1",                    "da: must be true or false"                          },
    {"list for object",    ",\"fc\":[]",                   "fc: must be an object"                              },
    {"object for list",    ",\"tkns\":{}",                 "tkns: must be a list"                               },
    {"null",               ",\"fr\":null",                 "fr: must be a string"                               },
    {"deadline",           ",\"deadline\":\"soon\"",       "deadline: must be a time in milliseconds since 1970"},
};

START_TEST(test_request_wrong)
{
    auto_str struct str text = STR_EMPTY;
    struct envelope e;
    struct request req = {.op = 77};
    char why[100] = "";

    ck_assert_int_gt(parse(&e, &text, wrong[_i].head, ""), 0);
    ck_assert_msg(request_decode(&req, &e, why, sizeof(why)) == -1, "%s: accepted", wrong[_i].name);
    ck_assert_str_eq(why, wrong[_i].why);
    ck_assert_int_eq(req.op, 77);
}
END_TEST

START_TEST(test_request_envelope)
{
    auto_str struct str text = STR_EMPTY, head = STR_EMPTY;
    struct envelope e;
    struct request req;
    char why[100] = "";

    parse(&e, &text, ",\"id\":\"h-1\",\"deadline\":1795226400123,\"rqet\":500,\"unknown\":[1]", "");
    ck_assert_int_eq(request_decode(&req, &e, why, sizeof(why)), 0);
    ck_assert_str_eq(req.id, "h-1");
    ck_assert_int_eq(req.deadline, INT64_C(1795226400123));
    ck_assert_str_eq(req.rqet, "500");
    ck_assert_int_eq(req.op, ABSENT);
    ck_assert_int_eq(req.da, ABSENT);
    ck_assert_ptr_null(req.to);
    ck_assert_ptr_null(req.pc.p);
    request_encode(&head, &req);
    ck_assert_str_eq(str_text(&head), ",\"rqet\":\"500\"");
}
END_TEST

START_TEST(test_response_same)
{
    static const char all[] =
        ",\"rsc\":2001,\"rqi\":\"1\",\"rvi\":\"3\",\"to\":\"t\",\"fr\":\"f\",\"ot\":\"o\",\"rset\":\"r\",\"vsi\":\"v\",\"ec\":2,"
        "\"cnst\":1,\"cnot\":0,\"ati\":{\"a\":1},\"tqf\":{},\"asri\":4,\"loc\":\"l\",\"retry\":1";
    auto_str struct str text = STR_EMPTY, head = STR_EMPTY;
    struct envelope e;
    struct response rsp;
    char why[100] = "";

    ck_assert_int_gt(parse(&e, &text, all, "[]"), 0);
    ck_assert_int_eq(response_decode(&rsp, &e, why, sizeof(why)), 0);
    response_encode(&head, &rsp);
    ck_assert_str_eq(str_text(&head), all);
    response_init(&rsp);
    str_reset(&head);
    response_encode(&head, &rsp);
    ck_assert_str_eq(str_text(&head), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("primitive");
    TCase *tc = tcase_create("primitive");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_request_same, 0, ARRAY_LEN(same));
    tcase_add_loop_test(tc, test_request_wrong, 0, ARRAY_LEN(wrong));
    tcase_add_test(tc, test_request_envelope);
    tcase_add_test(tc, test_response_same);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
