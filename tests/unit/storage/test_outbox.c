/* Events to the broker: order, confirmation, refusal, and a broker that is away. */
#include "fixture.h"
#include "outbox.h"

#define FLIGHTS 4096

struct flight {
    void (*on_confirm)(void *context, bool failed);
    void *context;
    int64_t seq;
    bool again;
};

static struct flight flights[FLIGHTS];
static int sent, confirmed_calls;
static int64_t confirmed;
static bool away;

/* Still two lines, the first with all that it had. */
static bool is_marked(const char *text)
{
    auto_free char *copy = xstrdup(text);
    static struct envelope e;

    ck_assert_int_gt(envelope_parse(&e, copy, strlen(copy)), 0);
    ck_assert_ptr_nonnull(envelope_str(&e, "id"));
    ck_assert_str_eq(envelope_str(&e, "event"), "resource");
    return envelope_bool(&e, "again", false);
}

static int publish(const char *key, const char *text, size_t len, void (*on_confirm)(void *context, bool failed), void *context)
{
    const char *seq = strstr(text, "\"seq\":");

    ck_assert_ptr_nonnull(strchr(key, '.'));
    ck_assert_uint_eq(strlen(text), len);
    if (away)
        return -1;
    ck_assert_int_lt(sent, FLIGHTS);
    flights[sent++] = (struct flight){on_confirm, context, strtoll(seq + 6, NULL, 10), is_marked(text)};
    return 0;
}

static void on_confirmed(int64_t seq)
{
    confirmed_calls++;
    if (seq)
        confirmed = seq;
}

static void answer(int from, int to, bool failed)
{
    for (int i = from; i < to; i++)
        flights[i].on_confirm(flights[i].context, failed);
}

static void make_events(int count)
{
    for (int i = 0; i < count; i++)
        append("cnt1", "\"mni\":2", "{\"con\":1}");
}

START_TEST(in_order_and_then_forgotten)
{
    struct outbox *outbox;

    fixture_tree();
    make_events(7);
    outbox = outbox_new(reader->db, publish, on_confirmed);
    ck_assert_int_eq(outbox_length(outbox), 10);
    ck_assert_int_eq(outbox_pump(outbox), 0);
    ck_assert_int_eq(sent, 10);
    for (int i = 1; i < sent; i++)
        ck_assert_int_gt(flights[i].seq, flights[i - 1].seq);
    answer(1, 5, false); /* the first is still open */
    ck_assert_int_eq(confirmed, 0);
    answer(0, 1, false);
    ck_assert_int_eq(confirmed, flights[4].seq);
    store->confirmed = confirmed;
    make_events(1);
    ck_assert_int_eq(count_rows("outbox"), 6);
    outbox_written(outbox, report.outbox, report.events);
    ck_assert_int_eq(outbox_pump(outbox), 0);
    ck_assert_int_eq(sent, 11);
    answer(5, 11, false);
    ck_assert_int_eq(outbox_length(outbox), 0);
    store->confirmed = confirmed;
    store_chores(store, &report);
    ck_assert_int_eq(count_rows("outbox"), 0);
    outbox_free(outbox);
    fixture_close(); /* numbers go on after a restart with an empty table */
    fixture_open();
    make_events(1);
    ck_assert_int_gt(report.outbox, confirmed);
}
END_TEST

START_TEST(refused_ones_come_again)
{
    struct outbox *outbox;

    fixture_tree();
    make_events(3);
    outbox = outbox_new(reader->db, publish, on_confirmed);
    outbox_pump(outbox);
    ck_assert_int_eq(sent, 6);
    answer(0, 2, false);
    answer(2, 3, true);
    ck_assert_int_eq(outbox_pump(outbox), 0);
    ck_assert_int_eq(sent, 6); /* not before all are answered */
    answer(3, 6, false);
    ck_assert_int_eq(confirmed, flights[1].seq);
    ck_assert_int_eq(outbox_pump(outbox), 0);
    ck_assert_int_eq(sent, 10);
    ck_assert_int_eq(flights[6].seq, flights[2].seq);
    answer(6, 10, false);
    ck_assert_int_eq(outbox_length(outbox), 0);
    ck_assert_int_eq(confirmed, flights[9].seq);
    outbox_free(outbox);
}
END_TEST

START_TEST(a_backlog_stays_in_the_table)
{
    struct outbox *outbox;

    fixture_tree();
    away = true;
    outbox = outbox_new(reader->db, publish, on_confirmed);
    ck_assert_int_eq(outbox_pump(outbox), 1);
    for (int i = 0; i < 1500; i++) {
        make_events(1);
        outbox_written(outbox, report.outbox, report.events);
    }
    ck_assert_int_eq(outbox_pump(outbox), 1);
    ck_assert_int_eq(outbox_length(outbox), 1503);
    away = false;
    ck_assert_int_eq(outbox_pump(outbox), 0);
    ck_assert_int_eq(sent, 1024); /* the window */
    answer(0, 1024, false);
    ck_assert_int_eq(outbox_pump(outbox), 0);
    ck_assert_int_eq(sent, 1503);
    answer(1024, 1503, false);
    ck_assert_int_eq(outbox_length(outbox), 0);
    ck_assert_double_eq(outbox_waiting(outbox), 0);
    outbox_free(outbox);
}
END_TEST

START_TEST(what_may_have_been_published_is_marked)
{
    struct outbox *outbox;
    int before;

    fixture_tree();
    outbox = outbox_new(reader->db, publish, on_confirmed);
    before = (int)outbox_length(outbox);
    make_events(3);
    outbox_written(outbox, report.outbox, 3);
    outbox_pump(outbox);
    ck_assert_int_eq(sent, before + 3);
    for (int i = 0; i < sent; i++) /* what was there at the start, not what came since */
        ck_assert_int_eq(flights[i].again, i < before);
    answer(0, sent - 1, false);
    answer(sent - 1, sent, true);
    make_events(1);
    outbox_written(outbox, report.outbox, 1);
    outbox_pump(outbox);
    ck_assert_int_eq(sent, before + 5);
    ck_assert(flights[sent - 2].again && !flights[sent - 1].again);
    answer(sent - 2, sent, false);
    outbox_free(outbox);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("outbox");

    tcase_add_test(tcase, in_order_and_then_forgotten);
    tcase_add_test(tcase, refused_ones_come_again);
    tcase_add_test(tcase, a_backlog_stays_in_the_table);
    tcase_add_test(tcase, what_may_have_been_published_is_marked);
    return suite_run(tcase);
}
