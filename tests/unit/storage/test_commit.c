/* Commits: what each operation changes, refuses and tells. */
#include "fixture.h"

struct op_case {
    const char *name;
    const char *op;
    enum answer_st st;
};

#define R(ri, pi, ty, path) "{\"ri\":\"" ri "\",\"pi\":\"" pi "\",\"ty\":" #ty ",\"path\":\"" path "\",\"a\":{\"rn\":\"x\"}}"

static const struct op_case op_cases[] = {
    {"id taken",                            "{\"op\":\"create\",\"r\":" R("cnt1",         "Cae",3, "cse-in/ae/new") "}", ST_EXISTS},
    {"path taken",                 "{\"op\":\"create\",\"r\":" R("cnt9",                                                    "Cae",3, "cse-in/ae/c") "}", ST_EXISTS},
    {"no parent","{\"op\":\"create\",\"r\":" R("cnt9","gone",3, "cse-in/gone/c") "}", ST_STALE},
    {"path elsewhere",                            "{\"op\":\"create\",\"r\":" R("cnt9",                                                                        "Cae",3, "cse-in/c") "}", ST_REFUSED},
    {"path too deep",                               "{\"op\":\"create\",\"r\":" R("cnt9",                                                                                                      "Cae",                                                     3, "cse-in/ae/b/c") "}", ST_REFUSED},
    {"second base",                                     "{\"op\":\"create\",\"r\":" R("cnt9",                                                                  "",5, "cse-in") "}", ST_EXISTS},
    {"instance",                                    "{\"op\":\"create\",\"r\":" R("cnt9",                                                                 "cnt1",4, "cse-in/ae/c/i") "}", ST_REFUSED},
    {"unknown type",                       "{\"op\":\"create\",\"r\":" R("cnt9", "cnt1",9999, "cse-in/ae/c/i") "}", ST_REFUSED},
    {"no record",                 "{\"op\":\"create\"}",                                                   ST_REFUSED},
    {"unknown operation","{\"op\":\"explode\",\"ri\":\"cnt1\"}",ST_REFUSED},
    {"no operation",                            "{}",                                                                        ST_REFUSED},
    {"update nothing",                               "{\"op\":\"update\",\"ri\":\"gone\",\"set\":{}}",          ST_STALE},
    {"update without ri",                                     "{\"op\":\"update\",\"set\":{}}",                                                                    ST_REFUSED},
    {"delete nothing",                                 "{\"op\":\"delete\",\"ri\":\"gone\"}",                                                         ST_STALE                                                                                                                                                        },
    {"delete number",                           "{\"op\":\"delete\",\"ri\":\"cin100zzz\"}",                                  ST_STALE},
    {"child later",                   "{\"op\":\"update\",\"ri\":\"Cae\",\"set\":{},\"min_et\":1795226400000}",                                                             ST_REFUSED},
    {"child not later",                        "{\"op\":\"update\",\"ri\":\"Cae\",\"set\":{},\"min_et\":2000000000000}",                                     ST_OK},
};

START_TEST(outcomes)
{
    fixture_tree();
    for (size_t i = 0; i < ARRAY_LEN(op_cases); i++) {
        int64_t rows = count_rows("resources"), events = count_rows("outbox");

        ck_assert_msg(commit(op_cases[i].op) == op_cases[i].st, "%s", op_cases[i].name);
        ck_assert_int_eq(count_rows("resources"), rows);
        ck_assert_int_eq(count_rows("outbox"), events + (op_cases[i].st == ST_OK));
    }
    ck_assert_int_eq(run(JOB_COMMIT, "", "{}"), ST_REFUSED);
    ck_assert_int_eq(run(JOB_COMMIT, "", "{\"ops\":[]}"), ST_REFUSED);
    ck_assert_int_eq(run(JOB_COMMIT, "\"key\":\"a b\"", "{\"ops\":[{}]}"), ST_REFUSED);
}
END_TEST

START_TEST(update_changes_the_definition)
{
    auto_free char *text = NULL;
    int64_t v;

    fixture_tree();
    v = member("cnt1", "v");
    ck_assert_int_eq(
        commit("{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"mni\":5,\"lbl\":[\"a\",\"b\"]},\"del\":[\"et\",\"none\"]}"), ST_OK);
    ck_assert_int_gt(member("cnt1", "v"), v);
    ck_assert_int_eq(attribute("cnt1", "mni"), 5);
    ck_assert_int_eq(attribute("cnt1", "st"), 1);
    ck_assert_int_eq(count_rows("labels"), 2);
    text = event(1);
    ck_assert_ptr_nonnull(strstr(text, "main.cnt.update.quiet\n{\"id\":\"e"));
    ck_assert_ptr_nonnull(strstr(text, "\"op\":3"));
    ck_assert_ptr_nonnull(strstr(text, "\"mod\":[\"mni\",\"lbl\",\"et\"]"));
    ck_assert_ptr_nonnull(strstr(text, "\"fr\":\"Cae\",\"rqi\":\"r1\""));
    ck_assert_int_eq(commit("{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"lbl\":[\"b\"]},\"del\":[]}"), ST_OK);
    ck_assert_int_eq(count_rows("labels"), 1);
    for (int i = 0; i < 5; i++)
        append("cnt1", "", "{\"con\":1}");
    ck_assert_int_eq(commit("{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"mni\":2}}"), ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
    ck_assert_int_eq(attribute("cnt1", "cbs"), 8);
    ck_assert_int_eq(count_rows("instances"), 2);
}
END_TEST

START_TEST(several_hold_together)
{
    int64_t v;
    json_t *r;

    fixture_tree();
    append("cnt1", "", "{\"con\":1}");
    v = member("Cae", "v");
    ck_assert_int_eq(
        commit("{\"op\":\"update\",\"ri\":\"Cae\",\"set\":{\"apn\":\"x\"}},"
               "{\"op\":\"create\",\"r\":" R("cnt5", "Cae", 3,
                                             "cse-in/ae/five") "},"
                                                               "{\"op\":\"create\",\"r\":" R(
                                                                   "cnt6", "cnt5", 3,
                                                                   "cse-in/ae/five/six") "},"
                                                                                         "{\"op\":\"delete\",\"ri\":\"gone\"}"),
        ST_STALE);
    ck_assert_int_eq(member("Cae", "v"), v);
    ck_assert_ptr_nonnull(r = record("cnt5"));
    ck_assert(json_is_null(r));
    json_decref(r);
    append("cnt1", "", "{\"con\":1}");
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
    ck_assert_int_eq(
        commit("{\"op\":\"create\",\"r\":" R(
            "cnt5", "Cae", 3, "cse-in/ae/five") "},"
                                                "{\"op\":\"create\",\"r\":" R("cnt6", "cnt5", 3, "cse-in/ae/five/six") "}"),
        ST_OK);
    ck_assert_int_eq(member("cse-in/ae/five/six", "ty"), 3);
}
END_TEST

START_TEST(delete_takes_all_below)
{
    auto_free char *text = NULL;
    int64_t before;
    bool more = true;

    fixture_tree();
    create(3, "cnt2", "cnt1", "cse-in/ae/c/d", "\"lbl\":[\"deep\"]");
    create(3, "cnt3", "Cae", "cse-in/ae/c-d", "");
    for (int i = 0; i < 700; i++)
        append("cnt2", i % 100 ? "" : "\"et\":1800000000000", i % 100 ? "{\"con\":1}" : "{\"con\":1,\"lbl\":[\"one\"]}");
    before = count_rows("outbox");
    ck_assert_int_eq(commit("{\"op\":\"delete\",\"ri\":\"cnt1\"}"), ST_OK);
    ck_assert_int_eq(count_rows("resources"), 3);
    ck_assert_int_eq(count_rows("outbox"), before + 2);
    text = event(1);
    ck_assert_ptr_nonnull(strstr(text, "\"path\":\"cse-in/ae/c/d\""));
    ck_assert_int_eq(create(3, "cnt1", "Cae", "cse-in/ae/c", ""), ST_OK);
    ck_assert_int_eq(create(3, "cnt2", "cnt1", "cse-in/ae/c/d", ""), ST_OK);
    ck_assert_ptr_null(get("cse-in/ae/c/d", LATEST));
    append("cnt2", "", "{\"con\":1,\"lbl\":[\"one\"]}");
    for (int i = 0; more && i < 100; i++)
        more = store_chores(store, &report);
    ck_assert_int_eq(count_rows("instances"), 1);
    ck_assert_int_eq(count_rows("labels"), 1); /* of the new one */
    ck_assert_int_eq(count_rows("garbage"), 0);
}
END_TEST

START_TEST(versions_never_come_again)
{
    int64_t v;

    fixture_tree();
    v = member("cnt1", "v");
    commit("{\"op\":\"delete\",\"ri\":\"cnt1\"}");
    create(3, "cnt1", "Cae", "cse-in/ae/c", "");
    ck_assert_int_gt(member("cnt1", "v"), v);
}
END_TEST

START_TEST(purge_empties)
{
    bool more = true;
    struct call c;

    fixture_tree();
    commit("{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"lbl\":[\"mine\"]}}");
    for (int i = 0; i < 50; i++)
        append("cnt1", "", "{\"con\":1}");
    ck_assert_int_eq(call_run(&c, JOB_COMMIT, "", "{\"ops\":[{\"op\":\"update\",\"ri\":\"cnt1\",\"purge\":true}]}"), ST_OK);
    ck_assert_ptr_nonnull(strstr(c.job.answer.body.data, "\"cni\":0")); /* the record as it is then */
    call_done(&c);
    ck_assert_int_eq(attribute("cnt1", "cni"), 0);
    ck_assert_ptr_null(get("cnt1", LATEST));
    append("cnt1", "", "{\"con\":7}");
    for (int i = 0; more && i < 100; i++)
        more = store_chores(store, &report);
    ck_assert_int_eq(count_rows("instances"), 1);
    ck_assert_int_eq(attribute("cnt1", "cni"), 1);
    ck_assert_int_eq(attribute("cnt1", "st"), 53);
    ck_assert_int_eq(count_rows("labels"), 1);
}
END_TEST

START_TEST(subscriptions_are_in_the_events)
{
    auto_free char *created = NULL, *appended = NULL, *updated = NULL, *deleted = NULL, *gone = NULL;
    int64_t v;

    fixture_tree();
    v = member("cnt1", "v");
    create(23, "sub1", "cnt1", "cse-in/ae/c/s", "\"nu\":[\"http://x\"],\"enc\":{\"net\":[3,4]}");
    created = event(1);
    ck_assert_ptr_nonnull(strstr(created, "main.sub.create.watched"));
    ck_assert_ptr_nonnull(strstr(created, "\"subs\":[]")); /* not of its own */
    ck_assert_int_gt(member("cnt1", "v"), v);
    ck_assert_int_eq(member("cnt1", "subs"), 1 << 3 | 1 << 4);
    append("cnt1", "", "{\"con\":1}");
    appended = event(1);
    ck_assert_ptr_nonnull(strstr(appended, "main.cin.create.watched"));
    ck_assert_ptr_nonnull(strstr(appended, "\"subs\":[{\"side\":\"parent\",\"ri\":\"sub1\""));
    ck_assert_ptr_nonnull(strstr(appended, "\"parent\":{\"ri\":\"cnt1\""));
    commit("{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"mni\":5}}");
    updated = event(1);
    ck_assert_ptr_nonnull(strstr(updated, "main.cnt.update.quiet"));
    commit("{\"op\":\"count\",\"ri\":\"sub1\",\"set\":{\"exc\":7}}");
    v = member("cnt1", "v");
    append("cnt1", "", "{\"con\":1}");
    free(appended);
    appended = event(1);
    ck_assert_ptr_nonnull(strstr(appended, "\"exc\":7"));
    commit("{\"op\":\"update\",\"ri\":\"sub1\",\"set\":{\"enc\":{\"net\":[1,2]}}}");
    ck_assert_int_eq(member("cnt1", "subs"), 1 << 1 | 1 << 2);
    ck_assert_int_gt(member("cnt1", "v"), v);
    create(23, "sub2", "cnt1", "cse-in/ae/c/t", "\"enc\":{\"om\":[{\"ops\":2}]}");
    create(23, "sub3", "Cae", "cse-in/ae/u", "\"enc\":{\"net\":[4]}");
    ck_assert_int_eq(member("cnt1", "subs"), (INT64_C(1) << 31) + (1 << 1) + (1 << 2));
    run(JOB_PEND, "", "[{\"lane\":\"sub1 x\",\"sub\":\"sub1\",\"at\":1,\"n\":{}}]");
    ck_assert_int_eq(count_rows("pending"), 1);
    commit("{\"op\":\"delete\",\"ri\":\"cnt1\"}");
    deleted = event(3);
    gone = event(2);
    ck_assert_ptr_nonnull(strstr(deleted, "main.cnt.delete.watched"));
    ck_assert_ptr_nonnull(strstr(deleted, "{\"side\":\"self\",\"ri\":\"sub1\""));
    ck_assert_ptr_nonnull(strstr(deleted, "{\"side\":\"parent\",\"ri\":\"sub3\""));
    ck_assert_ptr_nonnull(strstr(gone, "main.sub.delete.watched"));
    ck_assert_ptr_null(strstr(gone, "\"side\":\"parent\""));
    ck_assert_int_eq(count_rows("pending"), 0);
    commit("{\"op\":\"delete\",\"ri\":\"sub3\"}");
    ck_assert_int_eq(member("Cae", "subs"), 0);
}
END_TEST

/* Somebody acts when it changes: the events say so, and only they. */
START_TEST(marked)
{
    auto_free char *appended = NULL, *updated = NULL, *both = NULL, *deleted = NULL;
    int64_t v, events;

    fixture_tree();
    v = member("cnt1", "v");
    events = count_rows("outbox");
    ck_assert_int_eq(commit("{\"op\":\"mark\",\"ri\":\"cnt1\",\"on\":1073741824}"), ST_OK);
    ck_assert_int_eq(count_rows("outbox"), events);
    ck_assert_int_gt(member("cnt1", "v"), v);
    v = member("cnt1", "v");
    ck_assert_int_eq(commit("{\"op\":\"mark\",\"ri\":\"cnt1\",\"on\":1073741824}"), ST_OK);
    ck_assert_int_eq(member("cnt1", "v"), v);
    ck_assert_int_eq(commit("{\"op\":\"mark\",\"ri\":\"cnt1\",\"on\":1073741824,\"fresh\":true}"), ST_OK);
    ck_assert_int_gt(member("cnt1", "v"), v);
    append("cnt1", "", "{\"con\":1}");
    appended = event(1);
    ck_assert_ptr_nonnull(strstr(appended, "main.cin.create.acted"));
    ck_assert_ptr_nonnull(strstr(appended, "\"marks\":1073741824"));
    create(23, "sub1", "cnt1", "cse-in/ae/c/s", "\"enc\":{\"net\":[3]}");
    ck_assert_int_eq(member("cnt1", "subs"), 1 << 30 | 1 << 3);
    commit("{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"mni\":5}}");
    updated = event(1);
    ck_assert_ptr_nonnull(strstr(updated, "main.cnt.update.acted"));
    fixture_close(); /* it is in the database */
    fixture_open();
    append("cnt1", "", "{\"con\":1}");
    both = event(1);
    ck_assert_ptr_nonnull(strstr(both, "main.cin.create.both"));
    commit("{\"op\":\"delete\",\"ri\":\"sub1\"}");
    ck_assert_int_eq(commit("{\"op\":\"mark\",\"ri\":\"cnt1\",\"off\":1073741824}"), ST_OK);
    ck_assert_int_eq(member("cnt1", "subs"), 0);
    commit("{\"op\":\"delete\",\"ri\":\"cnt1\"}");
    deleted = event(1);
    ck_assert_ptr_nonnull(strstr(deleted, "main.cnt.delete.quiet"));
    ck_assert_int_eq(commit("{\"op\":\"mark\",\"ri\":\"cnt1\",\"on\":1073741824}"), ST_STALE);
    ck_assert_int_eq(commit("{\"op\":\"mark\",\"ri\":\"Cae\",\"on\":8}"), ST_REFUSED);
}
END_TEST

/* An event of a service's own, for those of the subscriptions that it names. */
START_TEST(reports)
{
    auto_free char *text = NULL;

    fixture_tree();
    create(23, "sub1", "cnt1", "cse-in/ae/c/s", "\"enc\":{\"net\":[8]}");
    create(23, "sub2", "cnt1", "cse-in/ae/c/t", "\"enc\":{\"net\":[8]}");
    ck_assert_int_eq(
        commit("{\"op\":\"report\",\"ri\":\"cnt1\",\"event\":\"missing\",\"to\":[\"sub2\"],\"rep\":{\"m2m:tsn\":{\"mdc\":1}}}"),
        ST_OK);
    text = event(1);
    ck_assert_ptr_nonnull(strstr(text, "main.cnt.missing.watched"));
    ck_assert_ptr_nonnull(strstr(text, "\"event\":\"missing\""));
    ck_assert_ptr_nonnull(strstr(text, "{\"rep\":{\"m2m:tsn\":{\"mdc\":1}},\"self\":{\"ri\":\"cnt1\""));
    ck_assert_ptr_nonnull(strstr(text, "\"subs\":[{\"side\":\"self\",\"ri\":\"sub2\""));
    ck_assert_ptr_null(strstr(text, "sub1"));
    ck_assert_ptr_null(strstr(text, "\"op\""));
    ck_assert_int_eq(commit("{\"op\":\"report\",\"ri\":\"gone\",\"event\":\"missing\",\"to\":[],\"rep\":{}}"), ST_STALE);
    ck_assert_int_eq(commit("{\"op\":\"report\",\"ri\":\"cnt1\",\"to\":[],\"rep\":{}}"), ST_REFUSED);
}
END_TEST

/* {"op":"earlier",...} for `sub`; the paths in its events, oldest first. The caller frees. */
static char *told(const char *more)
{
    auto_free char *op = xasprintf("{\"op\":\"earlier\",\"ri\":\"sub1\"%s}", more);
    int64_t before = count_rows("outbox");
    struct str paths = STR_EMPTY;

    ck_assert_int_eq(commit(op), ST_OK);
    for (int i = (int)(count_rows("outbox") - before); i > 0; i--) {
        auto_free char *text = event(i);
        const char *path = strstr(text, "\"path\":\"cse-in/ae/c/");

        ck_assert_ptr_nonnull(path);
        path += strlen("\"path\":\"cse-in/ae/c/");
        str_addf(&paths, "%.*s ", (int)strcspn(path, "\""), path);
        ck_assert_ptr_nonnull(strstr(text, ".earlier.watched\n"));
        ck_assert_ptr_nonnull(strstr(text, "\"event\":\"earlier\""));
        ck_assert_ptr_nonnull(strstr(text, "\"op\":1,"));
        ck_assert_ptr_nonnull(strstr(text, "\"parent\":{\"ri\":\"cnt1\""));
        ck_assert_ptr_nonnull(strstr(text, "\"subs\":[{\"side\":\"parent\",\"ri\":\"sub1\""));
        ck_assert_ptr_null(strstr(text, "\"side\":\"parent\",\"ri\":\"sub2\""));
    }
    return str_take(&paths);
}

static const struct {
    const char *more, *paths;
} wishes[] = {
    {",\"count\":1",                     "i3 "            },
    {",\"count\":3",                     "i1 i2 i3 "      },
    {",\"count\":5",                     "d t i1 i2 i3 "  },
    {",\"count\":1000000",               "u d t i1 i2 i3 "},
    {",\"count\":2,\"ty\":[3]",          "u d "           },
    {",\"count\":2,\"ty\":[23,4]",       "i2 i3 "         },
    {",\"count\":9,\"ty\":[24]",         ""               },
    {",\"count\":9,\"instances\":false", "u d t "         },
};

/* The events before a subscription, for it alone: newest children, oldest of them first; not itself, and nothing expired. */
START_TEST(earlier)
{
    fixture_tree();
    create(3, "cnt3", "cnt1", "cse-in/ae/c/u", "");
    create(3, "cnt2", "cnt1", "cse-in/ae/c/d", "");
    create(3, "cnt4", "cnt1", "cse-in/ae/c/old", "\"et\":\"20201121T020000\"");
    create(23, "sub2", "cnt1", "cse-in/ae/c/t", "\"enc\":{\"net\":[3]}");
    append("cnt1", "\"rn\":\"i1\"", "{\"con\":1}");
    append("cnt1", "\"rn\":\"gone\",\"et\":1000", "{\"con\":1}");
    append("cnt1", "\"rn\":\"i2\"", "{\"con\":1}");
    append("cnt1", "\"rn\":\"i3\"", "{\"con\":1}");
    create(23, "sub1", "cnt1", "cse-in/ae/c/s", "\"enc\":{\"net\":[3]}");
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
        auto_free char *paths = told(wishes[i].more);

        ck_assert_msg(strcmp(paths, wishes[i].paths) == 0, "%s: %s", wishes[i].more, paths);
    }
    ck_assert_int_eq(commit("{\"op\":\"earlier\",\"ri\":\"sub1\"}"), ST_REFUSED);
    ck_assert_int_eq(commit("{\"op\":\"earlier\",\"ri\":\"gone\",\"count\":1}"), ST_STALE);
}
END_TEST

/* What has expired is not there, and its name and id are free. */
START_TEST(expired)
{
    json_auto_t *la = NULL;

    fixture_tree();
    create(3, "old1", "cnt1", "cse-in/ae/c/d", "\"et\":\"20201121T020000\"");
    create(3, "old2", "old1", "cse-in/ae/c/d/e", "");
    append("cnt1", "\"rn\":\"a\"", "{\"con\":1}");
    append("cnt1", "\"rn\":\"i\",\"et\":1000", "{\"con\":2}");
    ck_assert(json_is_null(record("old1")) && json_is_null(record("cse-in/ae/c/d")) && json_is_null(record("cse-in/ae/c/i")));
    ck_assert_ptr_null(get("cse-in/ae/c/d", NOT_VIRTUAL));
    la = get("cse-in/ae/c", LATEST);
    ck_assert_str_eq(json_str(json_object_get(la, "m2m:cin"), "rn"), "a");
    ck_assert_int_eq(count_rows("resources"), 5);
    ck_assert_int_eq(create(3, "new1", "cnt1", "cse-in/ae/c/d", ""), ST_OK);
    ck_assert_int_eq(count_rows("resources"), 4); /* its child went, too */
    ck_assert_int_eq(append("cnt1", "\"rn\":\"i\"", "{\"con\":3}"), ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
    create(3, "old3", "cnt1", "cse-in/ae/c/f", "\"et\":\"20201121T020000\"");
    ck_assert_int_eq(create(3, "old3", "cnt1", "cse-in/ae/c/g", ""), ST_OK);
    ck_assert_int_eq(create(3, "old3", "cnt1", "cse-in/ae/c/h", ""), ST_EXISTS);
    ck_assert_int_eq(create(3, "old4", "cnt1", "cse-in/ae/c/g", ""), ST_EXISTS);
}
END_TEST

static char *kept(const char *after)
{
    struct answer a = {0};
    char *text;

    ck_assert_int_eq(records_kept(reader, "me", after, 2, &a), 0);
    text = str_take(&a.body);
    answer_done(&a);
    return text;
}

/* What a service keeps with a resource goes with it. */
START_TEST(keeping)
{
    auto_free char *first = NULL, *second = NULL, *left = NULL;

    fixture_tree();
    ck_assert_int_eq(commit("{\"op\":\"keep\",\"ri\":\"cnt1\",\"name\":\"me\",\"value\":{\"n\":1}}"), ST_OK);
    ck_assert_int_eq(commit("{\"op\":\"keep\",\"ri\":\"cnt1\",\"name\":\"me\",\"value\":{\"n\":2}}"), ST_OK);
    ck_assert_int_eq(commit("{\"op\":\"keep\",\"ri\":\"cnt1\",\"name\":\"other\",\"value\":3}"), ST_OK);
    ck_assert_int_eq(commit("{\"op\":\"keep\",\"ri\":\"Cae\",\"name\":\"me\",\"value\":[4]}"), ST_OK);
    ck_assert_int_eq(commit("{\"op\":\"keep\",\"ri\":\"id-in\",\"name\":\"me\",\"value\":5}"), ST_OK);
    ck_assert_int_eq(commit("{\"op\":\"keep\",\"ri\":\"gone\",\"name\":\"me\",\"value\":5}"), ST_STALE);
    ck_assert_int_eq(commit("{\"op\":\"keep\",\"ri\":\"cnt1\"}"), ST_REFUSED);
    first = kept(NULL);
    ck_assert_str_eq(first, "[[\"Cae\",[4]],[\"cnt1\",{\"n\":2}]]");
    second = kept("cnt1");
    ck_assert_str_eq(second, "[[\"id-in\",5]]");
    ck_assert_int_eq(commit("{\"op\":\"keep\",\"ri\":\"id-in\",\"name\":\"me\",\"value\":null}"), ST_OK);
    commit("{\"op\":\"delete\",\"ri\":\"Cae\"}");
    left = kept(NULL);
    ck_assert_str_eq(left, "[]");
    ck_assert_int_eq(count_rows("kept"), 0);
}
END_TEST

START_TEST(instances_are_deleted_one_by_one)
{
    auto_free char *text = NULL;
    json_t *rep;

    fixture_tree();
    append("cnt1", "\"rn\":\"one\"", "{\"con\":1,\"lbl\":[\"l\"]}");
    append("cnt1", "", "{\"con\":1}");
    rep = get("cse-in/ae/c/one", NOT_VIRTUAL);
    auto_free char *op = xasprintf("{\"op\":\"delete\",\"ri\":\"%s\"}", json_str(json_object_get(rep, "m2m:cin"), "ri"));
    json_decref(rep);
    ck_assert_int_eq(commit(op), ST_OK);
    ck_assert_int_eq(commit(op), ST_STALE);
    ck_assert_int_eq(attribute("cnt1", "cni"), 1);
    ck_assert_int_eq(attribute("cnt1", "cbs"), 4);
    ck_assert_int_eq(count_rows("labels"), 0);
    text = event(1);
    ck_assert_ptr_nonnull(strstr(text, "main.cin.delete.quiet"));
    ck_assert_ptr_nonnull(strstr(text, "\"path\":\"cse-in/ae/c/one\""));
}
END_TEST

START_TEST(again_gives_the_first_answer)
{
    static const char head[] = "\"key\":\"k7\",\"again\":true,\"at\":1795226400000";
    static const char body[] = "{\"ops\":[{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"mni\":5}}]}";
    struct call one, two;
    int64_t v;

    fixture_tree();
    ck_assert_int_eq(call_run(&one, JOB_COMMIT, head, body), ST_OK);
    v = member("cnt1", "v");
    commit("{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"mni\":6}}");
    ck_assert_int_eq(call_run(&two, JOB_COMMIT, head, body), ST_OK);
    ck_assert_str_eq(one.job.answer.body.data, two.job.answer.body.data);
    ck_assert_int_eq(attribute("cnt1", "mni"), 6);
    ck_assert_int_gt(member("cnt1", "v"), v);
    ck_assert_int_eq(run(JOB_APPEND, "\"key\":\"k7\",\"again\":true,\"pi\":\"cnt1\",\"ty\":4", "{\"con\":1}"), ST_REFUSED);
    call_done(&one);
    call_done(&two);
}
END_TEST

START_TEST(lanes)
{
    static const char two[] = "[{\"lane\":\"sub1 x\",\"sub\":\"sub1\",\"at\":1,\"n\":{\"a\":1.50}},"
                              "{\"lane\":\"sub1 x\",\"sub\":\"sub1\",\"at\":2,\"n\":{\"a\":2}}]";
    struct answer a = {0};
    struct call c;

    fixture_tree();
    ck_assert_int_eq(call_run(&c, JOB_PEND, "", two), ST_OK); /* no such subscription */
    ck_assert_ptr_nonnull(strstr(c.job.answer.head.data, "\"dropped\":2"));
    call_done(&c);
    create(23, "sub1", "cnt1", "cse-in/ae/c/s", "");
    ck_assert_int_eq(run(JOB_PEND, "", two), ST_OK);
    ck_assert_int_eq(call_run(&c, JOB_PEND, "\"max\":3", two), ST_OK);
    ck_assert_ptr_nonnull(strstr(c.job.answer.head.data, "\"dropped\":1"));
    call_done(&c);
    ck_assert_int_eq(records_pending(reader, "sub1 x", NULL, 100, &a), 0);
    ck_assert_str_eq(
        a.body.data,
        "[{\"seq\":2,\"at\":2,\"n\":{\"a\":2}},{\"seq\":3,\"at\":1,\"n\":{\"a\":1.5}},{\"seq\":4,\"at\":2,\"n\":{\"a\":2}}]");
    ck_assert_int_eq(run(JOB_PEND, "", "[{\"lane\":\"sub1 y\",\"sub\":\"sub1\",\"at\":3,\"n\":{}}]"), ST_OK);
    ck_assert_int_eq(records_pending(reader, NULL, NULL, 1, &a), 0);
    ck_assert_str_eq(a.body.data, "[{\"lane\":\"sub1 x\",\"sub\":\"sub1\",\"count\":3,\"first\":1}]");
    ck_assert_int_eq(records_pending(reader, NULL, "sub1 x", 100, &a), 0);
    ck_assert_str_eq(a.body.data, "[{\"lane\":\"sub1 y\",\"sub\":\"sub1\",\"count\":1,\"first\":3}]");
    ck_assert_int_eq(records_pending(reader, NULL, "sub1 y", 100, &a), 0);
    ck_assert_str_eq(a.body.data, "[]");
    ck_assert_int_eq(run(JOB_PENDED, "\"lane\":\"sub1 y\",\"upto\":9", ""), ST_OK);
    ck_assert_int_eq(run(JOB_PENDED, "\"lane\":\"sub1 x\",\"upto\":3", ""), ST_OK);
    ck_assert_int_eq(count_rows("pending"), 1);
    ck_assert_int_eq(run(JOB_PEND, "\"keep\":\"latest\"", two), ST_OK);
    ck_assert_int_eq(count_rows("pending"), 1);
    ck_assert_int_eq(run(JOB_PEND, "", "[{\"lane\":\"x\"}]"), ST_REFUSED);
    ck_assert_int_eq(run(JOB_PENDED, "\"lane\":\"x\"", ""), ST_REFUSED);
    answer_done(&a);
}
END_TEST

/* A storage that was killed before it answered gets the request once more: a lane holds everything once. */
START_TEST(lanes_keep_once)
{
    static const char one[] = "[{\"lane\":\"sub1 x\",\"sub\":\"sub1\",\"at\":1,\"n\":{}}]";
    static const char again[] = "\"key\":\"k\",\"max\":1,\"again\":true";
    struct call c;

    fixture_tree();
    create(23, "sub1", "cnt1", "cse-in/ae/c/s", "");
    ck_assert_int_eq(run(JOB_PEND, "", one), ST_OK);
    ck_assert_int_eq(run(JOB_PEND, "\"key\":\"k\",\"max\":1", one), ST_OK);
    ck_assert_int_eq(run(JOB_PENDED, "\"lane\":\"sub1 x\",\"upto\":9", ""), ST_OK);
    ck_assert_int_eq(call_run(&c, JOB_PEND, again, one), ST_OK);
    ck_assert_ptr_nonnull(strstr(c.job.answer.head.data, "\"dropped\":1"));
    call_done(&c);
    ck_assert_int_eq(count_rows("pending"), 0);
    ck_assert_int_eq(run(JOB_PEND, "\"key\":\"l\",\"again\":true", one), ST_OK);
    ck_assert_int_eq(count_rows("pending"), 1);
    ck_assert_int_eq(call_run(&c, JOB_COMMIT, again, "{\"ops\":[]}"), ST_REFUSED);
    call_done(&c);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("commit");

    tcase_add_test(tcase, outcomes);
    tcase_add_test(tcase, update_changes_the_definition);
    tcase_add_test(tcase, several_hold_together);
    tcase_add_test(tcase, delete_takes_all_below);
    tcase_add_test(tcase, versions_never_come_again);
    tcase_add_test(tcase, purge_empties);
    tcase_add_test(tcase, subscriptions_are_in_the_events);
    tcase_add_test(tcase, marked);
    tcase_add_test(tcase, reports);
    tcase_add_test(tcase, earlier);
    tcase_add_test(tcase, expired);
    tcase_add_test(tcase, keeping);
    tcase_add_test(tcase, instances_are_deleted_one_by_one);
    tcase_add_test(tcase, again_gives_the_first_answer);
    tcase_add_test(tcase, lanes);
    tcase_add_test(tcase, lanes_keep_once);
    return suite_run(tcase);
}
