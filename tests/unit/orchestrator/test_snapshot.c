/* The snapshot: what is known, absent and missing, and the preconditions made of it. */
#include "mem.h"
#include "snapshot.h"

#include <check.h>

#define CNT                                                                                                                      \
    "{\"ri\":\"c1\",\"pi\":\"Cae\",\"ty\":3,\"path\":\"cse-in/ae/"                                                               \
    "c\",\"v\":4,\"by\":\"Cae\",\"subs\":2,\"a\":{\"ri\":\"c1\",\"rn\":\"c\"}}"
#define CIN "{\"ri\":\"cin1\",\"pi\":\"c1\",\"ty\":4,\"path\":\"cse-in/ae/c/cin1\",\"a\":{\"ri\":\"cin1\",\"con\":\"x\"}}"

static struct resource *from(const char *text)
{
    json_auto_t *record = json_loads(text, 0, NULL);

    return resource_new(record);
}

static const struct {
    const char *name, *record;
    bool is;
} records[] = {
    {"container",     CNT,                                                                true },
    {"instance",      CIN,                                                                true },
    {"no path",       "{\"ri\":\"c1\",\"pi\":\"x\",\"ty\":3,\"a\":{}}",                   false},
    {"no id",         "{\"pi\":\"x\",\"ty\":3,\"path\":\"p\",\"a\":{}}",                  false},
    {"unknown type",  "{\"ri\":\"c1\",\"pi\":\"x\",\"ty\":9999,\"path\":\"p\",\"a\":{}}", false},
    {"no attributes", "{\"ri\":\"c1\",\"pi\":\"x\",\"ty\":3,\"path\":\"p\",\"a\":[]}",    false},
    {"list",          "[]",                                                               false},
};

START_TEST(test_record)
{
    struct resource *r = from(records[_i].record);

    ck_assert_msg((r != NULL) == records[_i].is, "%s", records[_i].name);
    resource_free(r);
}
END_TEST

START_TEST(test_members)
{
    struct resource *r = from(CNT);

    ck_assert_str_eq(r->ri, "c1");
    ck_assert_str_eq(r->pi, "Cae");
    ck_assert_str_eq(r->by, "Cae");
    ck_assert_int_eq(r->v, 4);
    ck_assert_uint_eq(r->subs, 2);
    ck_assert_int_eq(r->type->ty, 3);
    resource_free(r);
    resource_free(NULL);
}
END_TEST

static int asked;

/* Knows the container by both addresses, and that "gone" is not there. */
static struct resource *cached(void *context, const char *address)
{
    struct resource *r = context;

    asked++;
    if (strcmp(address, "gone") == 0)
        return &resource_absent;
    return strcmp(address, r->ri) == 0 || strcmp(address, r->path) == 0 ? resource_ref(r) : NULL;
}

static void check_need(const struct snapshot *s, const char *expected)
{
    auto_str struct str need = STR_EMPTY;

    snapshot_need(s, &need);
    ck_assert_str_eq(str_text(&need), expected);
}

START_TEST(test_lookup)
{
    struct resource *container = from(CNT);
    struct snapshot s = {.cached = cached, .context = container};
    const struct resource *r = NULL;

    asked = 0;
    check_need(&s, "{}");
    ck_assert_int_eq(snapshot_get(&s, "cse-in/ae/c", &r), FOUND);
    ck_assert_ptr_eq(r, container);
    ck_assert_int_eq(snapshot_get(&s, "c1", &r), FOUND);
    ck_assert_int_eq(asked, 1);
    ck_assert_int_eq(snapshot_get(&s, "gone", &r), ABSENT_THERE);
    ck_assert_int_eq(snapshot_get(&s, "gone", &r), ABSENT_THERE);
    ck_assert_int_eq(asked, 2);
    ck_assert_int_eq(snapshot_get(&s, "cin1", &r), UNKNOWN_YET);
    ck_assert_int_eq(snapshot_get(&s, "cin1", &r), UNKNOWN_YET);
    ck_assert_int_eq(snapshot_get(&s, "other", &r), UNKNOWN_YET);
    ck_assert_int_eq(s.missing_count, 2);
    snapshot_add(&s, "cin1", from(CIN));
    snapshot_add(&s, "other", NULL);
    ck_assert_int_eq(s.missing_count, 0);
    ck_assert_int_eq(snapshot_get(&s, "cse-in/ae/c/cin1", &r), FOUND);
    ck_assert_int_eq(snapshot_get(&s, "other", &r), ABSENT_THERE);
    check_need(&s, "{\"c1\":4}"); /* an instance has no version */
    snapshot_forget(&s);
    check_need(&s, "{}");
    ck_assert_int_eq(s.found_count + s.absent_count + s.missing_count, 0);
    resource_free(container);
}
END_TEST

/* What has expired is absent for whoever asks later than that, and still a precondition. */
START_TEST(test_expired)
{
    struct resource *mortal =
        from("{\"ri\":\"c1\",\"pi\":\"Cae\",\"ty\":3,\"path\":\"p\",\"v\":4,\"a\":{\"et\":\"20261121T020000,500\"}}");
    struct snapshot s = {.cached = cached, .context = mortal, .now = INT64_C(1795226400499)};
    const struct resource *r = NULL;

    ck_assert_int_eq(snapshot_get(&s, "c1", &r), FOUND);
    s.now++;
    ck_assert_int_eq(snapshot_get(&s, "c1", &r), ABSENT_THERE);
    ck_assert_int_eq(snapshot_get(&s, "p", &r), ABSENT_THERE);
    check_need(&s, "{\"c1\":4}");
    snapshot_forget(&s);
    ck_assert_int_eq(snapshot_get(&s, "c1", &r), ABSENT_THERE);
    snapshot_forget(&s);
    resource_free(mortal);
}
END_TEST

/* Asked for by id and by path at once, and by the name of a virtual child. */
START_TEST(test_aliases)
{
    struct snapshot s = {0};
    const struct resource *r = NULL;

    ck_assert_int_eq(snapshot_get(&s, "c1", &r), UNKNOWN_YET);
    ck_assert_int_eq(snapshot_get(&s, "cse-in/ae/c", &r), UNKNOWN_YET);
    snapshot_add(&s, "c1", from(CNT));
    snapshot_add(&s, "cse-in/ae/c", from(CNT));
    ck_assert_int_eq(s.found_count, 1);
    check_need(&s, "{\"c1\":4}");
    snapshot_add(&s, "c1/la", from(CIN));
    snapshot_add(&s, "c1/ol", from(CIN));
    ck_assert_int_eq(snapshot_get(&s, "c1/la", &r), FOUND);
    ck_assert_int_eq(snapshot_get(&s, "c1/ol", &r), FOUND);
    ck_assert_str_eq(r->ri, "cin1");
    check_need(&s, "{\"c1\":4}");
    snapshot_forget(&s);
}
END_TEST

START_TEST(test_too_many)
{
    struct snapshot s = {0};
    const struct resource *r;
    char address[16];

    for (int i = 0; i < SNAPSHOT_MAX; i++) {
        snprintf(address, sizeof address, "a%d", i);
        ck_assert_int_eq(snapshot_get(&s, address, &r), UNKNOWN_YET);
    }
    ck_assert(!s.too_many);
    ck_assert_int_eq(snapshot_get(&s, "one-more", &r), UNKNOWN_YET);
    ck_assert(s.too_many);
    ck_assert_int_eq(s.missing_count, SNAPSHOT_MAX);
    snapshot_forget(&s);
    ck_assert(!s.too_many);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tc = tcase_create("snapshot");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_record, 0, (int)ARRAY_LEN(records));
    tcase_add_test(tc, test_members);
    tcase_add_test(tc, test_lookup);
    tcase_add_test(tc, test_expired);
    tcase_add_test(tc, test_aliases);
    tcase_add_test(tc, test_too_many);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
