/* Events on their way out: gathered by key, in the order given, and with quorum queues the first of each key alone. */
#include "bus_link.h"
#include "mem.h"

#include <check.h>
#include <unistd.h>

/* What has left, instead of a broker. */
static struct {
    char *text;
    bus_confirm_fn *fn;
    void *context;
} left[20];
static int left_count;
static bool up = true;

void out_add(const struct outgoing *m)
{
    left[left_count].text = str_take(m->text);
    left[left_count].fn = m->on_confirm;
    left[left_count++].context = m->context;
}

bool link_up(void)
{
    return up;
}

void link_write_in(int ms)
{
    (void)ms;
}

void bus_count_batch(int count, const char *direction)
{
    (void)count, (void)direction;
}

static char told[64]; /* names of the events, small = taken, large = failed */

static void on_told(void *context, bool failed)
{
    const char *name = context;

    told[strlen(told)] = (char)(failed ? *name - 'a' + 'A' : *name);
}

static void begin(bool quorum)
{
    events_lost();
    for (; left_count > 0; left_count--)
        free(left[left_count - 1].text);
    memset(told, 0, sizeof(told));
    up = true;
    events_start(quorum);
}

static void give(const char *key, char *name)
{
    events_add(key, name, 1, on_told, name);
}

static void confirm(int which, bool failed)
{
    left[which].fn(left[which].context, failed);
    events_leave();
}

/* The texts that have left, one after the other. */
static const char *gone(void)
{
    static char all[200];

    *all = '\0';
    for (int i = 0; i < left_count; i++)
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%.20s", left[i].text);
    return all;
}

START_TEST(test_neighbours)
{
    static char a[] = "a", b[] = "b", c[] = "c", d[] = "d";

    begin(false);
    give("k", a);
    give("k", b);
    give("l", c);
    give("k", d);
    events_leave();
    ck_assert_int_eq(left_count, 3);
    ck_assert_str_eq(gone(), "a\nb\nc\nd\n");
    for (int i = 0; i < 3; i++)
        confirm(i, i == 1);
    ck_assert_str_eq(told, "abCd");
    ck_assert(events_idle());
}
END_TEST

START_TEST(test_the_first_goes_alone)
{
    static char a[] = "a", b[] = "b", c[] = "c", d[] = "d";

    begin(true);
    give("k", a);
    events_leave();
    give("k", b);
    events_leave();
    give("l", c);
    events_leave();
    ck_assert_str_eq(gone(), "a\n");
    confirm(0, false); /* k is known: b follows; l is not, and waits for it */
    ck_assert_str_eq(gone(), "a\nb\n");
    confirm(1, false);
    ck_assert_str_eq(gone(), "a\nb\nc\n");
    give("k", d);
    events_leave();
    ck_assert_str_eq(gone(), "a\nb\nc\n");
    confirm(2, false);
    confirm(3, false);
    ck_assert_str_eq(told, "abcd");
}
END_TEST

START_TEST(test_one_that_is_refused_keeps_its_place)
{
    static char a[] = "a", b[] = "b";

    begin(true);
    give("k", a);
    events_leave();
    give("l", b);
    confirm(0, true);
    ck_assert_str_eq(gone(), "a\n"); /* a moment later */
    usleep(80000);
    events_leave();
    ck_assert_str_eq(gone(), "a\na\n");
    ck_assert_str_eq(told, "");
    confirm(1, false);
    confirm(2, false);
    ck_assert_str_eq(gone(), "a\na\nb\n");
    ck_assert_str_eq(told, "ab");
}
END_TEST

START_TEST(test_a_lost_connection_is_told_once)
{
    static char a[] = "a", b[] = "b", c[] = "c";

    begin(true);
    give("k", a);
    events_leave();
    give("k", b);
    events_leave();
    give("k", c);
    up = false;
    left[0].fn(left[0].context, true); /* what had left is told by what sent it */
    events_lost();
    ck_assert_str_eq(told, "ABC");
    ck_assert(events_idle());
    up = true;
    give("k", a);
    give("l", b);
    events_leave();
    ck_assert_str_eq(gone(), "a\na\n"); /* on the next connection no key is known */
    confirm(1, false);
    confirm(2, false);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bus_events");
    TCase *tc = tcase_create("bus_events");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tc, test_neighbours);
    tcase_add_test(tc, test_the_first_goes_alone);
    tcase_add_test(tc, test_one_that_is_refused_keeps_its_place);
    tcase_add_test(tc, test_a_lost_connection_is_told_once);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
