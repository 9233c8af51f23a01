/* Lanes: order, retry, spilling to storage and back, crashes at any moment. */
#include "world.h"

START_TEST(direct)
{
    world_init("{}");
    world_events(50);
    world_run(1000);
    world_check_order("direct");
    ck_assert_int_eq(w.received_count, 50);
    ck_assert_int_eq(w.ends[END_STORED], 0);
    world_done();
}
END_TEST

START_TEST(quick_retry)
{
    world_init("{}");
    w.up = false;
    world_events(3);
    world_run(50);
    w.up = true;
    world_run(400);
    world_check_order("retry");
    ck_assert_int_eq(w.received_count, 3);
    ck_assert_int_eq(w.ends[END_STORED], 0);
    world_done();
}
END_TEST

START_TEST(spill_and_return)
{
    world_init("{}");
    w.up = false;
    world_events(20);
    world_run(2000);
    for (int i = 1; i <= 20; i++)
        ck_assert(w.acknowledged[i]); /* storage has them */
    ck_assert_int_eq(w.kept_count, 20);
    for (int i = 0; i < 50; i++) { /* new ones queue up behind them */
        world_events(1);
        world_run(100);
        w.up = i > 25;
    }
    world_run(120000);
    world_check_order("spill");
    ck_assert_int_eq(w.received_count, 70);
    ck_assert_int_eq(w.kept_count, 0);
    ck_assert(!w.lane->facts.stored);
    world_events(1);
    world_run(10);
    ck_assert_int_eq(w.kept_count, 0);
    world_check_order("direct again");
    world_done();
}
END_TEST

START_TEST(backs_off)
{
    world_init("{}");
    w.up = false;
    world_events(1);
    world_run(3600000);
    ck_assert_int_ge(w.lane->facts.failures, 3600 / 60);
    ck_assert_int_le(w.lane->facts.failures, 3600 / 45 + 12);
    w.up = true;
    world_run(60000);
    world_check_order("back-off");
    world_done();
}
END_TEST

/* What flies is given to storage as well; when its answer comes after all it is not sent again. */
START_TEST(slow_target)
{
    world_init("{}");
    w.latency = 2000;
    world_events(10);
    world_run(1500);
    for (int i = 1; i <= 10; i++)
        ck_assert_msg(w.acknowledged[i], "%d holds up the others", i);
    world_run(100000);
    world_check_order("slow");
    ck_assert_int_eq(w.received_count, 10);
    ck_assert_int_le(w.lane->facts.window, 2);
    world_done();
}
END_TEST

START_TEST(too_many)
{
    world_init("{}");
    w.latency = 20;
    world_events(1000);
    world_run(100);
    ck_assert_int_le(w.lane->queue.count + w.lane->storing.count + w.lane->flight.count, 300);
    world_run(100000);
    world_check_order("many");
    ck_assert_int_eq(w.received_count, 1000);
    ck_assert_int_gt(w.ends[END_STORED], 0);
    world_done();
}
END_TEST

START_TEST(refused)
{
    world_init("{}");
    w.refuse = 3;
    world_events(5);
    world_run(1000);
    ck_assert_int_eq(w.received_count, 4);
    ck_assert_int_eq(w.ends[END_REFUSED], 1);
    ck_assert_int_eq(w.lane->facts.failures, 0);
    for (int i = 1; i <= 5; i++)
        ck_assert(w.acknowledged[i]);
    world_done();
}
END_TEST

START_TEST(storage_away)
{
    world_init("{}");
    w.up = w.storage_up = false;
    world_events(30);
    world_run(10000);
    for (int i = 1; i <= 30; i++)
        ck_assert(!w.acknowledged[i]);
    w.storage_up = true;
    world_run(10000);
    ck_assert_int_eq(w.kept_count, 30);
    w.up = true;
    world_run(60000);
    world_check_order("storage");
    ck_assert_int_eq(w.received_count, 30);
    world_done();
}
END_TEST

START_TEST(batch)
{
    world_init("{'bn':{'num':4,'dur':'PT10S'}}");
    world_events(3);
    world_run(9000);
    ck_assert_int_eq(w.received_count, 0);
    for (int i = 1; i <= 3; i++)
        ck_assert(w.acknowledged[i]); /* collected durably */
    world_events(1);
    world_run(100);
    ck_assert_int_eq(w.received_count, 4);
    ck_assert_int_eq(w.batches, 1);
    world_events(2);
    world_run(9900);
    ck_assert_int_eq(w.batches, 1);
    world_run(300);
    ck_assert_int_eq(w.batches, 2);
    world_events(9);
    world_run(200);
    ck_assert_int_eq(w.batches, 4);
    ck_assert_int_eq(w.largest_batch, 4);
    world_run(11000);
    world_check_order("batch");
    ck_assert_int_eq(w.received_count, 15);
    world_done();
}
END_TEST

/* A batch that finds nobody waits for the target, not for another period. */
START_TEST(batch_unreachable)
{
    world_init("{'bn':{'num':4,'dur':'PT1H'}}");
    w.up = false;
    world_events(4);
    world_run(3000);
    w.up = true;
    world_run(10000);
    world_check_order("batch");
    ck_assert_int_eq(w.batches, 1);
    world_done();
}
END_TEST

START_TEST(batch_of_newest)
{
    world_init("{'bn':{'num':5},'ln':true}");
    for (int i = 0; i < 5; i++) {
        world_events(1);
        world_run(20);
    }
    ck_assert_int_eq(w.received_count, 1);
    ck_assert_int_eq(w.received[0], 5);
    world_events(4);
    world_run(1000);
    ck_assert_int_eq(w.received_count, 1);
    world_events(1);
    world_run(1000);
    ck_assert_int_eq(w.received_count, 2);
    ck_assert_int_eq(w.received[1], 10);
    world_done();
}
END_TEST

START_TEST(batch_restored)
{
    world_init("{'bn':{'num':4,'dur':'PT10S'}}");
    world_events(3);
    world_run(5000);
    world_crash();
    world_run(1000);
    ck_assert_int_eq(w.received_count, 0);
    world_run(5000);
    ck_assert_int_eq(w.batches, 1);
    world_check_order("restored batch");
    world_done();
}
END_TEST

START_TEST(rate)
{
    world_init("{'rl':{'mnn':3,'tww':'PT10S'}}");
    world_events(8);
    world_run(9000);
    ck_assert_int_eq(w.received_count, 3);
    ck_assert(w.acknowledged[8]);
    world_run(10000);
    ck_assert_int_eq(w.received_count, 6);
    world_run(30000);
    world_check_order("rate");
    for (int i = 3; i < w.received_count; i++)
        ck_assert_msg(w.received_at[i] - w.received_at[i - 3] >= 9900, "%d", i);
    world_done();
}
END_TEST

START_TEST(newest_only)
{
    world_init("{'pn':1}");
    w.up = false;
    for (int i = 0; i < 10; i++) {
        world_events(1);
        world_run(1000);
    }
    ck_assert_int_eq(w.kept_count, 1);
    w.up = true;
    world_run(60000);
    ck_assert_int_eq(w.received_count, 1);
    ck_assert_int_eq(w.received[0], 10);
    ck_assert_int_eq(w.kept_count, 0);
    world_events(1);
    world_run(100);
    ck_assert_int_eq(w.received_count, 2);
    world_done();
}
END_TEST

START_TEST(too_old)
{
    world_init("{'ma':'PT5S'}");
    w.up = false;
    world_events(4);
    world_run(4000);
    world_events(2);
    world_run(3000);
    w.up = true;
    world_run(20000);
    ck_assert_int_eq(w.ends[END_EXPIRED] + w.received_count, 6);
    ck_assert_int_ge(w.ends[END_EXPIRED], 4);
    ck_assert_int_eq(w.kept_count, 0);
    world_done();
}
END_TEST

START_TEST(kept_too_long)
{
    world_init("{}");
    w.limits.retry = 60000;
    w.up = false;
    world_events(4);
    world_run(200000);
    ck_assert_int_eq(w.ends[END_EXPIRED], 4);
    ck_assert_int_eq(w.kept_count, 0);
    w.up = true;
    world_events(1);
    world_run(1000);
    ck_assert_int_eq(w.received_count, 1);
    world_done();
}
END_TEST

/* The notice of the resource's deletion can't be stored: it is sent at once, tried some times, and let go. */
START_TEST(last_notice)
{
    world_init("{'bn':{'num':50}}");
    world_events(2);
    world_run(100);
    world_unkeep(INT64_MAX); /* storage deletes them along with the subscription */
    w.last++;
    world_event(w.last, true);
    world_run(1000);
    ck_assert_int_eq(w.received_count, 1);
    ck_assert_int_eq(w.received[0], 3);
    world_done();
    world_init("{}");
    w.up = false;
    w.last++;
    world_event(w.last, true);
    world_run(1000);
    ck_assert(!w.acknowledged[1]);
    world_run(20000);
    ck_assert_int_eq(w.ends[END_UNREACHABLE], 1);
    ck_assert(w.acknowledged[1]);
    world_done();
}
END_TEST

START_TEST(admission)
{
    world_init("{}");
    w.admission = ADMIT_LATER;
    world_events(3);
    world_run(1000);
    ck_assert_int_eq(w.received_count, 0);
    w.admission = ADMIT;
    lane_unblock(w.lane);
    world_run(100);
    world_check_order("admitted");
    w.admission = ADMIT_NEVER;
    world_events(2);
    world_run(100);
    ck_assert_int_eq(w.received_count, 3);
    ck_assert_int_eq(w.ends[END_EXHAUSTED], 2);
    world_done();
}
END_TEST

/*
 * Chance: the target comes and goes, storage fails, answers get lost, the process dies at any moment. What arrives is
 * complete and in order; without crashes and lost answers nothing arrives twice.
 */
static const struct {
    const char *name, *sub;
    int crashes, lost, failures; /* per mille */
    bool twice;
} storms[] = {
    {"target comes and goes", "{}",                             0,  0,  0,  false},
    {"failures",              "{}",                             0,  0,  80, false},
    {"lost answers",          "{}",                             0,  80, 40, true },
    {"crashes",               "{}",                             30, 0,  40, true },
    {"all of it",             "{}",                             30, 50, 50, true },
    {"rate limit, all of it", "{'rl':{'mnn':40,'tww':'PT2S'}}", 20, 50, 50, true },
    {"batches, all of it",    "{'bn':{'num':7,'dur':'PT1S'}}",  20, 50, 50, true },
    {"batches, failures",     "{'bn':{'num':7,'dur':'PT1S'}}",  0,  0,  80, false},
};

static void storm(int index, uint32_t seed)
{
    auto_free char *name = xasprintf("%s, seed %u", storms[index].name, seed);

    world_init(storms[index].sub);
    w.random = seed;
    w.failures = storms[index].failures;
    w.lost_answers = storms[index].lost;
    for (int i = 0; i < 250; i++) {
        world_events((int)(world_random() % 8));
        if (world_chance(60))
            w.up = !w.up;
        if (world_chance(40))
            w.storage_up = !w.storage_up;
        w.latency = world_chance(30) ? 700 : 1;
        if (world_chance(storms[index].crashes))
            world_crash();
        world_run(world_random() % (world_chance(100) ? 3000 : 30));
    }
    w.up = w.storage_up = true;
    w.latency = 1;
    w.failures = w.lost_answers = 0;
    world_run(600000);
    world_check_order(name);
    ck_assert_msg(w.kept_count == 0, "%s: %d left in storage", name, w.kept_count);
    if (!storms[index].twice)
        ck_assert_msg(w.received_count == w.last, "%s: %d for %d", name, w.received_count, w.last);
    world_done();
}

START_TEST(weather)
{
    for (uint32_t seed = 1; seed <= 60; seed++)
        storm(_i, seed);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        direct,       quick_retry,   spill_and_return,  backs_off,       slow_target,    too_many, refused,
        storage_away, batch,         batch_unreachable, batch_of_newest, batch_restored, rate,     newest_only,
        too_old,      kept_too_long, last_notice,       admission,
    };
    Suite *suite = suite_create("lane");
    TCase *tcase = tcase_create("lane");

    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ARRAY_LEN(tests); i++)
        tcase_add_test(tcase, tests[i]);
    tcase_add_loop_test(tcase, weather, 0, ARRAY_LEN(storms));
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
