/* Events that came back: how many together, one alone, and when it is buried. Decisions, then the machine around them. */
#include "active.h"
#include "caution.h"
#include "loop.h"
#include "mem.h"

#include <check.h>

/* ---- decisions */

static const struct {
    const char *name, *kept, *me;
    int size;
    const char *id;
    int tries;
} cases[] = {
    {"the first time",               "null",                                    "b", CAUTION_ALL, "e1", 1},
    {"nonsense",                     "[1,2]",                                   "b", CAUTION_ALL, "e1", 1},
    {"one died of all",              "{'by':'a','size':0}",                     "b", 32,          "e1", 1},
    {"one died of some",             "{'by':'a','size':32}",                    "b", 1,           "e1", 1},
    {"of one",                       "{'by':'a','size':1,'id':'e1','tries':1}", "b", 1,           "e1", 2},
    {"of one, again",                "{'by':'a','size':1,'id':'e1','tries':3}", "b", 1,           "e1", 4},
    {"of another one",               "{'by':'a','size':1,'id':'e2','tries':3}", "b", 1,           "e1", 1},
    {"a size of another version",    "{'by':'a','size':7}",                     "b", 1,           "e1", 1},
    {"only the connection was lost", "{'by':'b','size':32}",                    "b", 32,          "e1", 1},
    {"... while one was alone",      "{'by':'b','size':1,'id':'e1','tries':2}", "b", 1,           "e1", 2},
};

START_TEST(decides)
{
    auto_free char *text = xstrdup(cases[_i].kept);
    json_auto_t *json = NULL;
    struct caution before, alone;

    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    json = json_loads(text, JSON_DECODE_ANY, NULL);
    caution_read(&before, json);
    ck_assert_msg(caution_size(&before, cases[_i].me) == cases[_i].size, "%s", cases[_i].name);
    alone = caution_alone(&before, cases[_i].me, cases[_i].id);
    ck_assert_msg(alone.size == 1 && alone.tries == cases[_i].tries && strcmp(alone.id, cases[_i].id) == 0, "%s", cases[_i].name);
}
END_TEST

/* ---- the machine: a broker, a keeper and a service made of variables */

#define EVENTS 100

static char kept[300]; /* what survives a death */
static char me[16];
static char poison[16];
static char log_[4000]; /* of the service: what it handled, "!" where it died, what was buried in brackets */
static bool alive, keeper_well = true;
static bool gone[EVENTS]; /* acknowledged */
static struct bus_delivery deliveries[EVENTS];
static char ids[EVENTS][16];
static int work[EVENTS], work_count; /* handled and not ended: the service ends them later */
static struct {
    bus_reply_fn *fn;
    void *context;
    char text[400];
} asked;
static void (*state_fn)(bool up);

const char *bus_instance(void)
{
    return me;
}

bool bus_is_up(void)
{
    return true;
}

void bus_on_state(void (*fn)(bool up))
{
    state_fn = fn;
}

int bus_send(const char *role, const struct str *head, const char *body, size_t body_len, int64_t deadline, bus_reply_fn *fn,
             void *context)
{
    const char *value = strstr(body, "\"value\":");

    (void)body_len;
    (void)deadline;
    if (strcmp(role, "keeper") != 0)
        return 0; /* a tick */
    if (strstr(head->data, "\"kept\"")) {
        snprintf(asked.text, sizeof asked.text, "{\"st\":\"%s\"}\n%s%s%s\n", keeper_well ? "ok" : "failed",
                 *kept ? "[[\"x\"," : "[", kept, *kept ? "]]" : "]");
    } else {
        ck_assert_ptr_nonnull(value);
        if (keeper_well)
            snprintf(kept, sizeof kept, "%.*s", (int)strlen(value) - 8 - 3, value + 8);
        if (strcmp(kept, "null") == 0)
            *kept = '\0';
        snprintf(asked.text, sizeof asked.text, "{\"st\":\"%s\"}\n\n", keeper_well ? "ok" : "failed");
    }
    asked.fn = fn;
    asked.context = context;
    return 0;
}

static void note(const char *text)
{
    snprintf(log_ + strlen(log_), sizeof log_ - strlen(log_), "%s ", text);
}

void bus_done(struct bus_delivery *delivery)
{
    gone[delivery - deliveries] = alive;
}

void bus_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len)
{
    (void)head, (void)body, (void)body_len;
    bus_done(delivery);
}

void bus_reject(struct bus_delivery *delivery)
{
    auto_free char *text = xasprintf("[%s]", delivery->id);

    gone[delivery - deliveries] = true;
    note(text);
}

static void handle(struct bus_delivery *delivery)
{
    if (!alive)
        return;
    note(delivery->id);
    work[work_count++] = (int)(delivery - deliveries);
    if (strcmp(delivery->id, poison) == 0) {
        note("!");
        alive = false;
    }
}

static void begin(void (*ready)(void))
{
    ready();
}

static void forget(void)
{
    work_count = 0;
}

static const char *about(void)
{
    return "id-in";
}

static const struct active service = {
    .queue = "events.x",
    .tenant = "main",
    .keeper = "keeper",
    .about = about,
    .held_max = EVENTS,
    .begin = begin,
    .handle = handle,
    .forget = forget,
};

/* Everything that can happen now does, until nothing does any more. */
static void settle(void)
{
    for (int idle = 0; idle < 20 && alive; idle++) {
        uv_run(loop_get(), UV_RUN_NOWAIT);
        if (asked.fn && alive) {
            bus_reply_fn *fn = asked.fn;
            struct envelope e;

            ck_assert_int_gt(envelope_parse(&e, asked.text, strlen(asked.text)), 0);
            asked.fn = NULL;
            fn(asked.context, &e, BUS_OK);
            idle = 0;
        }
        while (work_count > 0 && alive) {
            int i = work[0];

            memmove(work, work + 1, (size_t)--work_count * sizeof work[0]);
            active_done(&deliveries[i]);
            idle = 0;
        }
    }
}

/* One life of a process. `again`: events below this one were delivered before. */
static void live(const char *name, int again, int count)
{
    snprintf(me, sizeof me, "%s", name);
    alive = true;
    work_count = 0;
    asked.fn = NULL;
    state_fn(true);
    for (int i = 0; i < count && alive; i++) {
        snprintf(ids[i], sizeof ids[i], "e%d", i);
        if (gone[i])
            continue;
        deliveries[i] = (struct bus_delivery){.id = ids[i], .again = i < again};
        active_on_event(&deliveries[i]);
    }
    settle();
    asked.fn = NULL;
    alive = false;
    state_fn(false);
}

static void setup(void)
{
    static bool started;

    if (!started)
        active_start(&service);
    started = true;
    memset(gone, 0, sizeof gone);
    *kept = *log_ = *poison = '\0';
    keeper_well = true;
}

static int left(int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++)
        sum += !gone[i];
    return sum;
}

START_TEST(usual)
{
    live("a", 0, 3);
    ck_assert_str_eq(log_, "e0 e1 e2 ");
    ck_assert_str_eq(kept, "");
    ck_assert_int_eq(left(3), 0);
}
END_TEST

/* A process was killed from outside: its events and new ones, in order, and nothing is left behind. */
START_TEST(what_came_back)
{
    live("a", 3, 5);
    ck_assert_str_eq(log_, "e0 e1 e2 e3 e4 ");
    ck_assert_str_eq(kept, "");
    ck_assert_int_eq(left(5), 0);
}
END_TEST

START_TEST(one_that_kills)
{
    snprintf(poison, sizeof poison, "e2");
    live("a", 0, 5);
    ck_assert_str_eq(log_, "e0 e1 e2 ! ");
    ck_assert_int_eq(left(5), 5); /* dead before anything was ended */
    *log_ = '\0';
    live("b", 3, 5);
    live("c", 3, 5);
    ck_assert_str_eq(log_, "e0 e1 e2 ! e0 e1 e2 ! ");
    *log_ = '\0';
    live("d", 3, 5);
    ck_assert_str_eq(log_, "e0 e1 e2 ! "); /* one by one: the first two are done with */
    ck_assert_int_eq(left(5), 3);
    live("e", 3, 5);
    live("f", 3, 5);
    *log_ = '\0';
    live("g", 3, 5);
    ck_assert_str_eq(log_, "[e2] e3 e4 ");
    ck_assert_str_eq(kept, "");
    ck_assert_int_eq(left(5), 0);
}
END_TEST

/* Many came back: with ever fewer together, it takes as many deaths. */
START_TEST(one_among_many)
{
    int deaths = 0;

    snprintf(poison, sizeof poison, "e77");
    for (int life = 0; left(EVENTS) > 0 && life < 20; life++) {
        auto_free char *name = xasprintf("p%d", life);

        live(name, life > 0 ? 90 : 0, EVENTS);
        deaths += left(EVENTS) > 0;
    }
    ck_assert_int_eq(left(EVENTS), 0);
    ck_assert_int_le(deaths, 6);
    ck_assert_ptr_nonnull(strstr(log_, "[e77]"));
    ck_assert_str_eq(kept, "");
}
END_TEST

/* Deaths that have nothing to do with the events bury none of them. */
START_TEST(progress)
{
    for (int life = 0; life < 12; life++) {
        auto_free char *name = xasprintf("p%d", life);

        snprintf(poison, sizeof poison, "e%d", life); /* another one each time */
        gone[life] = life > 0;
        live(name, 20, 20);
    }
    ck_assert_ptr_null(strstr(log_, "["));
}
END_TEST

START_TEST(without_the_keeper)
{
    keeper_well = false;
    live("a", 2, 3);
    ck_assert_str_eq(log_, "");
    keeper_well = true;
    live("a", 2, 3);
    ck_assert_str_eq(log_, "e0 e1 e2 ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("caution");
    TCase *tcase = tcase_create("caution");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_loop_test(tcase, decides, 0, (int)ARRAY_LEN(cases));
    tcase_add_test(tcase, usual);
    tcase_add_test(tcase, what_came_back);
    tcase_add_test(tcase, one_that_kills);
    tcase_add_test(tcase, one_among_many);
    tcase_add_test(tcase, progress);
    tcase_add_test(tcase, without_the_keeper);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
