/* What is used up: limits of access control rules, and retrievals of instances. */
#include "fixture.h"

#define POLICY                                                                                                                   \
    "\"pv\":{\"acr\":[{\"acor\":[\"a\"],\"acop\":1},{\"acor\":[\"b\"],\"acop\":2,\"acco\":[{\"acui\":[\"u\"]},{\"acl\":2}]}]},"  \
    "\"pvs\":{\"acr\":[{\"acor\":[\"c\"],\"acop\":63,\"acco\":[{\"acl\":1}]}]}"

static const struct {
    const char *name, *op;
    enum answer_st st;
} uses[] = {
    {"no policy",         "{\"op\":\"use\",\"set\":\"pv\",\"rule\":1,\"context\":1}",                  ST_STALE},
    {"policy gone",       "{\"op\":\"use\",\"ri\":\"gone\",\"set\":\"pv\",\"rule\":1,\"context\":1}",  ST_STALE},
    {"no set",            "{\"op\":\"use\",\"ri\":\"acp1\",\"rule\":1,\"context\":1}",                 ST_STALE},
    {"no rule",           "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pv\",\"rule\":7,\"context\":0}",  ST_STALE},
    {"no context",        "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pv\",\"rule\":0,\"context\":0}",  ST_STALE},
    {"context, no limit", "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pv\",\"rule\":1,\"context\":0}",  ST_STALE},
    {"first",             "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pv\",\"rule\":1,\"context\":1}",  ST_OK   },
    {"second",            "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pv\",\"rule\":1,\"context\":1}",  ST_OK   },
    {"third",             "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pv\",\"rule\":1,\"context\":1}",  ST_STALE},
    {"other set",         "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pvs\",\"rule\":0,\"context\":0}", ST_OK   },
    {"other set again",   "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pvs\",\"rule\":0,\"context\":0}", ST_STALE},
};

START_TEST(rules_are_used_up)
{
    int64_t v, events;

    fixture_tree();
    ck_assert_int_eq(create(1, "acp1", "Cae", "cse-in/ae/p", POLICY), ST_OK);
    v = member("acp1", "v");
    events = count_rows("outbox");
    for (size_t i = 0; i < ARRAY_LEN(uses); i++)
        ck_assert_msg(commit(uses[i].op) == uses[i].st, "%s", uses[i].name);
    ck_assert_int_eq(member("acp1", "v"), v); /* no change of the policy */
    ck_assert_int_eq(count_rows("outbox"), events);
}
END_TEST

START_TEST(nothing_is_done_beyond_the_limit)
{
    static const char both[] = "{\"ops\":[{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"mni\":5}},"
                               "{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pvs\",\"rule\":0,\"context\":0}]}";
    static const char then[] = "\"then\":[{\"op\":\"use\",\"ri\":\"acp1\",\"set\":\"pvs\",\"rule\":0,\"context\":0}]";

    fixture_tree();
    ck_assert_int_eq(create(1, "acp1", "Cae", "cse-in/ae/p", POLICY), ST_OK);
    ck_assert_int_eq(run(JOB_COMMIT, "\"key\":\"k\"", both), ST_OK);
    ck_assert_int_eq(run(JOB_COMMIT, "\"key\":\"k\",\"again\":true", both), ST_OK); /* the first answer, not counted again */
    ck_assert_int_eq(run(JOB_COMMIT, "", both), ST_STALE);
    ck_assert_int_eq(attribute("cnt1", "st"), 1);
    ck_assert_int_eq(append("cnt1", then, "{\"con\":1}"), ST_STALE);
    ck_assert_int_eq(attribute("cnt1", "cni"), 0);
}
END_TEST

#define RETRIEVED "{\"op\":\"retrieved\",\"ri\":\"cin100000\"}"

START_TEST(instances_are_used_up)
{
    json_t *rep;
    char *last;

    fixture_tree();
    ck_assert_int_eq(append("cnt1", "", "{\"con\":{\"x\":1.50,\"dcnt\":9},\"dcnt\":2,\"lbl\":[\"a\"]}"), ST_OK);
    ck_assert_int_eq(commit(RETRIEVED), ST_OK);
    rep = get("cin100000", NOT_VIRTUAL);
    ck_assert_int_eq(json_int(json_object_get(rep, "m2m:cin"), "dcnt", -1), 1);
    ck_assert_int_eq(json_int(json_object_get(json_object_get(rep, "m2m:cin"), "con"), "dcnt", -1), 9);
    json_decref(rep);
    ck_assert_int_eq(commit(RETRIEVED), ST_OK);
    ck_assert_ptr_null(get("cin100000", NOT_VIRTUAL));
    ck_assert_int_eq(attribute("cnt1", "cni"), 0);
    ck_assert_int_eq(count_rows("labels"), 0);
    last = event(1);
    ck_assert_ptr_nonnull(strstr(last, "main.cin.delete"));
    free(last);
    ck_assert_int_eq(commit(RETRIEVED), ST_STALE);
    ck_assert_int_eq(commit("{\"op\":\"retrieved\",\"ri\":\"cnt1\"}"), ST_REFUSED);
    ck_assert_int_eq(commit("{\"op\":\"retrieved\"}"), ST_REFUSED);
    ck_assert_int_eq(append("cnt1", "", "{\"con\":1}"), ST_OK); /* one that does not count stays */
    ck_assert_int_eq(commit("{\"op\":\"retrieved\",\"ri\":\"cin100001\"}"), ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("spend");

    tcase_add_test(tcase, rules_are_used_up);
    tcase_add_test(tcase, nothing_is_done_beyond_the_limit);
    tcase_add_test(tcase, instances_are_used_up);
    return suite_run(tcase);
}
