/* Order and bounds of deliveries. */
#include "outbound_lanes.h"

#include <check.h>

#include "mem.h"

static int bound; /* of every target */

static struct lanes *begin(int total, int per_target)
{
    bound = per_target;
    return lanes_new(total);
}

static void add(struct lanes *l, struct job *job, const char *lane, const char *target)
{
    lanes_add(l, job, lane, strlen(lane), target, strlen(target), bound);
}

START_TEST(one_lane_in_order)
{
    struct lanes *l = begin(10, 10);
    struct job jobs[3];

    for (int i = 0; i < 3; i++)
        add(l, &jobs[i], "a", "t");
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_eq(lanes_start(l), &jobs[i]);
        ck_assert_ptr_null(lanes_start(l));
        ck_assert_ptr_null(lanes_end(l, &jobs[i], false));
    }
    ck_assert_int_eq(lanes_active(l) + lanes_waiting(l), 0);
    lanes_free(l);
}
END_TEST

START_TEST(failure_ends_the_lane)
{
    struct lanes *l = begin(10, 10);
    struct job jobs[3], other;
    struct job *rest;

    for (int i = 0; i < 3; i++)
        add(l, &jobs[i], "a", "t");
    add(l, &other, "b", "t");
    ck_assert_ptr_eq(lanes_start(l), &jobs[0]);
    rest = lanes_end(l, &jobs[0], true);
    ck_assert_ptr_eq(rest, &jobs[1]);
    ck_assert_ptr_eq(rest->next, &jobs[2]);
    ck_assert_ptr_null(rest->next->next);
    ck_assert_ptr_eq(lanes_start(l), &other);
    ck_assert_ptr_null(lanes_end(l, &other, true));
    add(l, &jobs[0], "a", "t"); /* the lane may be used again */
    ck_assert_ptr_eq(lanes_start(l), &jobs[0]);
    ck_assert_ptr_null(lanes_end(l, &jobs[0], false));
    ck_assert_int_eq(lanes_waiting(l), 0);
    lanes_free(l);
}
END_TEST

START_TEST(bounds_and_turns)
{
    struct lanes *l = begin(3, 2);
    struct job a[3], b[2];

    add(l, &a[0], "a0", "t");
    add(l, &a[1], "a1", "t");
    add(l, &a[2], "a2", "t");
    add(l, &b[0], "b0", "u");
    add(l, &b[1], "b1", "u");
    ck_assert_ptr_eq(lanes_start(l), &a[0]);
    ck_assert_ptr_eq(lanes_start(l), &b[0]); /* targets take turns */
    ck_assert_ptr_eq(lanes_start(l), &a[1]);
    ck_assert_ptr_null(lanes_start(l)); /* three altogether */
    lanes_end(l, &b[0], false);
    ck_assert_ptr_eq(lanes_start(l), &b[1]);
    lanes_end(l, &b[1], false);
    ck_assert_ptr_null(lanes_start(l)); /* two to one target */
    lanes_end(l, &a[0], false);
    ck_assert_ptr_eq(lanes_start(l), &a[2]);
    lanes_end(l, &a[1], false);
    lanes_end(l, &a[2], false);
    ck_assert_int_eq(lanes_active(l) + lanes_waiting(l), 0);
    lanes_free(l);
}
END_TEST

START_TEST(same_lane_name_of_two_targets)
{
    struct lanes *l = begin(10, 10);
    struct job a, b;

    add(l, &a, "a", "t");
    add(l, &b, "a", "u");
    ck_assert_ptr_eq(lanes_start(l), &a);
    ck_assert_ptr_eq(lanes_start(l), &b);
    ck_assert_ptr_null(lanes_end(l, &a, true));
    ck_assert_ptr_null(lanes_end(l, &b, true));
    lanes_free(l);
}
END_TEST

/* A long life of random additions and endings: nothing is lost, no bound is broken. */
/* What is for another CSE is not held up by notifications to the same place. */
START_TEST(same_target_with_two_bounds)
{
    struct lanes *l = begin(10, 1);
    struct job slow, next, other;

    add(l, &slow, "a", "t");
    add(l, &next, "b", "t");
    bound = 2;
    add(l, &other, "c", "t");
    ck_assert_ptr_eq(lanes_start(l), &slow);
    ck_assert_ptr_eq(lanes_start(l), &other);
    ck_assert_ptr_null(lanes_start(l));
    ck_assert_ptr_null(lanes_end(l, &slow, false));
    ck_assert_ptr_eq(lanes_start(l), &next);
    lanes_free(l);
}
END_TEST

START_TEST(churn)
{
    enum { JOBS = 200 };
    struct lanes *l = begin(7, 3);
    struct job jobs[JOBS], *started[JOBS];
    int in = 0, running = 0, ended = 0;
    unsigned seed = 1;
    char lane[8], target[8];

    while (ended < JOBS) {
        seed = seed * 1103515245 + 12345;
        if (in < JOBS && seed >> 16 & 1) {
            snprintf(lane, sizeof lane, "l%u", seed >> 17 & 15);
            snprintf(target, sizeof target, "t%u", seed >> 17 & 3);
            add(l, &jobs[in++], lane, target);
        } else if (running > 0) {
            struct job *rest = lanes_end(l, started[--running], (seed >> 20 & 7) == 0);

            for (ended++; rest; rest = rest->next)
                ended++;
        }
        while (running < JOBS && (started[running] = lanes_start(l)))
            running++;
        ck_assert_int_eq(lanes_active(l), running);
        ck_assert_int_le(running, 7);
        ck_assert_int_eq(ended + running + lanes_waiting(l), in);
    }
    lanes_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lanes");
    TCase *tc = tcase_create("lanes");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, one_lane_in_order);
    tcase_add_test(tc, failure_ends_the_lane);
    tcase_add_test(tc, bounds_and_turns);
    tcase_add_test(tc, same_lane_name_of_two_targets);
    tcase_add_test(tc, same_target_with_two_bounds);
    tcase_add_test(tc, churn);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
