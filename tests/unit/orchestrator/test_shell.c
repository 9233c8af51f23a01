/* A request's life, with storage played by a script: what is loaded, done again, confirmed and answered. */
#include "clock.h"
#include "cse.h"
#include "discover.h"
#include "json.h"
#include "loop.h"
#include "mem.h"
#include "shell.h"

#include <check.h>

#define RECORD(ri, pi, ty, path, v, by, a)                                                                                       \
    "{\"ri\":\"" ri "\",\"pi\":\"" pi "\",\"ty\":" ty ",\"path\":\"" path "\",\"v\":" v ",\"by\":\"" by "\",\"subs\":0,\"a\":" a \
    "}"
#define CB RECORD("id-in", "", "5", "cse-in", "1", "CAdmin", "{\"ri\":\"id-in\",\"rn\":\"cse-in\",\"csi\":\"/id-in\"}")
#define AE(ri, path, v) RECORD(ri, "id-in", "2", path, v, ri, "{\"ri\":\"" ri "\",\"aei\":\"" ri "\",\"et\":\"20991231T000000\"}")
#define CNT(v) RECORD("c1", "Cae", "3", "cse-in/ae/c", v, "Cae", "{\"ri\":\"c1\",\"rn\":\"c\",\"et\":\"20991231T000000\"}")

/* What `records` finds; the container's version is filled in. */
#define PCH RECORD("pchCae", "Cae", "15", "cse-in/ae/pch", "1", "Cae", "{\"ri\":\"pchCae\",\"rqag\":true}")
#define WORLD(v)                                                                                                                 \
    "{\"cse-in\":" CB ",\"id-in\":" CB                                                                                           \
    ",\"Cae\":" AE("Cae", "cse-in/ae", "2") ",\"cse-in/ae\":" AE("Cae", "cse-in/ae", "2") ",\"pchCae\":" PCH ",\"Cbe\":" AE(     \
        "Cbe", "cse-in/be", "3") ",\"c1\":" CNT(v) ",\"cse-in/ae/c\":" CNT(v) "}"

#define REQ(op, to, fr, more)                                                                                                    \
    "\"tenant\":\"main\",\"op\":" op ",\"to\":\"" to "\",\"fr\":\"" fr "\",\"rqi\":\"7\",\"rvi\":\"3\"" more
#define CREATE_CIN(fr, more) REQ("1", "cse-in/ae/c", fr, ",\"ty\":4" more), "{\"m2m:cin\":{\"con\":\"21.5\"}}"
#define REP "{\"m2m:cin\":{\"ri\":\"cin9\",\"ty\":4,\"con\":\"21.5\"}}"
#define APPENDED "\"st\":\"ok\",\"ri\":\"cin9\",\"rn\":\"cin9\",\"seq\":1"

/* One call that is no `records`: what must be in its text, and the answer: head and body; head "" = timeout, "!" = not sent. */
struct turn {
    const char *wanted, *head, *body;
};

/* clang-format off */
static const struct {
    const char *name;
    const char *head, *pc;
    struct turn turns[4];
    int records; /* calls */
    int rsc;
    const char *answer; /* must be in it */
} cases[] = {
    {"append passes through", CREATE_CIN("Cae", ""), {{"\"need\":{", APPENDED, REP}}, 1, 2001, REP},
    {"address of the new one", CREATE_CIN("Cae", ""), {{"\"cs\":4", APPENDED, REP}}, 1, 2001, "\"loc\":\"cse-in/ae/c/cin9\""},
    {"append, rcn 0", CREATE_CIN("Cae", ",\"rcn\":0"), {{"append", APPENDED, REP}}, 1, 2001, "}\n\n"},
    {"append, rcn 2", CREATE_CIN("Cae", ",\"rcn\":2"), {{"append", APPENDED, REP}}, 1, 2001, "\n{\"m2m:uri\":\"cse-in/ae/c/cin9\"}\n"},
    {"append, rcn 3", CREATE_CIN("Cae", ",\"rcn\":3"), {{"append", APPENDED, REP}}, 1, 2001,
     "\n{\"m2m:rce\":{\"m2m:cin\":{\"ri\":\"cin9\",\"ty\":4,\"con\":\"21.5\"},\"uri\":\"cse-in/ae/c/cin9\"}}\n"},
    {"append, rcn 9", CREATE_CIN("Cae", ",\"rcn\":9"), {{"append", APPENDED, REP}}, 1, 2001,
     "\n{\"m2m:cin\":{\"ri\":\"cin9\",\"ty\":4}}\n"},
    {"stale once", CREATE_CIN("Cae", ""), {{"\"c1\":4", "\"st\":\"stale\"", "{\"c1\":5}"}, {"append", APPENDED, REP}}, 2, 2001, REP},
    {"name taken", CREATE_CIN("Cae", ""), {{"append", "\"st\":\"exists\",\"what\":\"path\"", ""}}, 1, 4105, "m2m:dbg"},
    {"refused by storage", CREATE_CIN("Cae", ""), {{"append", "\"st\":\"refused\",\"rsc\":5207,\"why\":\"too big\"", ""}}, 1, 5207,
     "too big"},
    {"storage failed", CREATE_CIN("Cae", ""), {{"append", "\"st\":\"failed\",\"why\":\"disk full\"", ""}}, 1, 5000, "disk full"},
    {"storage silent", CREATE_CIN("Cae", ""), {{"append", "", ""}}, 1, 5103, "\"retry\":1"},
    {"storage away", CREATE_CIN("Cae", ""), {{"append", "!", ""}}, 1, 5103, "\"retry\":1"},
    {"not there", REQ("2", "cse-in/ae/nope", "Cae", ""), "", {{0}}, 1, 4004, "m2m:dbg"},
    {"latest of nothing", REQ("2", "cse-in/ae/c/la", "Cae", ""), "", {{"\"virt\":\"la\"", "\"st\":\"none\"", ""}}, 1, 4004,
     "no instance"},
    {"latest", REQ("2", "cse-in/ae/c/la", "Cae", ""), "", {{"\"to\":\"c1\"", "\"st\":\"ok\"", REP}}, 1, 2000, "\n" REP "\n"},
    {"delete the latest", REQ("4", "cse-in/ae/c/la", "Cae", ",\"rcn\":1"), "",
     {{"\"virt\":\"la\"", "\"st\":\"ok\"", REP}, {"\"ri\":\"cin9\"}", "\"st\":\"ok\"", "[null]"}}, 1, 2002, "\n" REP "\n"},
    {"update", REQ("3", "cse-in/ae/c", "Cae", ",\"rcn\":9"), "{\"m2m:cnt\":{\"mni\":5}}",
     {{"\"op\":\"update\"", "\"st\":\"ok\"",
       "[" RECORD("c1", "Cae", "3", "cse-in/ae/c", "9", "Cae",
                  "{\"ri\":\"c1\",\"rn\":\"c\",\"et\":\"20991231T000000\",\"mni\":5,\"st\":3}") "]"}}, 1, 2004,
     "\n{\"m2m:cnt\":{\"st\":3}}\n"},
    {"a poll is passed on", REQ("2", "pchCae/pcu", "Cae", ",\"identity\":{\"by\":\"none\"}"), "", {{0}}, 1, 0,
     "{egress.poll k1,\"tenant\":\"main\",\"op\":2,\"to\":\"pchCae/pcu\",\"fr\":\"Cae\",\"rqi\":\"7\",\"rvi\":\"3\","
     "\"url\":\"poll:pchCae\",\"do\":\"poll\",\"rqag\":true}\n\n"},
    {"the answer to one as well", REQ("5", "pchCae/pcu", "Cae", ""), "{\"m2m:rsp\":{\"rsc\":2000,\"rqi\":\"9\"}}", {{0}}, 1, 2000,
     "\"do\":\"answer\"}\n{\"m2m:rsp\":{\"rsc\":2000,\"rqi\":\"9\"}}\n"},
    {"notify who polls only", REQ("5", "cse-in/ae", "Cae", ""), "{\"m2m:sgn\":{}}", {{0}}, 2, 0,
     "\"to\":\"Cae\",\"fr\":\"Cae\",\"rqi\":\"7\",\"rvi\":\"3\",\"url\":\"poll:pchCae\"}\n{\"m2m:sgn\":{}}\n"},
    {"no right", REQ("2", "cse-in/ae/c", "Cbe", ""), "", {{0}}, 1, 4103, "m2m:dbg"},
    {"again, done before", REQ("4", "cse-in/ae/c", "Cae", ",\"again\":true"), "", {{"{\"-\":1}", "\"st\":\"ok\"", "[null]"}}, 0, 2002,
     "\n\n"},
    {"again, not done before", REQ("4", "cse-in/ae/c", "Cae", ",\"again\":true"), "",
     {{"{\"-\":1}", "\"st\":\"stale\"", "{\"-\":null}"}, {"\"c1\"", "\"st\":\"ok\"", "[null]"}}, 1, 2002, "\n\n"},
    {"no operation", "\"tenant\":\"main\",\"to\":\"cse-in\",\"fr\":\"Cae\",\"rqi\":\"7\"", "", {{0}}, 0, 4000, "\"rqi\":\"7\""},
    {"malformed parameter", "\"op\":\"x\",\"rqi\":\"7\"", "", {{0}}, 0, 4000, "m2m:dbg"},
    {"too late", REQ("2", "cse-in/ae/c", "Cae", ",\"deadline\":1000"), "", {{0}}, 0, 4008, "m2m:dbg"},
    {"echoes", REQ("2", "cse-in/ae/c", "Cae", ",\"vsi\":\"v\",\"ot\":\"20261121T080102\""), "", {{"get", "\"st\":\"ok\"", REP}}, 1, 2000,
     "\"vsi\":\"v\""},
};
/* clang-format on */

/* The bus. */

static json_t *world;
static const struct turn *turn;
static int records_calls;
static struct str answered;
static const char *case_name;

struct pending {
    bus_reply_fn *fn;
    void *context;
    struct str text;
    bool timeout;
};
static struct pending pending;

static void queue_reply(bus_reply_fn *fn, void *context, const char *head, const char *body)
{
    ck_assert_msg(!pending.fn, "%s: two calls at once", case_name);
    pending.fn = fn;
    pending.context = context;
    pending.timeout = !*head;
    str_reset(&pending.text);
    str_addf(&pending.text, "{%s}\n%s\n", head, body);
}

static void answer_records(const char *body, size_t len, bus_reply_fn *fn, void *context)
{
    json_auto_t *addresses = json_loadb(body, len, 0, NULL);
    auto_str struct str list = STR_EMPTY;
    json_t *address;
    size_t i;

    records_calls++;
    json_array_foreach(addresses, i, address)
    {
        str_putc(&list, i == 0 ? '[' : ',');
        json_write(&list, json_object_get(world, json_string_value(address)));
    }
    str_putc(&list, ']');
    queue_reply(fn, context, "\"st\":\"ok\"", str_text(&list));
}

int bus_send(const char *role, const struct str *head, const char *body, size_t body_len, int64_t deadline,
             bus_reply_fn *on_reply, void *context)
{
    auto_str struct str all = STR_EMPTY;

    ck_assert_str_eq(role, "storage");
    ck_assert_int_gt(deadline, clock_now_ms());
    if (strstr(head->data, "\"do\":\"records\"")) {
        answer_records(body, body_len, on_reply, context);
        return 0;
    }
    str_addf(&all, "%s\n%.*s", head->data, (int)body_len, body);
    ck_assert_msg(turn->wanted && strstr(str_text(&all), turn->wanted), "%s: unexpected call %s", case_name, str_text(&all));
    if (*turn->head == '!')
        return -1;
    queue_reply(on_reply, context, turn->head, turn->body);
    turn++;
    return 0;
}

void bus_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len)
{
    (void)delivery;
    ck_assert_msg(answered.len == 0, "%s: answered twice", case_name);
    str_addf(&answered, "{%s}\n%.*s\n", head->data, (int)body_len, body);
}

int bus_forward(struct bus_delivery *delivery, const char *role, const struct str *head, const char *body, size_t body_len,
                int64_t deadline)
{
    ck_assert_msg(answered.len == 0, "%s: answered twice", case_name);
    ck_assert_int_gt(deadline, clock_now_ms());
    str_addf(&answered, "{%s %s%s}\n%.*s\n", role, delivery->id, head->data, (int)body_len, body);
    return 0;
}

int bus_event(const char *key, const char *text, size_t len, bus_confirm_fn *on_confirm, void *context)
{
    (void)key;
    (void)text;
    (void)len;
    (void)on_confirm;
    (void)context;
    return -1;
}

/* Delivers replies until the request is answered. */
static void run(void)
{
    for (int i = 0; i < 10000 && answered.len == 0; i++) {
        struct pending p = pending;
        struct envelope e;

        if (!p.fn) {
            uv_run(loop_get(), UV_RUN_ONCE); /* a pause */
            continue;
        }
        pending = (struct pending){0};
        ck_assert(p.timeout || envelope_parse(&e, p.text.data, p.text.len) > 0);
        p.fn(p.context, p.timeout ? NULL : &e, p.timeout ? BUS_TIMEOUT : BUS_OK);
        str_done(&p.text);
    }
    ck_assert_msg(answered.len > 0, "%s: never answered", case_name);
    ck_assert_msg(shell_idle(), "%s: not ended", case_name);
}

/* One request from its arrival to its answer. Returns the rsc. */
static int ask(const char *head, const char *pc)
{
    auto_str struct str text = STR_EMPTY;
    struct bus_delivery delivery = {.id = "k1", .received = clock_mono_us()};
    const char *rsc;

    str_addf(&text, "{\"id\":\"k1\",%s}\n%s\n", head, pc);
    ck_assert_msg(envelope_parse(&delivery.envelope, text.data, text.len) > 0, "%s", case_name);
    delivery.again = envelope_bool(&delivery.envelope, "again", false);
    str_reset(&answered);
    shell_on_request(&delivery);
    run();
    rsc = strstr(str_text(&answered), "\"rsc\":");
    return rsc ? (int)strtol(rsc + 6, NULL, 10) : 0;
}

static void setup(void)
{
    world = json_loads(WORLD("4"), 0, NULL);
    ck_assert_ptr_nonnull(world);
    records_calls = 0;
    shell_start();
}

static void teardown(void)
{
    shell_stop();
    json_decref(world);
    str_done(&answered);
}

START_TEST(test_case)
{
    case_name = cases[_i].name;
    turn = cases[_i].turns;
    ck_assert_msg(ask(cases[_i].head, cases[_i].pc) == cases[_i].rsc, "%s: %s", case_name, str_text(&answered));
    ck_assert_msg(strstr(str_text(&answered), cases[_i].answer) != NULL, "%s: %s", case_name, str_text(&answered));
    ck_assert_msg(records_calls == cases[_i].records, "%s: %d loads", case_name, records_calls);
    ck_assert_msg(!turn->wanted || *turn->head == '!', "%s: %s was not called", case_name, turn->wanted);
}
END_TEST

/* The second time everything is in the cache: one call. A refusal is read again before it is told. */
START_TEST(test_warm)
{
    static const struct turn turns[] = {
        {"append", APPENDED, REP },
        {"append", APPENDED, REP },
        {NULL,     NULL,     NULL}
    };

    case_name = "warm";
    turn = turns;
    ck_assert_int_eq(ask(CREATE_CIN("Cae", "")), 2001);
    ck_assert_int_eq(ask(CREATE_CIN("Cae", "")), 2001);
    ck_assert_int_eq(records_calls, 1);
    ck_assert_int_eq(ask(REQ("2", "cse-in/ae/c", "Cbe", ""), ""), 4103);
    ck_assert_int_eq(records_calls, 3); /* Cbe itself, and the confirmation */
}
END_TEST

/* A right granted by somebody else counts at once: the refusal planned from the cache is not told. */
START_TEST(test_granted)
{
    static const struct turn turns[] = {
        {"get", "\"st\":\"ok\"", REP },
        {NULL,  NULL,            NULL}
    };
    json_auto_t *granted = json_loads(RECORD("c1", "Cae", "3", "cse-in/ae/c", "6", "Cbe", "{\"ri\":\"c1\"}"), 0, NULL);

    case_name = "granted";
    turn = turns;
    ck_assert_int_eq(ask(REQ("2", "cse-in/ae/c", "Cbe", ""), ""), 4103);
    json_object_set(world, "c1", granted);
    json_object_set(world, "cse-in/ae/c", granted);
    ck_assert_int_eq(ask(REQ("2", "cse-in/ae/c", "Cbe", ""), ""), 2000);
}
END_TEST

START_TEST(test_ever_stale)
{
    static const struct turn stale = {"append", "\"st\":\"stale\"", "{\"c1\":5}"};
    struct turn turns[12];

    for (size_t i = 0; i < ARRAY_LEN(turns); i++)
        turns[i] = stale;
    case_name = "ever stale";
    turn = turns;
    ck_assert_int_eq(ask(CREATE_CIN("Cae", "")), 5103);
    ck_assert_int_eq(turn - turns, 11);
    ck_assert_ptr_nonnull(strstr(str_text(&answered), "\"retry\":1"));
}
END_TEST

int main(void)
{
    static const struct config_row own[] = {
        {"orchestrator.cache",        CONFIG_INT,  "100",    1, 1000,    "cache"   },
        {"orchestrator.inflight",     CONFIG_INT,  "10",     1, 100,     "inflight"},
        {"orchestrator.patience",     CONFIG_INT,  "1000",   1, 10000,   "patience"},
        {"orchestrator.results",      CONFIG_INT,  "100",    1, 100,     "results" },
        {"orchestrator.response.max", CONFIG_INT,  "100000", 1, 1000000, "bytes"   },
        {NULL,                        CONFIG_TEXT, NULL,     0, 0,       NULL      },
    };
    static const struct config_row *const tables[] = {own, cse_config, NULL};
    Suite *suite = suite_create("shell");
    TCase *tc = tcase_create("shell");
    SRunner *runner = srunner_create(suite);
    int failed;

    config_load("orchestrator", tables, 0, NULL);
    discover_start();
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_case, 0, (int)ARRAY_LEN(cases));
    tcase_add_test(tc, test_warm);
    tcase_add_test(tc, test_granted);
    tcase_add_test(tc, test_ever_stale);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
