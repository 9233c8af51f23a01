/* Questions of a plan: asked once, answered once, with an id that is the same when the request comes again. */
#include "ask.h"
#include "cse.h"
#include "envelope.h"
#include "mem.h"

#include <check.h>
#include <stdlib.h>

/* What is here and what is not depends on what the CSE is called. */
static void begin(void)
{
    static char program[] = "test";
    char *argv[] = {program, NULL};
    const struct config_row *const tables[] = {cse_config, NULL};

    config_load("test", tables, 1, argv);
}

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
    open = ask_next(&snap, ASK_HERE);
    asked_set_open(&snap, open);
    open->loc = xstrdup("cse-in/a/x");
    ask_drop_new(&snap);
    ck_assert_uint_eq(snap.asked_count, 1);
    asked_set_answer(&snap, open, RSC_OK, (struct slice){"{}", 2}, 0);
    snapshot_forget(&snap);
    answer = snapshot_ask(&snap, &req, "a", &question, 0);
    ck_assert_ptr_nonnull(answer);
    ck_assert_int_eq(answer->rsc, RSC_OK);
    ck_assert_str_eq(str_text(&answer->content), "{}");
    ck_assert_str_eq(answer->loc, "cse-in/a/x");
    ck_assert_ptr_null(ask_next(&snap, ASK_HERE));
    ck_assert(!ask_waits(&snap));
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
    asked_set_open(&snap, ask_next(&snap, ASK_HERE));
    ask_drop_new(&snap);
    ck_assert_uint_eq(snap.asked_count, 1);
    ck_assert_ptr_null(snapshot_ask(&snap, &req, "m5", &question, 0));
    ck_assert_str_eq(ask_next(&snap, ASK_HERE)->key, "m5");
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
    asked = ask_next(&snap, ASK_HERE);
    ck_assert_int_eq(envelope_parse(&e, asked->head.data, asked->head.len), (ssize_t)asked->head.len);
    ck_assert_int_eq(request_decode(&back, &e, why, sizeof why), 0);
    ck_assert_str_eq(back.id, "h1-7/member \"1\"");
    ck_assert_str_eq(back.rqi, "r1/member \"1\"");
    ck_assert_str_eq(back.to, "cse-in/a");
    ck_assert_str_eq(back.tenant, "main");
    ck_assert_int_eq(back.op, OP_RETRIEVE);
    ck_assert(slice_is(asked->pc, "{\"m2m:atrl\":[]}"));
    ck_assert_ptr_ne(asked->pc.p, question.pc.p);
    ck_assert(slice_is(back.identity, "{\"by\":\"none\"}"));
    ask_done(&snap);
}
END_TEST

/* The content of the request itself goes to all members of a group: it is not copied, unless nobody waits for the end. */
START_TEST(passes_its_content_on)
{
    struct snapshot snap = {0};
    struct request req = asker(), question = retrieve("cse-in/a");
    char content[] = "{\"m2m:cin\":{\"con\":1}}";

    req.pc = question.pc = (struct slice){content, sizeof content - 1};
    snapshot_ask(&snap, &req, "a", &question, 0);
    ck_assert_ptr_eq(ask_next(&snap, ASK_HERE)->pc.p, content);
    snapshot_ask(&snap, &req, "b", &question, ASK_AFTER);
    ck_assert_ptr_ne(snap.asked[1]->pc.p, content);
    ask_done(&snap);
}
END_TEST

/* What leads elsewhere is apart from what is here; what comes after the answer is not sent before. */
START_TEST(tells_places_apart)
{
    static const struct {
        const char *to;
        enum ask_place place;
    } rows[] = {
        {"cse-in/a",        ASK_HERE},
        {"/id-in/cnt1",     ASK_HERE},
        {"/mn/cse-mn/a",    ASK_AWAY},
        {"http://x.test/n", ASK_AWAY},
    };
    struct snapshot snap = {0};
    struct request req = asker();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct request question = retrieve(rows[i].to);

        ck_assert_ptr_null(snapshot_ask(&snap, &req, rows[i].to, &question, i == 1 ? ASK_AFTER : 0));
        ck_assert_int_eq(snap.asked[i]->place, rows[i].place);
    }
    ck_assert_str_eq(ask_next(&snap, ASK_HERE)->to, "cse-in/a");
    asked_set_open(&snap, ask_next(&snap, ASK_HERE));
    ck_assert_ptr_null(ask_next(&snap, ASK_HERE));
    ck_assert_uint_eq(snap.asked_new[ASK_AWAY], 2);
    asked_set_open(&snap, ask_next(&snap, ASK_AWAY));
    ck_assert_str_eq(ask_next(&snap, ASK_AWAY)->to, "http://x.test/n");
    ask_drop_new(&snap);
    ck_assert(!ask_waits(&snap));
    ck_assert_uint_eq(snap.asked_count, 2);
    ask_done(&snap);
}
END_TEST

/* Contents beyond the bound are left out; the first one always fits. */
START_TEST(bounds_the_answers)
{
    struct snapshot snap = {0};
    struct request req = asker(), question = retrieve("cse-in/a");
    char big[100];

    memset(big, '1', sizeof big);
    for (int i = 0; i < 3; i++) {
        auto_free char *key = xasprintf("m%d", i);
        struct asked *asked;

        snapshot_ask(&snap, &req, key, &question, 0);
        asked = ask_next(&snap, ASK_HERE);
        asked_set_open(&snap, asked);
        asked_set_answer(&snap, asked, RSC_OK, (struct slice){big, i == 2 ? 0 : sizeof big}, 50);
        ck_assert_int_eq(asked->cut, i == 1);
    }
    ask_done(&snap);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ask");
    TCase *tcase = tcase_create("ask");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_test(tcase, asks_once_and_keeps_the_answer);
    tcase_add_test(tcase, drops_what_was_not_sent);
    tcase_add_test(tcase, writes_a_primitive);
    tcase_add_test(tcase, passes_its_content_on);
    tcase_add_test(tcase, tells_places_apart);
    tcase_add_test(tcase, bounds_the_answers);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
