/* Identifiers. */
#include "id.h"
#include "mem.h"

#include <check.h>

START_TEST(test_random)
{
    char a[ID_SIZE], b[ID_SIZE];
    int seen[256] = {0};

    for (int i = 0; i < 1000; i++) {
        id_random("cnt", a);
        id_random("cnt", b);
        ck_assert_str_ne(a, b);
        ck_assert_uint_eq(strlen(a), 15);
        ck_assert_int_eq(strncmp(a, "cnt", 3), 0);
        ck_assert_uint_eq(strspn(a, "abcdefghijklmnopqrstuvwxyz0123456789"), 15);
        for (int c = 3; c < 15; c++)
            seen[(unsigned char)a[c]]++;
    }
    for (const char *c = "abcdefghijklmnopqrstuvwxyz0123456789"; *c; c++)
        ck_assert_msg(seen[(unsigned char)*c] > 200 && seen[(unsigned char)*c] < 500, "%c: %d of 12000", *c,
                      seen[(unsigned char)*c]);
    id_random("a-prefix-that-is-far-too-long-for-an-identifier", a);
    ck_assert_uint_eq(strlen(a), ID_SIZE - 1);
}
END_TEST

static const struct {
    int64_t number;
    const char *id;
} instances[] = {
    {0,         "cin0"            },
    {1,         "cin1"            },
    {35,        "cinz"            },
    {36,        "cin10"           },
    {1000000,   "cinlfls"         },
    {INT64_MAX, "cin1y2p0ij32e8e7"},
};

START_TEST(test_instance)
{
    char id[ID_SIZE];
    int64_t number = -1;

    id_instance("cin", instances[_i].number, id);
    ck_assert_str_eq(id, instances[_i].id);
    ck_assert(id_instance_number("cin", id, &number));
    ck_assert_int_eq(number, instances[_i].number);
}
END_TEST

static const char *const others[] = {
    "", "cin", "ci", "cnt1", "cin01", "cin00", "cinA", "cin-1", "cin 1", "cin1/", "cin1y2p0ij32e8e8", "cinzzzzzzzzzzzzzzzz",
};

START_TEST(test_no_instance)
{
    int64_t number = -7;

    ck_assert_msg(!id_instance_number("cin", others[_i], &number), "%s", others[_i]);
    ck_assert_int_eq(number, -7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("id");
    TCase *tests = tcase_create("id");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, test_random);
    tcase_add_loop_test(tests, test_instance, 0, ARRAY_LEN(instances));
    tcase_add_loop_test(tests, test_no_instance, 0, ARRAY_LEN(others));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
