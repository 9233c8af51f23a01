/* Instances: what is shown, counted, evicted and named. */
#include "fixture.h"

START_TEST(shows_what_was_given)
{
    struct call c;

    fixture_tree();
    ck_assert_int_eq(call_run(&c, JOB_APPEND, "\"pi\":\"cnt1\",\"ty\":4,\"cs\":4,\"ct\":1795226400000",
                              "{\"cnf\":\"text/plain:0\",\"con\":1.50}"),
                     ST_OK);
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"con\":1.50"));
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "{\"m2m:cin\":{\"rn\":\"cin"));
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"pi\":\"cnt1\""));
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"st\":1"));
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"cs\":4"));
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"et\":\"20301121T020000,000\""));
    ck_assert_ptr_nonnull(strstr(c.job.answer.head.data, "\"seq\":1"));
    call_done(&c);
    ck_assert_int_eq(attribute("cnt1", "cni"), 1);
    ck_assert_int_eq(attribute("cnt1", "cbs"), 4);
    ck_assert_int_eq(attribute("cse-in/ae/c", "st"), 1);
}
END_TEST

START_TEST(evicts_the_oldest)
{
    json_t *oldest, *latest;

    fixture_tree();
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(append("cnt1", "\"mni\":3", "{\"con\":\"abcd\"}"), ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), 3);
    ck_assert_int_eq(attribute("cnt1", "cbs"), 12);
    ck_assert_int_eq(attribute("cnt1", "st"), 10);
    ck_assert_int_eq(count_rows("instances"), 3);
    oldest = get("cnt1", OLDEST);
    latest = get("cnt1", LATEST);
    ck_assert_int_eq(json_int(json_object_get(oldest, "m2m:cin"), "st", 0), 8);
    ck_assert_int_eq(json_int(json_object_get(latest, "m2m:cin"), "st", 0), 10);
    json_decref(oldest);
    json_decref(latest);
    ck_assert_int_eq(append("cnt1", "\"mbs\":8", "{\"con\":\"abcd\"}"), ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
    ck_assert_int_eq(append("cnt1", "\"mni\":0", "{\"con\":\"abcd\"}"), ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), 0);
    ck_assert_int_eq(attribute("cnt1", "cbs"), 0);
    ck_assert_ptr_null(get("cnt1", LATEST));
}
END_TEST

struct name_case {
    const char *name;
    const char *rn;
    enum answer_st st;
};

/* In this order, below one container that has a container "sub" and one instance cin100000 (the first number). */
static const struct name_case name_cases[] = {
    {"free",                      "x",         ST_OK    },
    {"taken by an instance",      "x",         ST_EXISTS},
    {"taken by a resource",       "sub",       ST_EXISTS},
    {"taken by a generated name", "cin100000", ST_EXISTS},
    {"short and numberlike",      "cin1",      ST_OK    },
    {"short again",               "cin1",      ST_EXISTS},
    {"the next number but two",   "cin100006", ST_OK    },
    {"other type of number",      "cinzz-1",   ST_OK    },
};

START_TEST(names_are_unique)
{
    struct call c;

    fixture_tree();
    ck_assert_int_eq(create(3, "cnt2", "cnt1", "cse-in/ae/c/sub", ""), ST_OK);
    ck_assert_int_eq(append("cnt1", "", "{\"con\":1}"), ST_OK);
    for (size_t i = 0; i < ARRAY_LEN(name_cases); i++) {
        auto_free char *rn = xasprintf("\"rn\":\"%s\"", name_cases[i].rn);

        ck_assert_msg(append("cnt1", rn, "{\"con\":1}") == name_cases[i].st, "%s", name_cases[i].name);
    }
    /* numbers go on and leave out the one that was taken: 100001 to 100004 were given out above */
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(call_run(&c, JOB_APPEND, "\"pi\":\"cnt1\",\"ty\":4", "{\"con\":1}"), ST_OK);
        ck_assert_ptr_null(strstr(c.job.answer.head.data, "cin100006"));
        call_done(&c);
    }
    ck_assert_int_eq(db_ask(store->db, TAKEN_NEXT, "i", INT64_C(0)), 0); /* nothing is left of what is past */
    db_end(store->db, TAKEN_NEXT);
    ck_assert_int_eq(create(3, "cnt3", "cnt1", "cse-in/ae/c/x", ""), ST_EXISTS);
    ck_assert_int_eq(create(3, "cnt3", "cnt1", "cse-in/ae/c/cin100000", ""), ST_EXISTS);
    ck_assert_int_eq(create(3, "cin100000", "cnt1", "cse-in/ae/c/free", ""), ST_EXISTS);
    ck_assert_int_eq(create(3, "cnt3", "cnt2", "cse-in/ae/c/sub/cin100000", ""), ST_OK);
    ck_assert_int_eq(attribute("cse-in/ae/c/x", "st"), 2);
    ck_assert_int_eq(attribute("cse-in/ae/c/cin100000", "st"), 1);
    ck_assert_int_eq(attribute("cin100000", "st"), 1);
    ck_assert_int_eq(attribute("cse-in/ae/c/cin100006", "ty"), 4);
}
END_TEST

#define FAR "cinzzzzzz"

/* Names that look like a number far ahead are noted as long as somebody has them, whatever way they go. */
START_TEST(names_are_given_back)
{
    bool more = true;

    fixture_tree();
    ck_assert_int_eq(create(3, "cnt2", "Cae", "cse-in/ae/d", "\"mni\":1"), ST_OK);
    ck_assert_int_eq(create(3, FAR "1", "Cae", "cse-in/ae/" FAR "2", ""), ST_OK);
    ck_assert_int_eq(append("cnt1", "\"rn\":\"" FAR "2\"", "{\"con\":1}"), ST_OK);
    ck_assert_int_eq(append("cnt1", "\"rn\":\"" FAR "3\"", "{\"con\":1,\"lbl\":[\"x\"]}"), ST_OK);
    ck_assert_int_eq(append("cnt2", "\"rn\":\"" FAR "4\",\"mni\":1", "{\"con\":1}"), ST_OK);
    ck_assert_int_eq(append("cnt2", "\"rn\":\"" FAR "5\",\"mni\":1", "{\"con\":1}"), ST_OK); /* evicts */
    ck_assert_int_eq(count_rows("taken"), 4);
    ck_assert_int_eq(commit("{\"op\":\"delete\",\"ri\":\"" FAR "1\"}"), ST_OK);
    ck_assert_int_eq(count_rows("taken"), 3); /* 2 has another one */
    ck_assert_int_eq(commit("{\"op\":\"delete\",\"ri\":\"cnt1\"}"), ST_OK);
    while (more)
        more = store_chores(store, &report);
    ck_assert_int_eq(count_rows("taken"), 1);
    ck_assert_int_eq(commit("{\"op\":\"delete\",\"ri\":\"Cae\"}"), ST_OK);
    for (more = true; more;)
        more = store_chores(store, &report);
    ck_assert_int_eq(count_rows("taken"), 0);
}
END_TEST

START_TEST(numbers_survive_a_restart)
{
    char *first, *second;
    json_t *rep;

    fixture_tree();
    ck_assert_int_eq(append("cnt1", "", "{\"con\":1}"), ST_OK);
    rep = get("cnt1", LATEST);
    first = xstrdup(json_str(json_object_get(rep, "m2m:cin"), "ri"));
    json_decref(rep);
    fixture_close();
    fixture_open();
    ck_assert_int_eq(append("cnt1", "", "{\"con\":1}"), ST_OK);
    rep = get("cnt1", LATEST);
    second = xstrdup(json_str(json_object_get(rep, "m2m:cin"), "ri"));
    json_decref(rep);
    ck_assert_int_lt(strcmp(first, second), 0);
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
    free(first);
    free(second);
}
END_TEST

START_TEST(preconditions)
{
    auto_free char *good = NULL, *bad = NULL;
    struct call c;

    fixture_tree();
    good = xasprintf("\"need\":{\"cnt1\":%lld}", (long long)member("cnt1", "v"));
    bad = xasprintf("\"need\":{\"cnt1\":%lld,\"gone\":3}", (long long)member("cnt1", "v"));
    ck_assert_int_eq(append("cnt1", good, "{\"con\":1}"), ST_OK);
    ck_assert_int_eq(append("cnt1", good, "{\"con\":1}"), ST_OK); /* counters are no definition */
    auto_free char *head = xasprintf("\"pi\":\"cnt1\",\"ty\":4,%s", bad);
    ck_assert_int_eq(call_run(&c, JOB_APPEND, head, "{\"con\":1}"), ST_STALE);
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"gone\":null"));
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"cnt1\":"));
    call_done(&c);
    ck_assert_int_eq(append("cnt9", "", "{\"con\":1}"), ST_STALE);
    ck_assert_int_eq(append("cnt1", "\"need\":[1]", "{\"con\":1}"), ST_REFUSED);
    ck_assert_int_eq(append("cnt1", "", "{\"con\":"), ST_REFUSED);
    ck_assert_int_eq(append("cnt1", "", "[]"), ST_REFUSED);
    ck_assert_int_eq(run(JOB_APPEND, "\"pi\":\"cnt1\",\"ty\":3", "{}"), ST_REFUSED);
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
}
END_TEST

START_TEST(again_gives_the_first_answer)
{
    static const char head[] = "\"key\":\"k1\",\"again\":true,\"pi\":\"cnt1\",\"ty\":4,\"cs\":4,\"ct\":1795226400000";
    struct call one, two, three;
    struct job *jobs[] = {&one.job, &two.job};

    fixture_tree();
    call_make(&one, JOB_APPEND, head, "{\"con\":\"abcd\"}");
    call_make(&two, JOB_APPEND, head, "{\"con\":\"abcd\"}");
    group_run(jobs, 2); /* both in one group */
    ck_assert_str_eq(one.job.answer.body.data, two.job.answer.body.data);
    ck_assert_str_eq(one.job.answer.head.data, two.job.answer.head.data);
    fixture_close();
    fixture_open();
    ck_assert_int_eq(call_run(&three, JOB_APPEND, head, "{\"con\":\"abcd\"}"), ST_OK);
    ck_assert_str_eq(one.job.answer.body.data, three.job.answer.body.data);
    ck_assert_int_eq(attribute("cnt1", "cni"), 1);
    call_done(&one);
    call_done(&two);
    call_done(&three);
}
END_TEST

/* A name of the content beside the key of each: it counts only for who asks for it. */
START_TEST(another_name_of_the_answer)
{
    struct call one, two;

    fixture_tree();
    ck_assert_int_eq(call_run(&one, JOB_APPEND, "\"key\":\"k1\",\"also\":\"hash\",\"pi\":\"cnt1\",\"ty\":4", "{\"con\":1}"),
                     ST_OK);
    ck_assert_int_eq(run(JOB_APPEND, "\"key\":\"k2\",\"also\":\"hash\",\"again\":true,\"pi\":\"cnt1\",\"ty\":4", "{\"con\":1}"),
                     ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
    fixture_close();
    fixture_open();
    ck_assert_int_eq(
        call_run(&two, JOB_APPEND, "\"key\":\"hash\",\"also\":\"hash\",\"again\":true,\"pi\":\"cnt1\",\"ty\":4", "{\"con\":1}"),
        ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
    ck_assert_int_eq(run(JOB_APPEND, "\"key\":\"k3\",\"also\":\"a b\",\"pi\":\"cnt1\",\"ty\":4", "{\"con\":1}"), ST_REFUSED);
    call_done(&one);
    call_done(&two);
}
END_TEST

#define MORE "{\"op\":\"append\",\"ri\":\"cnt1\",\"instance\":{\"ty\":4,\"cs\":1,\"mni\":3,\"a\":{\"con\":\"2\"}}}"

/* What follows from an instance is done with it, or nothing at all. */
START_TEST(what_follows)
{
    static const struct {
        const char *name, *then;
        enum answer_st st;
        int instances, events;
    } cases[] = {
        {"another instance",    "[" MORE "]",                                                                                ST_OK,      2, 2},
        {"two, and a change",   "[" MORE "," MORE ",{\"op\":\"update\",\"ri\":\"Cae\",\"set\":{\"apn\":\"x\"},\"del\":[]}]", ST_OK,
         3,                                                                                                                                 4},
        {"evicted",             "[" MORE "," MORE "," MORE "]",                                                              ST_OK,      3, 4},
        {"of a container gone", "[" MORE ",{\"op\":\"append\",\"ri\":\"gone\",\"instance\":{\"ty\":4,\"a\":{}}}]",           ST_STALE,   0,
         0                                                                                                                                   },
        {"no instance",         "[{\"op\":\"append\",\"ri\":\"cnt1\",\"instance\":{\"ty\":3,\"a\":{}}}]",                    ST_REFUSED, 0, 0},
        {"none",                "[{\"op\":\"append\",\"ri\":\"cnt1\"}]",                                                     ST_REFUSED, 0, 0},
        {"no operation",        "[{\"op\":\"sing\"}]",                                                                       ST_REFUSED, 0, 0},
        {"no list",             "{}",                                                                                        ST_REFUSED, 0, 0},
    };
    static const char again[] = "\"key\":\"k9\",\"again\":true,";
    int64_t before;

    fixture_tree();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_free char *more = xasprintf("%s\"then\":%s", i == 0 ? again : "", cases[i].then);

        fixture_teardown();
        fixture_setup();
        fixture_tree();
        before = count_rows("outbox");
        ck_assert_msg(append("cnt1", more, "{\"con\":\"1\"}") == cases[i].st, "%s", cases[i].name);
        ck_assert_msg(count_rows("instances") == cases[i].instances, "%s", cases[i].name);
        ck_assert_msg(attribute("cnt1", "cni") == cases[i].instances, "%s", cases[i].name);
        ck_assert_msg(count_rows("outbox") - before == cases[i].events, "%s", cases[i].name);
        if (i > 0)
            continue;
        /* Again: the first answer, nothing more. */
        ck_assert_int_eq(append("cnt1", more, "{\"con\":\"1\"}"), ST_OK);
        ck_assert_int_eq(count_rows("instances"), 2);
        ck_assert_int_eq(attribute("cnt1", "st"), 2);
    }
}
END_TEST

/* Steps of the database's machine for appends with eviction to a container that holds `count`. */
static int64_t work_at(int count)
{
    enum { CHUNK = 500 };
    static struct call calls[CHUNK];
    static struct job *jobs[CHUNK];
    auto_free char *head = xasprintf("\"pi\":\"cnt1\",\"ty\":4,\"cs\":1,\"mni\":%d", count);

    for (int have = (int)attribute("cnt1", "cni"), n; have < count; have += n) {
        n = count - have < CHUNK ? count - have : CHUNK;
        for (int i = 0; i < n; i++) {
            call_make(&calls[i], JOB_APPEND, head, "{\"con\":1}");
            jobs[i] = &calls[i].job;
        }
        group_run(jobs, n);
        for (int i = 0; i < n; i++)
            call_done(&calls[i]);
    }
    run(JOB_APPEND, head, "{\"con\":1}");
    store->db->work = 0;
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(run(JOB_APPEND, head, "{\"con\":1}"), ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), count);
    return store->db->work;
}

START_TEST(cost_does_not_grow)
{
    int64_t few, many;

    fixture_tree();
    few = work_at(10);
    many = work_at(100000);
    ck_assert_msg(few > 0 && many <= few + few / 10, "%lld steps at 10, %lld at 100,000", (long long)few, (long long)many);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("append");

    tcase_add_test(tcase, shows_what_was_given);
    tcase_add_test(tcase, evicts_the_oldest);
    tcase_add_test(tcase, names_are_unique);
    tcase_add_test(tcase, names_are_given_back);
    tcase_add_test(tcase, numbers_survive_a_restart);
    tcase_add_test(tcase, preconditions);
    tcase_add_test(tcase, again_gives_the_first_answer);
    tcase_add_test(tcase, another_name_of_the_answer);
    tcase_add_test(tcase, what_follows);
    tcase_add_test(tcase, cost_does_not_grow);
    return suite_run(tcase);
}
