/* Questions of a plan: asked once, answered once, with an id that is the same when the request comes again. */
#include "ask.h"
#include "envelope.h"
#include "mem.h"

#include <check.h>
#include <stdlib.h>

static struct request asker(void)
{
    struct request req;

    request_init(&req);
    req.id = "h1-7";
    req.rqi = "r1";
    req.tenant = "main";
    req.identity = (struct slice){"{\"by\":\"none\"}", 13};
    return req;
}

static struct request retrieve(const char *to)
{
    struct request req;

    request_init(&req);
    req.op = OP_RETRIEVE;
    req.to = to;
    req.fr = "Cae";
    return req;
}

START_TEST(asks_once_and_keeps_the_answer)
{
    struct snapshot snap = {0};
    struct request req = asker(), question = retrieve("cse-in/a");
    const struct asked *answer;
    struct asked *open;

    ck_assert_ptr_null(snapshot_ask(&snap, &req, "a", &question, 0));
    ck_assert_ptr_null(snapshot_ask(&snap, &req, "a", &question, 0));
    ck_assert_uint_eq(snap.asked_count, 1);
    open = ask_next(&snap);
    open->state = ASKED_OPEN;
    ask_drop_new(&snap);
    ck_assert_uint_eq(snap.asked_count, 1);
    asked_set_answer(open, RSC_OK, (struct slice){"{}", 2}, "cse-in/a/x", ABSENT, ABSENT);
    snapshot_forget(&snap);
    answer = snapshot_ask(&snap, &req, "a", &question, 0);
    ck_assert_ptr_nonnull(answer);
    ck_assert_int_eq(answer->rsc, RSC_OK);
    ck_assert_str_eq(str_text(&answer->content), "{}");
    ck_assert_str_eq(answer->loc, "cse-in/a/x");
    ck_assert_ptr_null(ask_next(&snap));
    ask_done(&snap);
}
END_TEST

START_TEST(drops_what_was_not_sent)
{
    struct snapshot snap = {0};
    struct request req = asker(), question = retrieve("cse-in/a");

    for (int i = 0; i < 100; i++) {
        auto_free char *key = xasprintf("m%d", i);

        ck_assert_ptr_null(snapshot_ask(&snap, &req, key, &question, 0));
    }
    ask_next(&snap)->state = ASKED_OPEN;
    ask_drop_new(&snap);
    ck_assert_uint_eq(snap.asked_count, 1);
    ck_assert_ptr_null(snapshot_ask(&snap, &req, "m5", &question, 0));
    ck_assert_str_eq(ask_next(&snap)->key, "m5");
    ask_done(&snap);
}
END_TEST

START_TEST(writes_a_primitive)
{
    struct snapshot snap = {0};
    struct request req = asker(), question = retrieve("cse-in/a"), back;
    struct envelope e;
    struct asked *asked;
    char why[64];

    question.pc = (struct slice){"{\"m2m:atrl\":[]}", 15};
    snapshot_ask(&snap, &req, "member \"1\"", &question, 0);
    asked = ask_next(&snap);
    ck_assert_int_eq(envelope_parse(&e, asked->text.data, asked->text.len), (ssize_t)asked->text.len);
    ck_assert_int_eq(request_decode(&back, &e, why, sizeof why), 0);
    ck_assert_str_eq(back.id, "h1-7/member \"1\"");
    ck_assert_str_eq(back.rqi, "r1/member \"1\"");
    ck_assert_str_eq(back.to, "cse-in/a");
    ck_assert_str_eq(back.tenant, "main");
    ck_assert_int_eq(back.op, OP_RETRIEVE);
    ck_assert(slice_is(back.pc, "{\"m2m:atrl\":[]}"));
    ck_assert(slice_is(back.identity, "{\"by\":\"none\"}"));
    ask_done(&snap);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ask");
    TCase *tcase = tcase_create("ask");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, asks_once_and_keeps_the_answer);
    tcase_add_test(tcase, drops_what_was_not_sent);
    tcase_add_test(tcase, writes_a_primitive);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
