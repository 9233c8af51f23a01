/* What is to be done next with a lane, and what counts. */
#include "fixture.h"
#include "policy.h"
#include "tally.h"

#define NOW INT64_C(1767225600000) /* 20260101T000000, a Thursday */

static const struct limits limits = {.memory = 100, .patience = 500, .batch = 60000, .retry = 86400000};

#define STORED .stored = true, .window = 8
#define DIRECT .window = 8

static const struct {
    const char *name, *sub;
    const char *sched;
    struct facts facts;
    struct step step;
} cases[] = {
    {"nothing to do",                  "{}",               NULL,                  {DIRECT},                                                                {STEP_NONE, 0, 0}   },
    {"send",                           "{}",               NULL,                  {DIRECT, .queued = 3},                                                   {STEP_SEND, 8, 0}   },
    {"waits for answers",              "{}",               NULL,                  {DIRECT, .queued = 3, .flight = 2, .flight_at = NOW - 100},              {STEP_WAIT, 0, 400} },
    {"slow",                           "{}",               NULL,                  {DIRECT, .queued = 3, .flight = 2, .flight_at = NOW - 500},              {STEP_SPILL, 0, 0}  },
    {"too many",                       "{}",               NULL,                  {DIRECT, .queued = 101, .flight = 2, .flight_at = NOW},                  {STEP_SPILL, 0, 0}  },
    {"counter undecided",              "{}",               NULL,                  {DIRECT, .queued = 3, .blocked = true},                                  {STEP_NONE, 0, 0}   },
    {"failed once",                    "{}",               NULL,                  {DIRECT, .queued = 1, .failures = 1, .retry_at = NOW + 100},             {STEP_WAIT, 0, 100} },
    {"tries again",                    "{}",               NULL,                  {DIRECT, .queued = 1, .failures = 1, .retry_at = NOW},                   {STEP_SEND, 8, 0}   },
    {"unreachable",                    "{}",               NULL,                  {DIRECT, .queued = 1, .failures = 3, .retry_at = NOW},                   {STEP_SPILL, 0, 0}  },
    {"stores",                         "{}",               NULL,                  {STORED, .queued = 1, .kept = 5, .failures = 3, .retry_at = NOW + 1000}, {STEP_STORE, 0, 0}  },
    {"storage away",
     "{}",                                                 NULL,
     {STORED, .queued = 1, .kept = 5, .failures = 3, .retry_at = NOW + 1000, .store_at = NOW + 300},
     {STEP_WAIT, 0, 300}                                                                                                                                                       },
    {"back-off",                       "{}",               NULL,                  {STORED, .kept = 5, .failures = 3, .retry_at = NOW + 1000},              {STEP_WAIT, 0, 1000}},
    {"reads",                          "{}",               NULL,                  {STORED, .kept = 5, .failures = 3, .retry_at = NOW},                     {STEP_READ, 8, 0}   },
    {"stores while others fly",        "{}",               NULL,                  {STORED, .kept = 5, .flight = 3, .queued = 1},                           {STEP_STORE, 0, 0}  },
    {"reads while storing",            "{}",               NULL,                  {STORED, .kept = 5, .storing = true, .queued = 1},                       {STEP_READ, 8, 0}   },
    {"one read at a time",             "{}",               NULL,                  {STORED, .kept = 5, .busy = true},                                       {STEP_NONE, 0, 0}   },
    {"storage empty",                  "{}",               NULL,                  {STORED, .queued = 4},                                                   {STEP_DIRECT, 0, 0} },
    {"perhaps not empty yet",          "{}",               NULL,                  {STORED, .storing = true, .queued = 4},                                  {STEP_NONE, 0, 0}   },
    {"empty after failures",           "{}",               NULL,                  {STORED, .failures = 4},                                                 {STEP_DIRECT, 0, 0} },
    {"batch: collect",                 "{'bn':{'num':5}}", NULL,                  {DIRECT, .queued = 1},                                                   {STEP_SPILL, 0, 0}  },
    {"batch: never direct",            "{'bn':{'num':5}}", NULL,                  {STORED, .queued = 1},                                                   {STEP_STORE, 0, 0}  },
    {"batch: not full",
     "{'bn':{'num':5}}",                                   NULL,
     {STORED, .kept = 4, .collected = 4, .first_at = NOW - 1000},
     {STEP_WAIT, 0, 59000}                                                                                                                                                     },
    {"batch: full",                    "{'bn':{'num':5}}", NULL,                  {STORED, .kept = 5, .collected = 5, .first_at = NOW},                    {STEP_BATCH, 5, 0}  },
    {"batch: time",
     "{'bn':{'num':5,'dur':'PT2S'}}",                      NULL,
     {STORED, .kept = 1, .collected = 1, .first_at = NOW - 2000},
     {STEP_BATCH, 5, 0}                                                                                                                                                        },
    {"batch: no number",
     "{'bn':{'dur':'PT2S'}}",                              NULL,
     {STORED, .kept = 1, .collected = 1, .first_at = NOW - 2000},
     {STEP_BATCH, 500, 0}                                                                                                                                                      },
    {"batch: newest of five",
     "{'bn':{'num':5},'ln':true}",                         NULL,
     {STORED, .kept = 1, .collected = 5, .first_at = NOW},
     {STEP_BATCH, 5, 0}                                                                                                                                                        },
    {"rate: some left",
     "{'rl':{'mnn':10,'tww':'PT1M'}}",                     NULL,
     {DIRECT, .queued = 9, .window_at = NOW - 10, .window_used = 7},
     {STEP_SEND, 3, 0}                                                                                                                                                         },
    {"rate: none left",
     "{'rl':{'mnn':10,'tww':'PT1M'}}",                     NULL,
     {DIRECT, .queued = 9, .window_at = NOW - 10, .window_used = 10},
     {STEP_SPILL, 0, 0}                                                                                                                                                        },
    {"rate: held",
     "{'rl':{'mnn':10,'tww':'PT1M'}}",                     NULL,
     {STORED, .kept = 9, .window_at = NOW - 10000, .window_used = 10},
     {STEP_WAIT, 0, 50000}                                                                                                                                                     },
    {"rate: next window",
     "{'rl':{'mnn':10,'tww':'PT1M'}}",                     NULL,
     {STORED, .kept = 9, .window_at = NOW - 60000, .window_used = 10},
     {STEP_READ, 8, 0}                                                                                                                                                         },
    {"rate: not direct while used up",
     "{'rl':{'mnn':10,'tww':'PT1M'}}",                     NULL,
     {STORED, .queued = 1, .window_at = NOW, .window_used = 10},
     {STEP_STORE, 0, 0}                                                                                                                                                        },
    {"schedule open",                  "{}",               "['* * 0-1 * * * *']", {DIRECT, .queued = 1},                                                   {STEP_SEND, 8, 0}   },
    {"schedule closed: drop",          "{}",               "['* * 5-6 * * * *']", {DIRECT, .queued = 1},                                                   {STEP_DROP, 0, 0}   },
    {"schedule closed: keep",          "{'pn':2}",         "['* * 5-6 * * * *']", {DIRECT, .queued = 1},                                                   {STEP_SPILL, 0, 0}  },
    {"schedule closed: wait",          "{'pn':2}",         "['* * 5-6 * * * *']", {STORED, .kept = 1},                                                     {STEP_WAIT, 0, 5000}},
    {"schedule opens soon",            "{'pn':2}",         "['2 * * * * * *']",   {STORED, .kept = 1},                                                     {STEP_WAIT, 0, 2000}},
    {"node closed: drop",              "{}",               NULL,                  {DIRECT, .queued = 1, .closed_until = NOW + 700},                        {STEP_DROP, 0, 0}   },
    {"node closed: keep",              "{'pn':1}",         NULL,                  {DIRECT, .queued = 1, .closed_until = NOW + 700},                        {STEP_SPILL, 0, 0}  },
    {"node closed: wait",              "{'pn':2}",         NULL,                  {STORED, .kept = 1, .closed_until = NOW + 700},                          {STEP_WAIT, 0, 700} },
    {"node closed: immediate",         "{'nec':2}",        NULL,                  {DIRECT, .queued = 1, .closed_until = NOW + 700},                        {STEP_SEND, 8, 0}   },
    {"node was closed",                "{}",               NULL,                  {DIRECT, .queued = 1, .closed_until = NOW},                              {STEP_SEND, 8, 0}   },
    {"schedule closed: immediate",     "{'nec':2}",        "['* * 5-6 * * * *']", {DIRECT, .queued = 1},                                                   {STEP_SEND, 8, 0}   },
    {"gone: send",                     "{'bn':{'num':5}}", NULL,                  {DIRECT, .gone = true, .queued = 1},                                     {STEP_SEND, 8, 0}   },
    {"gone: out of storage",           "{}",               NULL,                  {STORED, .gone = true, .queued = 1, .kept = 5},                          {STEP_DIRECT, 0, 0} },
    {"gone: retry",                    "{}",               NULL,                  {DIRECT, .gone = true, .queued = 1, .failures = 3, .retry_at = NOW + 5}, {STEP_WAIT, 0, 5}   },
    {"gone: lost",                     "{}",               NULL,                  {DIRECT, .gone = true, .queued = 1, .failures = 5, .retry_at = NOW + 5}, {STEP_DROP, 0, 0}   },
};

START_TEST(next)
{
    struct subscription *sub = fixture_subscription(cases[_i].sub);
    auto_free char *text = fixture_quotes(cases[_i].sched ? cases[_i].sched : "[]");
    struct step step;

    sub->sched = json_loads(text, 0, NULL);
    sub->policy.schedule = cases[_i].sched ? sub->sched : NULL;
    step = policy_next(&sub->policy, &cases[_i].facts, &limits, NOW);
    ck_assert_msg(step.kind == cases[_i].step.kind && step.count == cases[_i].step.count && step.wait == cases[_i].step.wait,
                  "%s: kind %d count %d wait %lld", cases[_i].name, (int)step.kind, step.count, (long long)step.wait);
    subscription_unref(sub);
}
END_TEST

START_TEST(backoff)
{
    struct facts f = {.failures = 1};

    ck_assert_int_eq(policy_backoff(&f, 7), 100);
    f.failures = 2;
    ck_assert_int_eq(policy_backoff(&f, 7), 300);
    f.stored = true;
    for (f.failures = 3; f.failures < 80; f.failures++) {
        int64_t least = policy_backoff(&f, 0), most = policy_backoff(&f, UINT32_MAX);

        ck_assert_msg(least >= 750 && least <= 45000 && most >= least && most <= 60000, "%d", f.failures);
    }
    ck_assert_int_eq(policy_backoff(&f, 0), 45000);
}
END_TEST

static const struct {
    const char *name, *sub;
    int failures;
    bool latest;
    int direct, kept; /* event categories */
} keeps[] = {
    {"plain",           "{}",                 3, false, 0,   0},
    {"ln",              "{'ln':true}",        0, true,  4,   4},
    {"pn 1, reachable", "{'pn':1}",           0, false, 0,   4},
    {"pn 1",            "{'pn':1,'nec':100}", 1, true,  100, 4},
    {"pn 2",            "{'pn':2,'nec':2}",   1, false, 2,   2},
};

START_TEST(keeping)
{
    struct subscription *sub = fixture_subscription(keeps[_i].sub);
    struct facts facts = {.failures = keeps[_i].failures};

    ck_assert_msg(policy_keeps_latest(&sub->policy, &facts, NOW) == keeps[_i].latest, "%s", keeps[_i].name);
    ck_assert_msg(policy_category(&sub->policy, false) == keeps[_i].direct, "%s", keeps[_i].name);
    ck_assert_msg(policy_category(&sub->policy, true) == keeps[_i].kept, "%s", keeps[_i].name);
    subscription_unref(sub);
}
END_TEST

START_TEST(expiry)
{
    struct subscription *sub = fixture_subscription("{'ma':'PT5S'}"), *plain = fixture_subscription("{}");

    ck_assert(!policy_expired(&sub->policy, &limits, NOW - 5000, NOW));
    ck_assert(policy_expired(&sub->policy, &limits, NOW - 5001, NOW));
    ck_assert(!policy_expired(&plain->policy, &limits, NOW - 86400000, NOW));
    ck_assert(policy_expired(&plain->policy, &limits, NOW - 86400001, NOW));
    subscription_unref(sub);
    subscription_unref(plain);
}
END_TEST

static void load(struct tally *tally, const char *attributes)
{
    auto_free char *text = fixture_quotes(attributes);
    json_auto_t *a = json_loads(text, 0, NULL);

    tally_load(tally, a);
}

static void hear(struct tally *tally, const char *attributes)
{
    auto_free char *text = fixture_quotes(attributes);
    json_auto_t *a = json_loads(text, 0, NULL);

    tally_statistics(tally, a);
}

/* One event to two targets counts once; never more on their way than are left. */
START_TEST(expiration)
{
    struct tally t = {.ready = false};

    ck_assert_int_eq(tally_admit(&t, 1), ADMIT_LATER);
    load(&t, "{'exc':2}");
    ck_assert_int_eq(tally_admit(&t, 1), ADMIT);
    ck_assert_int_eq(tally_admit(&t, 1), ADMIT);
    ck_assert_int_eq(tally_admit(&t, 2), ADMIT);
    ck_assert_int_eq(tally_admit(&t, 3), ADMIT_LATER);
    tally_flown(&t, "a", 1, OUTCOME_DELIVERED);
    tally_flown(&t, "b", 1, OUTCOME_DELIVERED);
    ck_assert_int_eq(t.left, 1);
    tally_flown(&t, "a", 2, OUTCOME_REFUSED);
    ck_assert_int_eq(t.left, 1);
    ck_assert_int_eq(tally_admit(&t, 3), ADMIT);
    tally_flown(&t, "a", 3, OUTCOME_UNREACHABLE);
    ck_assert_int_eq(tally_admit(&t, 3), ADMIT);
    tally_flown(&t, "a", 3, OUTCOME_DELIVERED);
    ck_assert(tally_exhausted(&t) && !tally_flying(&t));
    ck_assert_int_eq(tally_admit(&t, 4), ADMIT_NEVER);
    ck_assert_int_eq(tally_admit(&t, 3), ADMIT); /* to its other target */
    tally_done(&t);
}
END_TEST

START_TEST(reloading)
{
    struct tally t = {.ready = false};

    load(&t, "{'exc':5}");
    ck_assert_int_eq(tally_admit(&t, 1), ADMIT);
    tally_flown(&t, "a", 1, OUTCOME_DELIVERED);
    load(&t, "{'exc':5,'lbl':['x']}"); /* something else was updated */
    ck_assert_int_eq(t.left, 4);
    load(&t, "{'exc':9}");
    ck_assert_int_eq(t.left, 9);
    load(&t, "{}");
    ck_assert_int_eq(t.left, TALLY_UNLIMITED);
    ck_assert_int_eq(tally_admit(&t, 7), ADMIT);
    tally_done(&t);
}
END_TEST

START_TEST(statistics)
{
    auto_free char *expected = fixture_quotes("{'exc':4,'nsi':[{'tg':'a','rqs':5,'rsr':3,'noec':3}]}");
    auto_str struct str out = STR_EMPTY;
    struct tally t = {.ready = false};

    load(&t, "{'exc':5,'nse':true,'nsi':[{'tg':'a','rqs':3,'rsr':2,'noec':2}]}");
    tally_event(&t, "a");
    ck_assert_int_eq(tally_admit(&t, 1), ADMIT);
    tally_flown(&t, "a", 1, OUTCOME_UNREACHABLE);
    ck_assert_int_eq(tally_admit(&t, 1), ADMIT);
    tally_flown(&t, "a", 1, OUTCOME_DELIVERED);
    ck_assert_int_eq(tally_admit(&t, 2), ADMIT);
    tally_flown(&t, "a", 2, OUTCOME_NONE);
    tally_write(&out, &t);
    ck_assert_str_eq(out.data, expected);
    load(&t, "{'exc':5,'nse':false}");
    tally_event(&t, "a"); /* frozen */
    ck_assert_int_eq(t.count, 0);
    load(&t, "{'exc':5,'nse':true}");
    ck_assert_int_eq(t.count, 0);
    /* The event that brings the news counts before storage is asked. */
    hear(&t, "{'nse':false}");
    tally_event(&t, "a");
    hear(&t, "{'nse':true}");
    tally_event(&t, "a");
    hear(&t, "{'nse':true,'nsi':[{'tg':'a','rqs':3,'rsr':2,'noec':2}]}"); /* changed otherwise */
    ck_assert_int_eq(t.targets[0].events, 1);
    tally_event(&t, "a");
    hear(&t, "{'nse':true,'nsi':[]}"); /* off and on meanwhile */
    ck_assert_int_eq(t.count, 0);
    tally_event(&t, "a");
    load(&t, "{'exc':5,'nse':true}");
    ck_assert_int_eq(t.count, 1);
    ck_assert_int_eq(t.targets[0].events, 1);
    tally_done(&t);
    /* What came while the counters were asked for counts, too. */
    t = (struct tally){.ready = false};
    tally_event(&t, "a");
    load(&t, "{'nse':true,'nsi':[{'tg':'a','rqs':3,'rsr':2,'noec':2}]}");
    ck_assert_int_eq(t.targets[0].events, 3);
    tally_done(&t);
    t = (struct tally){.ready = false};
    tally_event(&t, "a");
    load(&t, "{'exc':3}");
    ck_assert_int_eq(t.count, 1); /* never written */
    str_reset(&out);
    tally_write(&out, &t);
    ck_assert_str_eq(out.data, "{\"exc\":3}");
    tally_done(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *tcase = tcase_create("policy");

    tcase_add_loop_test(tcase, next, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, backoff);
    tcase_add_loop_test(tcase, keeping, 0, ARRAY_LEN(keeps));
    tcase_add_test(tcase, expiry);
    tcase_add_test(tcase, expiration);
    tcase_add_test(tcase, reloading);
    tcase_add_test(tcase, statistics);
    suite_add_tcase(suite, tcase);
    return fixture_run(suite);
}
