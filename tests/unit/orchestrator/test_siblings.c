/* Who goes on when several orchestrators may have the same request. */
#include "mem.h"
#include "siblings.h"

#include <check.h>

static enum sibling_state state;
static const char *self;
static bool replied, held;
static int done;
static bus_reply_fn *on_reply;
static void *on_reply_context;
static int answer;

/* ---- the bus ---- */

const char *bus_instance(void)
{
    return self;
}

int bus_bind(const char *role)
{
    ck_assert_str_eq(role, "orchestrator.all");
    return 0;
}

void bus_done(struct bus_delivery *delivery)
{
    (void)delivery;
    done++;
}

void bus_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len)
{
    (void)delivery;
    (void)body;
    (void)body_len;
    replied = true;
    held = strstr(head->data, "\"held\":true") != NULL;
    done++;
}

int bus_send(const char *role, const struct str *head, const char *body, size_t body_len, int64_t deadline, bus_reply_fn *fn,
             void *context)
{
    (void)body;
    (void)body_len;
    (void)deadline;
    ck_assert_str_eq(role, "orchestrator.all");
    ck_assert_ptr_nonnull(strstr(head->data, "\"ri\":\"req1\""));
    on_reply = fn;
    on_reply_context = context;
    return self ? 0 : -1;
}

static enum sibling_state state_of(const char *ri)
{
    (void)ri;
    return state;
}

static void asked(const char *ri, const char *by)
{
    auto_free char *text = xasprintf("{\"do\":\"held\",\"ri\":\"%s\",\"by\":\"%s\"}\n\n", ri, by);
    struct bus_delivery *d = xcalloc(1, sizeof *d);

    replied = held = false;
    done = 0;
    ck_assert_int_gt(envelope_parse(&d->envelope, text, strlen(text)), 0);
    siblings_on_request(d);
    ck_assert_int_eq(done, 1);
    free(d);
}

static const struct {
    const char *name, *self, *by;
    enum sibling_state state;
    bool replied, held, wanted;
} cases[] = {
    {"not here",             "b", "a", SIBLING_FREE,   false, false, true },
    {"under way",            "b", "a", SIBLING_HELD,   true,  true,  false},
    {"under way, loose",     "b", "a", SIBLING_LOOSE,  true,  false, false},
    {"both ask, I am first", "a", "b", SIBLING_ASKING, true,  true,  false},
    {"both ask, I am last",  "b", "a", SIBLING_ASKING, false, false, false},
    {"my own question",      "a", "a", SIBLING_ASKING, false, false, false},
    {"my own, not here",     "a", "a", SIBLING_FREE,   false, false, false},
};

START_TEST(answers)
{
    auto_free char *ri = xasprintf("req%d", _i);

    siblings_start(state_of);
    state = cases[_i].state;
    self = cases[_i].self;
    asked(ri, cases[_i].by);
    ck_assert_msg(replied == cases[_i].replied && held == cases[_i].held, "%s", cases[_i].name);
    ck_assert_msg(siblings_wanted(ri) == cases[_i].wanted, "%s", cases[_i].name);
    ck_assert(!siblings_wanted("another"));
}
END_TEST

static void on_answer(void *context, enum sibling_answer what)
{
    (void)context;
    answer = (int)what;
}

static const struct {
    const char *reply; /* NULL: none */
    enum bus_failure failure;
    enum sibling_answer answer;
} replies[] = {
    {"{\"held\":true}\n\n",  BUS_OK,      SIBLINGS_HOLD   },
    {"{\"held\":false}\n\n", BUS_OK,      SIBLINGS_PERHAPS},
    {NULL,                   BUS_TIMEOUT, SIBLINGS_NONE   },
    {NULL,                   BUS_NOBODY,  SIBLINGS_NONE   },
    {NULL,                   BUS_LOST,    SIBLINGS_PERHAPS},
};

START_TEST(questions)
{
    auto_free char *text = replies[_i].reply ? xstrdup(replies[_i].reply) : NULL;
    static struct envelope e;

    self = "a";
    answer = -1;
    ck_assert_int_eq(siblings_ask("main", "req1", on_answer, NULL), 0);
    if (text)
        ck_assert_int_gt(envelope_parse(&e, text, strlen(text)), 0);
    on_reply(on_reply_context, text ? &e : NULL, replies[_i].failure);
    ck_assert_int_eq(answer, replies[_i].answer);
    self = NULL;
    ck_assert_int_eq(siblings_ask("main", "req1", on_answer, NULL), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("siblings");
    TCase *tcase = tcase_create("cases");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, answers, 0, (int)ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, questions, 0, (int)ARRAY_LEN(replies));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
