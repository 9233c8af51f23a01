/* Requests to other CSEs: which point of access is tried when, and what is told in the end. */
#include "egress.h"
#include "json.h"

#include <check.h>

#include "mem.h"

#define FAR_FUTURE INT64_C(4102444800000)

/* The bus: what was sent last, and whom to tell. */
static struct {
    char *role, *head, *body;
    bus_reply_fn *on_reply;
    void *context;
    int count;
    bool full;
} sent;

int bus_send(const char *role, const struct str *head, const char *body, size_t body_len, int64_t deadline,
             bus_reply_fn *on_reply, void *context)
{
    (void)deadline;
    if (sent.full)
        return -1;
    free(sent.role);
    free(sent.head);
    free(sent.body);
    sent.role = xstrdup(role);
    sent.head = xasprintf("{%s}", head->data + 1);
    sent.body = xstrndup(body, body_len);
    sent.on_reply = on_reply;
    sent.context = context;
    sent.count++;
    return 0;
}

/* What the asker was told. */
static struct {
    int times, rsc;
    char *why, *loc, *pc;
} told;

static void on_response(void *context, const struct response *rsp, const char *why)
{
    (void)context;
    told.times++;
    told.rsc = rsp ? rsp->rsc : 0;
    told.why = why ? xstrdup(why) : NULL;
    told.loc = rsp && rsp->loc ? xstrdup(rsp->loc) : NULL;
    told.pc = rsp && rsp->pc.n > 0 ? xstrndup(rsp->pc.p, rsp->pc.n) : NULL;
}

/* `head` in the notation of the wire without braces; "timeout" and "lost" are failures of the bus. */
static void reply(const char *head, const char *body)
{
    auto_free char *text = xasprintf("{%s}\n%s\n", head, body);
    struct envelope e;

    if (strcmp(head, "timeout") == 0 || strcmp(head, "lost") == 0) {
        sent.on_reply(sent.context, NULL, *head == 't' ? BUS_TIMEOUT : BUS_LOST);
        return;
    }
    ck_assert_msg(envelope_parse(&e, text, strlen(text)) > 0, "%s", head);
    sent.on_reply(sent.context, &e, BUS_OK);
}

static void begin(void)
{
    memset(&sent, 0, sizeof sent);
    memset(&told, 0, sizeof told);
}

static void end(void)
{
    free(sent.role);
    free(sent.head);
    free(sent.body);
    free(told.why);
    free(told.loc);
    free(told.pc);
}

#define DBG "{\"m2m:dbg\":\"no\"}"
#define OK "\"st\":\"ok\",\"rsc\":2001,\"sent\":true"
#define REFUSED "\"st\":\"refused\",\"rsc\":4103,\"sent\":true"
#define AWAY "\"st\":\"unreachable\",\"why\":\"connection refused\""
#define UNSURE "\"st\":\"unreachable\",\"why\":\"no answer\",\"sent\":true"
#define SAYS_AWAY "\"st\":\"unreachable\",\"rsc\":5103,\"sent\":true,\"why\":\"HTTP status 404\""
#define TWO "[\"http://a\",\"http://b\"]"

static const struct {
    const char *name;
    int op;
    const char *poa;
    struct {
        const char *url, *head, *body; /* sent to whom, and its answer; NULL: no more */
    } turns[3];
    int rsc;         /* 0: not reached */
    const char *why; /* has this in it; NULL: none */
    const char *pc;
} rows[] = {
    {"the first answers",                             OP_CREATE,   TWO,                           {{"http://a", OK, "{}"}},                               2001, NULL,                 "{}"},
    {"a refusal is an answer",                        OP_RETRIEVE, TWO,                           {{"http://a", REFUSED, DBG}},                           4103, NULL,                 DBG },
    {"the second answers",                            OP_CREATE,   TWO,                           {{"http://a", AWAY, ""}, {"http://b", OK, "{}"}},       2001, NULL,                 "{}"},
    {"none answers",                                  OP_RETRIEVE, TWO,                           {{"http://a", AWAY, ""}, {"http://b", AWAY, ""}},       0,    "connection refused", NULL},
    {"a CREATE that may have been done",              OP_CREATE,   TWO,                           {{"http://a", UNSURE, ""}},                             0,    "no answer",          NULL},
    {"a CREATE that timed out",                       OP_CREATE,   TWO,                           {{"http://a", "timeout", ""}},                          0,    "no answer in time",  NULL},
    {"a CREATE that was lost",                        OP_CREATE,   TWO,                           {{"http://a", "lost", ""}},                             0,    "cannot be reached",  NULL},
    {"what may be done twice",                        OP_RETRIEVE, TWO,                           {{"http://a", UNSURE, ""}, {"http://b", OK, "{}"}},     2001, NULL,                 "{}"},
    {"not reached from there",                        OP_CREATE,   TWO,                           {{"http://a", SAYS_AWAY, DBG}, {"http://b", OK, "{}"}}, 2001, NULL,                 "{}"},
    {"not reached from the last, which says why",
     OP_CREATE,                                                    TWO,
     {{"http://a", AWAY, ""}, {"http://b", SAYS_AWAY, DBG}},
     5103,                                                                                                                                                      "HTTP",
     DBG                                                                                                                                                                                  },
    {"not reached from the last, which says nothing",
     OP_CREATE,                                                    "[\"http://a\"]",
     {{"http://a", SAYS_AWAY, ""}},
     0,                                                                                                                                                         "HTTP",
     NULL                                                                                                                                                                                 },
    {"another protocol",                              OP_RETRIEVE, "[\"ftp://a\",\"https://b\"]", {{"https://b", OK, ""}},                                2001, NULL,                 NULL},
    {"no protocol that is spoken",                    OP_RETRIEVE, "[\"ftp://a\"]",               {{NULL, NULL, NULL}},                                   0,    "protocol",           NULL},
    {"no point of access",                            OP_RETRIEVE, "[]",                          {{NULL, NULL, NULL}},                                   0,    "no point of access", NULL},
    {"nonsense comes back",                           OP_RETRIEVE, TWO,                           {{"http://a", "\"st\":\"ok\",\"rsc\":\"x\"", ""}},      0,    "rsc",                NULL},
};

START_TEST(points_of_access)
{
    json_auto_t *poa = json_loads(rows[_i].poa, 0, NULL);
    struct request req;
    int turn = 0;

    begin();
    request_init(&req);
    req.op = rows[_i].op;
    req.to = "/id-mn/a";
    egress_forward(&req, poa, NULL, FAR_FUTURE, on_response, NULL);
    for (; rows[_i].turns[turn].url; turn++) {
        json_auto_t *head = json_loads(sent.head, 0, NULL);

        ck_assert_msg(sent.count == turn + 1 && strcmp(json_str(head, "url"), rows[_i].turns[turn].url) == 0, "%s: %s",
                      rows[_i].name, sent.head);
        reply(rows[_i].turns[turn].head, rows[_i].turns[turn].body);
    }
    ck_assert_msg(sent.count == turn && told.times == 1, "%s: %d sent, %d told", rows[_i].name, sent.count, told.times);
    ck_assert_msg(told.rsc == rows[_i].rsc, "%s: %d", rows[_i].name, told.rsc);
    ck_assert_msg(rows[_i].why ? told.why && strstr(told.why, rows[_i].why) : !told.why, "%s: %s", rows[_i].name, told.why);
    ck_assert_msg(rows[_i].pc ? told.pc && strcmp(told.pc, rows[_i].pc) == 0 : !told.pc, "%s: %s", rows[_i].name, told.pc);
    end();
}
END_TEST

START_TEST(bus_is_full)
{
    json_auto_t *poa = json_loads(TWO, 0, NULL);
    struct request req;

    begin();
    sent.full = true;
    request_init(&req);
    req.op = OP_RETRIEVE;
    req.to = "/id-mn";
    egress_forward(&req, poa, NULL, FAR_FUTURE, on_response, NULL);
    ck_assert(told.times == 1 && told.rsc == 0 && told.why);
    end();
}
END_TEST

/* Where the new resource is, seen from here. */
START_TEST(location)
{
    static const struct {
        const char *to, *loc, *expected;
    } places[] = {
        {"/id-mn/cse-mn/box",    "cse-mn/box/x", "/id-mn/cse-mn/box/x"   },
        {"/id-mn",               "cin1",         "/id-mn/cin1"           },
        {"//sp.example/id-mn/a", "a/x",          "//sp.example/id-mn/a/x"},
        {"/id-mn/a",             "/id-mn/a/x",   "/id-mn/a/x"            },
    };

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        json_auto_t *poa = json_loads(TWO, 0, NULL);
        auto_free char *head = xasprintf(OK ",\"loc\":\"%s\"", places[i].loc);
        struct request req;

        begin();
        request_init(&req);
        req.op = OP_CREATE;
        req.to = places[i].to;
        egress_forward(&req, poa, NULL, FAR_FUTURE, on_response, NULL);
        reply(head, "");
        ck_assert_str_eq(told.loc, places[i].expected);
        end();
    }
}
END_TEST

static json_t *golden(const char *name)
{
    auto_free char *path = xasprintf("tests/contract/%s.json", name);
    json_t *json = json_load_file(path, 0, NULL);

    ck_assert_msg(json != NULL, "%s", path);
    return json;
}

START_TEST(contract)
{
    json_auto_t *asked = golden("egress.forward");
    json_auto_t *answered = golden("egress.forward.reply");
    json_t *head = json_object_get(asked, "head"), *answer = json_object_get(answered, "head");
    auto_free char *body = json_dumps(json_object_get(asked, "body"), JSON_COMPACT);
    auto_free char *answer_text = json_dumps(answer, JSON_COMPACT);
    auto_free char *content = json_dumps(json_object_get(answered, "body"), JSON_COMPACT);
    json_auto_t *poa = json_pack("[O]", json_object_get(head, "url"));
    json_auto_t *is = NULL;
    struct request req;

    begin();
    request_init(&req);
    req.tenant = json_str(head, "tenant");
    req.trace = json_str(head, "trace");
    req.identity = (struct slice){"{\"by\":\"none\"}", 13};
    req.op = (int)json_int(head, "op", 0);
    req.to = json_str(head, "to");
    req.fr = json_str(head, "fr");
    req.rqi = json_str(head, "rqi");
    req.rvi = json_str(head, "rvi");
    req.ty = (int)json_int(head, "ty", 0);
    req.pc = (struct slice){body, strlen(body)};
    egress_forward(&req, poa, json_object_get(head, "csz"), FAR_FUTURE, on_response, NULL);
    is = json_loads(sent.head, 0, NULL);
    json_object_del(head, "deadline"); /* the bus writes it */
    ck_assert_msg(json_equal(is, head), "%s", sent.head);
    ck_assert_str_eq(sent.body, body);
    ck_assert_str_eq(sent.role, "egress.http");
    answer_text[strlen(answer_text) - 1] = '\0';
    reply(answer_text + 1, content);
    ck_assert_int_eq(told.rsc, json_int(answer, "rsc", 0));
    ck_assert_str_eq(told.loc, json_str(answer, "loc"));
    ck_assert_str_eq(told.pc, content);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("egress");
    TCase *tests = tcase_create("egress");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tests, points_of_access, 0, (int)ARRAY_LEN(rows));
    tcase_add_test(tests, bus_is_full);
    tcase_add_test(tests, location);
    tcase_add_test(tests, contract);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
