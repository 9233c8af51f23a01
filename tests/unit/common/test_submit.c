/* What happens to a request between its binding and the orchestrator, with a bus made of functions. */
#include "submit.h"

#include "bus.h"
#include "clock.h"
#include "mem.h"

#include <check.h>

#define NOW INT64_C(1795226400000)

static struct str sent;
static char role[40];
static bool away;
static bus_reply_fn *answer_to;
static void *answer_context;

int bus_send(const char *to, const struct str *head, const char *body, size_t body_len, int64_t deadline, bus_reply_fn *on_reply,
             void *context)
{
    if (away)
        return -1;
    snprintf(role, sizeof role, "%s", to);
    str_reset(&sent);
    str_addf(&sent, "%s|%.*s|%lld", str_text(head), (int)body_len, body, (long long)(deadline - NOW));
    answer_to = on_reply;
    answer_context = context;
    return 0;
}

const char *bus_sent_id(void)
{
    return "x-7";
}

static char heard[100];

static void on_response(struct submission *s, const struct response *rsp, const struct submit_failure *failure)
{
    (void)s;
    ck_assert((rsp == NULL) != (failure == NULL));
    snprintf(heard, sizeof heard, "%d %s", rsp ? rsp->rsc : (int)failure->rsc, rsp ? rsp->rqi : failure->reason);
}

static void reply(const char *line)
{
    auto_str struct str text = STR_EMPTY;
    struct envelope e;

    str_puts(&text, line);
    ck_assert(envelope_parse(&e, text.data, text.len) > 0);
    answer_to(answer_context, &e, BUS_OK);
}

static void begin(struct request *req, int op, const char *to)
{
    submit_setup(&(struct submit_limits){10000, 60000, 1});
    away = false;
    request_init(req);
    req->op = op;
    req->to = to;
    req->rqi = "7";
}

START_TEST(answered)
{
    struct submission s;
    struct request req;
    char why[80];

    begin(&req, OP_CREATE, "a");
    req.trace = "00-1-2-01";
    req.identity = (struct slice){"{}", 2};
    req.pc = (struct slice){"{\"a\":1}", 7};
    ck_assert_int_eq(submit_prepare(&req, NOW, why, sizeof why), RSC_OK);
    ck_assert_ptr_null(submit(&s, &req, on_response));
    ck_assert_str_eq(role, "orchestrator");
    ck_assert_str_eq(str_text(&sent),
                     ",\"tenant\":\"main\",\"identity\":{},\"trace\":\"00-1-2-01\",\"op\":1,\"to\":\"a\",\"rqi\":\"7\""
                     "|{\"a\":1}|10000");
    reply("{\"rsc\":2001,\"rqi\":\"7\"}\n{}\n");
    ck_assert_str_eq(heard, "2001 7");
    submission_done(&s);
}
END_TEST

START_TEST(not_answered)
{
    struct submission s;
    struct request req;
    const struct submit_failure *failure;

    begin(&req, OP_RETRIEVE, "a");
    submit(&s, &req, on_response);
    answer_to(answer_context, NULL, BUS_TIMEOUT);
    ck_assert_str_eq(heard, "4008 timeout");
    submit(&s, &req, on_response);
    answer_to(answer_context, NULL, BUS_LOST);
    ck_assert_str_eq(heard, "5103 lost");
    submit(&s, &req, on_response);
    reply("{\"rqi\":\"7\"}\n\n");
    ck_assert_str_eq(heard, "5000 malformed");
    away = true;
    failure = submit(&s, &req, on_response);
    ck_assert_str_eq(failure->reason, "busy");
    ck_assert_int_eq(failure->rsc, 5103);
    ck_assert_int_eq(failure->retry, 1);
    submission_done(&s);
}
END_TEST

START_TEST(polls)
{
    struct submission one, two;
    struct request req;
    char why[80];

    begin(&req, OP_RETRIEVE, "a/pcu");
    ck_assert(submit_is_poll(&req));
    ck_assert_int_eq(submit_prepare(&req, NOW, why, sizeof why), RSC_OK);
    ck_assert_int_eq(req.deadline - NOW, 60000);
    ck_assert_ptr_null(submit(&one, &req, on_response));
    ck_assert_str_eq(submit(&two, &req, on_response)->reason, "polls");
    submission_leave(&two); /* says nothing: it was not sent */
    ck_assert_str_eq(role, "orchestrator");
    submission_leave(&one);
    ck_assert_str_eq(role, "egress.poll");
    ck_assert_msg(strstr(str_text(&sent), ",\"do\":\"leave\",\"poll\":\"x-7\"") == str_text(&sent), "%s", str_text(&sent));
    submit_setup(&(struct submit_limits){10000, 60000, 2});
    ck_assert_ptr_null(submit(&two, &req, on_response));
    answer_to(answer_context, NULL, BUS_TIMEOUT);
    answer_to(&one, NULL, BUS_LOST);
    submission_done(&one);
    submission_done(&two);
    ck_assert_ptr_null(submit(&one, &req, on_response)); /* there is room again */
    submission_done(&one);
}
END_TEST

/* ms until its deadline; 0: refused with 4008. */
static const struct {
    const char *name, *to, *rqet;
    int op;
    int64_t lives;
} deadlines[] = {
    {"none given",                    "a",     NULL,              OP_RETRIEVE, 10000  },
    {"shorter",                       "a",     "500",             OP_RETRIEVE, 500    },
    {"longer than allowed",           "a",     "20000",           OP_RETRIEVE, 10000  },
    {"passed",                        "a",     "20200101T000000", OP_RETRIEVE, 0      },
    {"none: the orchestrator's word", "a",     "soon",            OP_RETRIEVE, 10000  },
    {"a poll",                        "a/pcu", NULL,              OP_RETRIEVE, 60000  },
    {"a patient poll",                "a/pcu", "120000",          OP_RETRIEVE, 120000 },
    {"a poll for ever",               "a/pcu", "9999999999",      OP_RETRIEVE, 1800000},
    {"no poll",                       "a/pcu", NULL,              OP_NOTIFY,   10000  },
};

START_TEST(deadline)
{
    struct request req;
    char why[80];
    enum rsc rsc;

    begin(&req, deadlines[_i].op, deadlines[_i].to);
    req.rqet = deadlines[_i].rqet;
    rsc = submit_prepare(&req, NOW, why, sizeof why);
    ck_assert_msg(rsc == (deadlines[_i].lives ? RSC_OK : RSC_REQUEST_TIMEOUT), "%s: %d", deadlines[_i].name, (int)rsc);
    if (rsc == RSC_OK)
        ck_assert_msg(req.deadline - NOW == deadlines[_i].lives, "%s", deadlines[_i].name);
    ck_assert_ptr_nonnull(req.trace);
}
END_TEST

START_TEST(identity)
{
    auto_str struct str out = STR_EMPTY;

    submit_identity(&out, "certificate", "CN=\"a\"", "::1");
    submit_identity(&out, "none", NULL, NULL);
    ck_assert_str_eq(str_text(&out), "{\"by\":\"certificate\",\"name\":\"CN=\\\"a\\\"\",\"peer\":\"::1\"}{\"by\":\"none\"}");
}
END_TEST

static const struct {
    const char *list, *peer; /* peer NULL: none */
} forwarded[] = {
    {NULL,                                                NULL          },
    {"",                                                  NULL          },
    {"192.0.2.1",                                         "192.0.2.1"   },
    {"invented, 198.51.100.9",                            "198.51.100.9"},
    {"192.0.2.1,2001:db8::7 ",                            "2001:db8::7" },
    {"192.0.2.1,",                                        NULL          },
    {"192.0.2.1, unknown",                                NULL          },
    {"192.0.2.1 192.0.2.2",                               NULL          },
    {"192.0.2.1:4711",                                    NULL          },
    {"0000000000000000000000000000000000000000000000000", NULL          },
};

START_TEST(forwarded_for)
{
    char peer[SUBMIT_PEER_SIZE];
    bool is = submit_forwarded(forwarded[_i].list, peer);

    ck_assert_msg(is == (forwarded[_i].peer != NULL), "%s", forwarded[_i].list);
    if (is)
        ck_assert_str_eq(peer, forwarded[_i].peer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("submit");
    TCase *tc = tcase_create("submit");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tc, answered);
    tcase_add_test(tc, not_answered);
    tcase_add_test(tc, polls);
    tcase_add_loop_test(tc, deadline, 0, (int)ARRAY_LEN(deadlines));
    tcase_add_test(tc, identity);
    tcase_add_loop_test(tc, forwarded_for, 0, (int)ARRAY_LEN(forwarded));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    str_done(&sent);
    return failed != 0;
}
