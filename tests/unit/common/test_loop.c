/* Timers, descriptors, wake-ups and the end of a turn. */
#include "clock.h"
#include "loop.h"
#include "mem.h"

#include <check.h>
#include <pthread.h>
#include <unistd.h>

static struct loop_timer *timer;
static struct loop_watch *watch;
static struct loop_wake *wake;
static int count, turns, seen_events;

static void stop(void *context)
{
    (void)context;
    loop_stop();
}

static void count_to_three(void *context)
{
    ck_assert_ptr_eq(context, &count);
    if (++count == 3) {
        loop_timer_free(timer); /* inside its own call */
        loop_stop();
    }
}

START_TEST(timer_repeats)
{
    int64_t from = clock_mono_us();

    timer = loop_timer_new(count_to_three, &count);
    loop_timer_start(timer, 10, 5);
    loop_run();
    ck_assert_int_eq(count, 3);
    ck_assert_int_ge(clock_mono_us() - from, 19000);
}
END_TEST

START_TEST(delay_counts_from_now)
{
    int64_t from;

    loop_get();
    timer = loop_timer_new(stop, NULL);
    usleep(30000); /* the loop's own idea of the time is old now */
    from = clock_mono_us();
    loop_timer_start(timer, 20, 0);
    loop_run();
    ck_assert_int_ge(clock_mono_us() - from, 19000);
    loop_timer_start(timer, 10000, 0);
    loop_timer_start(timer, 0, 0); /* restarts */
    loop_run();
    ck_assert_int_lt(clock_mono_us() - from, 10000000); /* the delay that was replaced */
    loop_timer_free(timer);
    loop_timer_free(NULL);
}
END_TEST

static void on_events(void *context, int events)
{
    char c;

    seen_events = events;
    if (context && read(*(int *)context, &c, 1) == 1)
        ck_assert_int_eq(c, 'x');
    loop_stop();
}

START_TEST(descriptor)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    watch = loop_watch_new(ends[0], on_events, &ends[0]);
    loop_watch_set(watch, UV_READABLE | UV_DISCONNECT);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    loop_run();
    ck_assert(seen_events & UV_READABLE);
    close(ends[1]);
    loop_run();
    ck_assert(seen_events & UV_DISCONNECT);
    loop_watch_set(watch, 0);
    loop_run(); /* nothing is watched: returns */
    loop_watch_free(watch);
    close(ends[0]);
}
END_TEST

START_TEST(descriptor_with_an_error)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    watch = loop_watch_new(ends[1], on_events, NULL);
    close(ends[0]); /* a write would fail now: POLLERR */
    loop_watch_set(watch, UV_WRITABLE);
    loop_run();
    ck_assert(seen_events & UV_WRITABLE);
    loop_watch_free(watch);
    close(ends[1]);
}
END_TEST

static void *wake_from_outside(void *unused)
{
    (void)unused;
    usleep(10000);
    loop_wake(wake);
    return NULL;
}

START_TEST(thread_wakes_the_loop)
{
    pthread_t thread;

    wake = loop_wake_new(stop, NULL);
    ck_assert_int_eq(pthread_create(&thread, NULL, wake_from_outside, NULL), 0);
    loop_run();
    pthread_join(thread, NULL);
    loop_wake_free(wake);
}
END_TEST

static void on_turn(void *context)
{
    turns += *(int *)context;
}

START_TEST(end_of_turn)
{
    static int one = 1, hundred = 100;

    loop_before_wait(on_turn, &one);
    loop_before_wait(on_turn, &hundred);
    loop_run(); /* nothing else is alive: returns at once */
    turns = 0;
    timer = loop_timer_new(count_to_three, &count);
    loop_timer_start(timer, 1, 1);
    loop_run();
    ck_assert_int_ge(turns, 2 * 101);
    ck_assert_int_eq(turns % 101, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loop");
    TCase *tcase = tcase_create("loop");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tcase, timer_repeats);
    tcase_add_test(tcase, delay_counts_from_now);
    tcase_add_test(tcase, descriptor);
    tcase_add_test(tcase, descriptor_with_an_error);
    tcase_add_test(tcase, thread_wakes_the_loop);
    tcase_add_test(tcase, end_of_turn);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
