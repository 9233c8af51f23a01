/* Requests in flight: every one ends once, the due ones in the order of their deadlines. */
#include "bus_pending.h"
#include "mem.h"

#include <check.h>

#define MANY 10000

START_TEST(test_deadlines)
{
    static const int64_t deadlines[] = {50, 10, 40, 10, 30};
    static const uint64_t order[] = {2, 4, 5, 3, 1}; /* by deadline; the two equal ones either way round */
    struct pending p;

    for (uint64_t i = 0; i < ARRAY_LEN(deadlines); i++)
        pending_add(&(struct pending){i + 1, deadlines[i], NULL, NULL});
    ck_assert(!pending_take_due(9, &p));
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        ck_assert(pending_take_due(50, &p));
        ck_assert(i < 2 ? p.number == 2 || p.number == 4 : p.number == order[i]);
    }
    ck_assert(!pending_take_due(INT64_MAX, &p));
    ck_assert_int_eq(pending_count(), 0);
}
END_TEST

START_TEST(test_take)
{
    struct pending p;
    int context;

    pending_add(&(struct pending){7, 100, NULL, &context});
    pending_add(&(struct pending){7 + 4096, 50, NULL, NULL}); /* the same bucket */
    ck_assert(!pending_take(8, &p));
    ck_assert(pending_take(7, &p));
    ck_assert_ptr_eq(p.context, &context);
    ck_assert(!pending_take(7, &p));
    ck_assert(pending_take_any(&p));
    ck_assert_uint_eq(p.number, 7 + 4096);
    ck_assert(!pending_take_any(&p));
}
END_TEST

/* Random deadlines, random answers: what is left comes out sorted and complete. */
START_TEST(test_many)
{
    static bool gone[MANY];
    int64_t last = 0;
    struct pending p;
    int left = MANY;

    srandom(1);
    for (uint64_t i = 0; i < MANY; i++)
        pending_add(&(struct pending){i, random() % 5000, NULL, NULL});
    for (int i = 0; i < MANY; i++) {
        uint64_t which = (uint64_t)random() % MANY;

        ck_assert(pending_take(which, &p) == !gone[which]);
        left -= !gone[which];
        gone[which] = true;
    }
    ck_assert_int_eq(pending_count(), left);
    while (pending_take_due(5000, &p)) {
        ck_assert(!gone[p.number]);
        ck_assert_int_ge(p.deadline, last);
        last = p.deadline;
        left--;
    }
    ck_assert_int_eq(left, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bus_pending");
    TCase *tc = tcase_create("bus_pending");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tc, test_deadlines);
    tcase_add_test(tc, test_take);
    tcase_add_test(tc, test_many);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
