/* Instances that are no contentInstances: told apart by their time, or made along with a change of their parent. */
#include "fixture.h"

enum { TS = 29, FCNT = 28 };

static void series(void)
{
    fixture_tree();
    ck_assert_int_eq(create(TS, "ts1", "Cae", "cse-in/ae/ts", "\"mdc\":0"), ST_OK);
}

static enum answer_st append_at(const char *pi, int64_t dgt)
{
    auto_free char *head =
        xasprintf("\"pi\":\"%s\",\"ty\":30,\"cs\":1,\"ct\":%lld,\"dgt\":%lld", pi, (long long)AT, (long long)dgt);

    return run(JOB_APPEND, head, "{\"dgt\":\"20261121T020000\",\"con\":1}");
}

START_TEST(one_instance_for_each_time)
{
    struct call c;
    json_t *latest;

    series();
    ck_assert_int_eq(create(TS, "ts2", "Cae", "cse-in/ae/ts2", ""), ST_OK);
    ck_assert_int_eq(append_at("ts1", AT * 1000), ST_OK);
    ck_assert_int_eq(append_at("ts1", AT * 1000 + 1), ST_OK);
    ck_assert_int_eq(append_at("ts2", AT * 1000), ST_OK);
    auto_free char *head = xasprintf("\"pi\":\"ts1\",\"ty\":30,\"cs\":1,\"dgt\":%lld", (long long)AT * 1000);
    ck_assert_int_eq(call_run(&c, JOB_APPEND, head, "{\"con\":1}"), ST_EXISTS);
    ck_assert_ptr_nonnull(strstr(c.job.answer.head.data, "\"what\":\"dgt\""));
    call_done(&c);
    ck_assert_int_eq(attribute("ts1", "cni"), 2);
    ck_assert_int_eq(attribute("ts1", "st"), -1); /* a timeSeries has none, and neither have its instances */
    latest = get("ts1", LATEST);
    ck_assert_int_eq(json_int(json_object_get(latest, "m2m:tsi"), "st", -1), -1);
    ck_assert_int_eq(json_int(json_object_get(latest, "m2m:tsi"), "cs", -1), 1);
    json_decref(latest);
    /* a time is free again when its instance is gone */
    ck_assert_int_eq(run(JOB_APPEND, "\"pi\":\"ts1\",\"ty\":30,\"cs\":1,\"dgt\":5,\"mni\":1", "{\"con\":1}"), ST_OK);
    ck_assert_int_eq(append_at("ts1", AT * 1000), ST_OK);
    ck_assert_int_eq(append_at("ts1", 5), ST_EXISTS);
    ck_assert_int_eq(attribute("ts1", "cni"), 2);
}
END_TEST

START_TEST(missing_data_are_counted)
{
    auto_free char *head = NULL, *last = NULL;
    static const char count[] =
        "{\"ops\":[{\"op\":\"count\",\"ri\":\"ts1\",\"set\":{\"mdlt\":[\"20261121T020000\"],\"mdc\":1},\"del\":[]}]}";
    int64_t v;

    series();
    v = member("ts1", "v");
    head = xasprintf("\"need\":{\"ts1\":%lld}", (long long)v);
    ck_assert_int_eq(run(JOB_COMMIT, head, count), ST_OK);
    ck_assert_int_eq(attribute("ts1", "mdc"), 1);
    ck_assert_int_eq(member("ts1", "v"), v);
    last = event(1);
    ck_assert_ptr_nonnull(strstr(last, "main.ts.create")); /* no event */
    ck_assert_int_eq(commit("{\"op\":\"update\",\"ri\":\"ts1\",\"set\":{\"mdc\":0},\"del\":[\"mdlt\"]}"), ST_OK);
    ck_assert_int_eq(run(JOB_COMMIT, head, count), ST_STALE); /* an UPDATE has begun anew */
    ck_assert_int_eq(attribute("ts1", "mdc"), 0);
}
END_TEST

/* A flexContainer with a history; `more` of its instance. */
static void flex(const char *more)
{
    auto_free char *op = xasprintf(
        "{\"op\":\"create\",\"r\":{\"ri\":\"fcnt1\",\"pi\":\"Cae\",\"ty\":28,\"path\":\"cse-in/ae/f\",\"by\":\"Cae\",\"key\":"
        "\"cod:tempe\",\"a\":{\"rn\":\"f\",\"ty\":28,\"ri\":\"fcnt1\",\"et\":\"20301121T020000\",\"cs\":4,\"curT0\":21.5}},"
        "\"instance\":{\"ty\":58,\"cs\":4,\"a\":{\"curT0\":21.5,\"lbl\":[\"x\"],\"org\":\"Cae\"}%s}}",
        more);

    fixture_tree();
    ck_assert_int_eq(commit(op), ST_OK);
}

static enum answer_st change(struct call *c, const char *members)
{
    auto_free char *body = xasprintf("{\"ops\":[{\"op\":\"update\",\"ri\":\"fcnt1\",\"set\":{\"curT0\":22.0}%s}]}", members);
    auto_free char *head = xasprintf("\"at\":%lld,\"fr\":\"Cae\"", (long long)AT + 1000);

    return call_run(c, JOB_COMMIT, head, body);
}

START_TEST(an_instance_goes_along)
{
    auto_free char *first = NULL, *second = NULL;
    json_t *rep, *instance;
    struct call c;

    flex("");
    first = event(2);
    second = event(1);
    ck_assert_ptr_nonnull(strstr(first, "main.fcnt.create"));
    ck_assert_ptr_nonnull(strstr(first, "{\"cod:tempe\":{"));
    ck_assert_ptr_nonnull(strstr(first, "\"cni\":1,\"cbs\":4"));
    ck_assert_ptr_nonnull(strstr(second, "main.fcin.create"));
    ck_assert_ptr_nonnull(strstr(second, "{\"cod:tempeInst\":{"));
    ck_assert_int_eq(attribute("fcnt1", "st"), 0);
    rep = get("fcnt1", LATEST);
    instance = json_object_get(rep, "cod:tempeInst");
    ck_assert_int_eq(json_int(instance, "st", -1), 0);
    ck_assert_int_eq(json_int(instance, "cs", -1), 4);
    ck_assert_str_eq(json_str(instance, "org"), "Cae");
    ck_assert_str_eq(json_str(instance, "et"), "20301121T020000,000");
    json_decref(rep);
    rep = get("fcnt1", NOT_VIRTUAL);
    ck_assert_ptr_nonnull(json_object_get(rep, "cod:tempe"));
    json_decref(rep);
    /* an update makes one more, of the state that it leads to */
    ck_assert_int_eq(change(&c, ",\"instance\":{\"ty\":58,\"cs\":5,\"a\":{\"curT0\":22.0},\"mni\":2}"), ST_OK);
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"key\":\"cod:tempe\""));
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"st\":1,\"cni\":2,\"cbs\":9"));
    call_done(&c);
    ck_assert_int_eq(change(&c, ",\"instance\":{\"ty\":58,\"cs\":6,\"a\":{\"curT0\":23.0},\"mni\":2}"), ST_OK);
    call_done(&c);
    ck_assert_int_eq(attribute("fcnt1", "cni"), 2);
    ck_assert_int_eq(attribute("fcnt1", "cbs"), 11);
    rep = get("fcnt1", OLDEST);
    ck_assert_int_eq(json_int(json_object_get(rep, "cod:tempeInst"), "st", -1), 1);
    json_decref(rep);
}
END_TEST

START_TEST(a_history_ends)
{
    struct call c;
    bool more = true;

    flex("");
    ck_assert_int_eq(change(&c, ",\"purge\":true"), ST_OK);
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"cni\":0,\"cbs\":0"));
    call_done(&c);
    ck_assert_ptr_null(get("fcnt1", LATEST));
    for (int i = 0; more && i < 100; i++)
        more = store_chores(store, &report);
    ck_assert_int_eq(count_rows("instances"), 0);
    ck_assert_int_eq(count_rows("labels"), 0);
}
END_TEST

START_TEST(an_instance_that_is_none)
{
    struct call c;

    flex("");
    ck_assert_int_eq(change(&c, ",\"instance\":{\"ty\":3,\"cs\":5,\"a\":{}}"), ST_REFUSED);
    call_done(&c);
    ck_assert_int_eq(change(&c, ",\"instance\":{\"ty\":58,\"cs\":5}"), ST_REFUSED);
    call_done(&c);
    ck_assert_int_eq(attribute("fcnt1", "st"), 0); /* and nothing else was done */
}
END_TEST

/* A query's answer about the subtree of the AE. The caller owns it. */
static json_t *search(const char *criteria, bool full)
{
    json_auto_t *fc = json_loads(criteria, 0, NULL);
    struct query query = {.root = "Cae", .full = full, .fc = fc, .max = 100};
    struct answer a = {0};
    json_t *found;

    ck_assert_int_eq(query_run(reader, &query, &a), 0);
    found = json_loads(a.body.data, 0, NULL);
    ck_assert_ptr_nonnull(found);
    answer_done(&a);
    return found;
}

static const struct {
    const char *name, *criteria;
    int count;
    const char *key; /* of the last one */
} searches[] = {
    {"instances",          "{\"ty\":[58]}",                                   1, "cod:tempeInst"},
    {"flexContainer",      "{\"ty\":[28]}",                                   1, "cod:tempe"    },
    {"its label",          "{\"lbl\":[\"x\"]}",                               1, "cod:tempeInst"},
    {"custom attribute",   "{\"atr\":[{\"nm\":\"curT0\",\"val\":\"21.5\"}]}", 2, "cod:tempeInst"},
    {"size of both",       "{\"sza\":4,\"szb\":5}",                           2, "cod:tempeInst"},
    {"another size",       "{\"sza\":5}",                                     0, NULL           },
    {"state",              "{\"stb\":0,\"ty\":[58]}",                         1, "cod:tempeInst"},
    {"no other has a key", "{\"ty\":[3]}",                                    1, NULL           },
};

START_TEST(searches_say_the_key)
{
    json_t *rows, *last, *answer;

    flex("");
    answer = search(searches[_i].criteria, _i % 2);
    rows = json_object_get(answer, "rows");
    ck_assert_msg((int)json_array_size(rows) == searches[_i].count, "%s: %zu", searches[_i].name, json_array_size(rows));
    last = json_array_get(rows, json_array_size(rows) - 1);
    if (searches[_i].key)
        ck_assert_str_eq(json_string_value(json_array_get(last, 8)), searches[_i].key);
    else
        ck_assert_ptr_null(json_array_get(last, 8));
    json_decref(answer);
}
END_TEST

START_TEST(records_say_the_key)
{
    json_auto_t *resource = NULL, *instance = NULL;

    flex("");
    resource = record("fcnt1");
    ck_assert_str_eq(json_str(resource, "key"), "cod:tempe");
    instance = record("fcin100000");
    ck_assert_str_eq(json_str(instance, "key"), "cod:tempeInst");
    ck_assert_str_eq(json_str(instance, "path"), "cse-in/ae/f/fcin100000");
    ck_assert_int_eq(json_int(instance, "ty", 0), 58);
}
END_TEST

START_TEST(an_instance_has_its_own_end)
{
    struct call c;
    int64_t end = AT + 60000;
    auto_free char *more = xasprintf(",\"et\":%lld", (long long)end);
    struct job sweep = {.kind = JOB_SWEEP, .sweep = 10};
    struct job *jobs[] = {&sweep};

    flex(more);
    sweep.origin.at = end;
    group_run(jobs, 1);
    ck_assert_int_eq(sweep.answer.st, ST_OK);
    job_done(&sweep);
    ck_assert_int_eq(attribute("fcnt1", "cni"), 0);
    ck_assert_int_eq(run(JOB_COMMIT, "", "{\"ops\":[{\"op\":\"delete\",\"ri\":\"fcnt1\"}]}"), ST_OK);
    ck_assert_int_eq(call_run(&c, JOB_COMMIT, "", "{\"ops\":[{\"op\":\"delete\",\"ri\":\"fcin100000\"}]}"), ST_STALE);
    call_done(&c);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("instances");

    tcase_add_test(tcase, one_instance_for_each_time);
    tcase_add_test(tcase, missing_data_are_counted);
    tcase_add_test(tcase, an_instance_goes_along);
    tcase_add_test(tcase, a_history_ends);
    tcase_add_test(tcase, an_instance_that_is_none);
    tcase_add_loop_test(tcase, searches_say_the_key, 0, ARRAY_LEN(searches));
    tcase_add_test(tcase, records_say_the_key);
    tcase_add_test(tcase, an_instance_has_its_own_end);
    return suite_run(tcase);
}
