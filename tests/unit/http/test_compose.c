/* Primitive to HTTP request and HTTP answer to primitive: TS-0009 clause 6. Requests go there and back. */
#include "clock.h"
#include "compose.h"
#include "json.h"
#include "map.h"
#include "submit.h"

#include <check.h>
#include <strings.h>

#include "mem.h"

#define NOW INT64_C(1795226400000)
#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

/* A request composed, and the memory it borrows. */
struct fixture {
    struct http_call call;
    struct envelope e;
    struct request req;
    struct str head;
    char why[160];
    int result;
};

/* `head` in the notation of the wire, without braces. */
static void compose(struct fixture *f, const char *url, const char *media, const char *head, const char *pc)
{
    memset(f, 0, sizeof *f);
    http_call_init(&f->call);
    str_addf(&f->head, "{%s}\n%s\n", head, pc);
    ck_assert_msg(envelope_parse(&f->e, f->head.data, f->head.len) > 0, "%s", head);
    ck_assert_msg(request_decode(&f->req, &f->e, f->why, sizeof f->why) == 0, "%s", f->why);
    f->result = compose_request(&f->call, &f->req, url, serialization_find(media), f->why, sizeof f->why);
}

static void done(struct fixture *f)
{
    http_call_done(&f->call);
    str_done(&f->head);
}

static const char *header(const struct http_call *call, const char *name)
{
    for (int i = 0; i < call->count; i++)
        if (strcasecmp(call->headers[i].name, name) == 0)
            return call->headers[i].value;
    return NULL;
}

#define JSON_TYPE "application/json"
#define CBOR_TYPE "application/cbor"
#define URL "http://next:8080"
#define FR "\"to\":\"/id-mn/a\",\"fr\":\"/id-in/Cae\",\"rqi\":\"12\",\"rvi\":\"3\""
#define OP(op) "\"op\":" #op "," FR

/* What comes out again is the same; `target` is what goes out. */
static const struct {
    const char *name, *media, *head, *pc, *method, *target;
} trips[] = {
    {"retrieve",                       JSON_TYPE, OP(2),                                                                     "",                                "GET",    "/~/id-mn/a"                                                                                     },
    {"absolute",                       JSON_TYPE, "\"op\":2,\"to\":\"//sp.example/id-mn/a/la\",\"fr\":\"S1\",\"rqi\":\"r\"", "",                                "GET",
     "/_/sp.example/id-mn/a/la"                                                                                                                                                                                                                                            },
    {"plain",                          JSON_TYPE, "\"op\":2,\"to\":\"cse-mn/a\",\"fr\":\"S1\",\"rqi\":\"r\"",                "",                                "GET",    "/cse-mn/a"                                                                                      },
    {"attribute behind a number sign", JSON_TYPE, "\"op\":2,\"to\":\"/id-mn/a#lbl\",\"fr\":\"S1\",\"rqi\":\"r\"",            "",                                "GET",
     "/~/id-mn/a%23lbl"                                                                                                                                                                                                                                                    },
    {"create",                         JSON_TYPE, OP(1) ",\"ty\":4",                                                         "{\"m2m:cin\":{\"con\":1.50}}",    "POST",   "/~/id-mn/a"                                                                                     },
    {"create in CBOR",                 CBOR_TYPE, OP(1) ",\"ty\":4",                                                         "{\"m2m:cin\":{\"con\":\"x\"}}",   "POST",   "/~/id-mn/a"                                                                                     },
    {"create without content",         JSON_TYPE, OP(1) ",\"ty\":4",                                                         "",                                "POST",   "/~/id-mn/a"                                                                                     },
    {"update",                         JSON_TYPE, OP(3),                                                                     "{\"m2m:cnt\":{\"lbl\":null}}",    "PUT",    "/~/id-mn/a"                                                                                     },
    {"delete",                         JSON_TYPE, OP(4) ",\"rcn\":0",                                                        "",                                "DELETE", "/~/id-mn/a?rcn=0"                                                                               },
    {"notify another CSE's AE",        JSON_TYPE, OP(5),                                                                     "{\"m2m:sgn\":{\"vrq\":true}}",    "POST",   "/~/id-mn/a"                                                                                     },
    {"single attributes",              JSON_TYPE, OP(2),                                                                     "{\"m2m:atrl\":[\"rn\",\"lbl\"]}", "GET",    "/~/id-mn/a?atrl=rn+lbl"                                                                         },
    {"header fields",                  JSON_TYPE,
     OP(2) ",\"ot\":\"20261121T080000\",\"rqet\":\"60000\",\"rset\":\"20301121T080000\",\"oet\":\"100\",\"ec\":4,\"gid\":\"g\","
           "\"vsi\":\"v\","
           "\"aus\":[\"s1\",\"s2\"],\"tkns\":[\"t1\",\"t2\"],\"trace\":\"" TRACE "\"",
     "",                                                                                                                                                        "GET",    "/~/id-mn/a"                                                                                     },
    {"response type",                  JSON_TYPE, OP(2) ",\"rt\":{\"rtv\":2,\"nu\":[\"http://a/b\",\"/id-in/Cae\"]}",        "",                                "GET",
     "/~/id-mn/a?rt=2"                                                                                                                                                                                                                                                     },
    {"nobody to be told",              JSON_TYPE, OP(2) ",\"rt\":{\"rtv\":2,\"nu\":[]}",                                     "",                                "GET",    "/~/id-mn/a?rt=2"                                                                                },
    {"parameters of the query",        JSON_TYPE,
     OP(2) ",\"rcn\":4,\"drt\":2,\"da\":true,\"rp\":\"P1D\",\"tqi\":false,\"sqi\":true,\"rids\":[\"1@a\"],\"tids\":[\"a+b\",\"c "
           "d\"]",                                                                                                           "",                                "GET",    "/~/id-mn/a?rp=P1D&rcn=4&da=1&drt=2&rids=1%40a&tids=a%2Bb+c%20d&tqi=0&sqi=1"                     },
    {"discovery",                      JSON_TYPE,
     OP(2) ",\"fc\":{\"fu\":1,\"ty\":[3,4],\"lbl\":[\"a "
           "b\",\"c+d\",\"e&f=g\"],\"cra\":\"20261121T080000,123\",\"lim\":5,\"lbq\":\"k EQ v\"}",                           "",                                "GET",    "/~/id-mn/a?fu=1&ty=3+4&lbl=a%20b+c%2Bd+e%26f%3Dg&cra=20261121T080000%2C123&lim=5&lbq=k%20EQ%20v"},
    {"attribute filters",              JSON_TYPE,
     OP(2) ",\"fc\":{\"fu\":1,\"catr\":[{\"nm\":\"cnf\",\"val\":\"text/*\"}],\"patr\":[{\"nm\":\"rn\",\"val\":\"p\"}],"
           "\"atr\":[{\"nm\":\"api\",\"val\":\"N*\"},{\"nm\":\"rr\",\"val\":\"true\"}]}",                                    "",                                "GET",    "/~/id-mn/a?fu=1&c.cnf=text%2F%2A&p.rn=p&api=N%2A&rr=true"                                       },
    {"geometry",                       JSON_TYPE, OP(2) ",\"fc\":{\"fu\":1,\"gmty\":1,\"geom\":[1.5,2.0],\"gsf\":1}",        "",                                "GET",
     "/~/id-mn/a?fu=1&gmty=1&geom=%5B1.5%2C2.0%5D&gsf=1"                                                                                                                                                                                                                   },
    {"queries",                        JSON_TYPE, OP(2) ",\"fc\":{\"fu\":1,\"smf\":[\"SELECT ?x\",\"b\"]}",                  "",                                "GET",
     "/~/id-mn/a?fu=1&smf=SELECT%20%3Fx&smf=b"                                                                                                                                                                                                                             },
};

static void map_back(struct mapping *m, struct http_in *in, struct str *body, const struct fixture *f)
{
    const char *path = f->call.url + strlen(URL);

    memset(in, 0, sizeof *in);
    mapping_init(m);
    for (int i = 0; i < f->call.count; i++) {
        int id = header_find(f->call.headers[i].name, strlen(f->call.headers[i].name));

        ck_assert_int_ge(id, 0);
        in->header[id] = f->call.headers[i].value;
    }
    if (f->call.body.n > 0)
        str_add(body, f->call.body.p, f->call.body.n);
    in->method = f->call.method;
    in->target = path;
    in->target_len = strlen(path);
    in->body = body;
    in->now = NOW;
    in->origins = "*";
    submit_setup(&(struct submit_limits){10000, 10000, 1});
    ck_assert_msg(map_request(in, m) == RSC_OK, "%s", m->why);
}

START_TEST(round_trip)
{
    auto_str struct str body = STR_EMPTY;
    auto_str struct str there = STR_EMPTY;
    auto_str struct str back = STR_EMPTY;
    struct fixture f;
    struct mapping m;
    struct http_in in;

    compose(&f, URL "/", trips[_i].media, trips[_i].head, trips[_i].pc);
    ck_assert_msg(f.result == 0, "%s: %s", trips[_i].name, f.why);
    ck_assert_str_eq(f.call.method, trips[_i].method);
    ck_assert_msg(strcmp(f.call.url + strlen(URL), trips[_i].target) == 0, "%s: %s", trips[_i].name, f.call.url);
    map_back(&m, &in, &body, &f);
    m.req.tenant = NULL;
    if (!f.req.trace)
        m.req.trace = NULL;
    m.req.deadline = f.req.deadline;
    request_encode(&there, &f.req);
    request_encode(&back, &m.req);
    ck_assert_msg(strcmp(there.data, back.data) == 0, "%s:\n%s\n%s", trips[_i].name, there.data, back.data);
    ck_assert_msg(m.req.pc.n == f.req.pc.n && memcmp(m.req.pc.n ? m.req.pc.p : "", f.req.pc.n ? f.req.pc.p : "", f.req.pc.n) == 0,
                  "%s: %.*s", trips[_i].name, (int)m.req.pc.n, m.req.pc.p);
    mapping_done(&m);
    done(&f);
}
END_TEST

static const struct {
    const char *name, *url, *head, *why; /* NULL: it is sent */
} others[] = {
    {"NOTIFY to a URL",                   "http://ae:1/path?x=1", "\"op\":5,\"fr\":\"/id-in\",\"rqi\":\"1\"",                     NULL                                                 },
    {"NOTIFY to an AE at its URL",        "http://ae:1/path?x=1", "\"op\":5,\"to\":\"Cae\",\"fr\":\"/id-in\",\"rqi\":\"1\"",      NULL                                                 },
    {"a path behind a query",             "http://mn:1/?x=1",     OP(2),                                                          "a point of access with a query is no base of a path"},
    {"no target",                         "http://mn:1",          "\"op\":2,\"fr\":\"C\",\"rqi\":\"1\"",                          "to: missing"                                        },
    {"no operation",                      "http://mn:1",          FR,                                                             "op: no operation"                                   },
    {"unknown operation",                 "http://mn:1",          OP(6),                                                          "op: no operation"                                   },
    {"create of nothing",                 "http://mn:1",          OP(1),                                                          "ty: missing"                                        },
    {"a line feed in a parameter",        "http://mn:1",          "\"op\":2,\"to\":\"/id-mn\",\"fr\":\"C\\nX: y\",\"rqi\":\"1\"",
     "X-M2M-Origin: cannot be written as a header field"                                                                                                                               },
    {"unknown criterion",                 "http://mn:1",          OP(2) ",\"fc\":{\"xyz\":1}",                                    "fc.xyz: cannot be written as a query argument"      },
    {"criterion with a parameter's name", "http://mn:1",          OP(2) ",\"fc\":{\"rcn\":1}",
     "fc.rcn: cannot be written as a query argument"                                                                                                                                   },
    {"attribute with an argument's name", "http://mn:1",          OP(2) ",\"fc\":{\"atr\":[{\"nm\":\"lim\",\"val\":\"1\"}]}",
     "fc.atr: an entry cannot be written as a query argument"                                                                                                                          },
    {"ambiguous target of answers",       "http://mn:1",          OP(2) ",\"rt\":{\"rtv\":2,\"nu\":[\"http://a?b&c\"]}",
     "X-M2M-RTU: a value with '&' cannot be written there"                                                                                                                             },
};

START_TEST(request)
{
    struct fixture f;

    compose(&f, others[_i].url, JSON_TYPE, others[_i].head, "");
    if (others[_i].why) {
        ck_assert_msg(f.result < 0 && strcmp(f.why, others[_i].why) == 0, "%s: %s", others[_i].name, f.why);
    } else {
        ck_assert_msg(f.result == 0 && strcmp(f.call.url, others[_i].url) == 0, "%s: %s", others[_i].name, f.call.url);
        ck_assert_str_eq(header(&f.call, "Accept"), JSON_TYPE);
        ck_assert_str_eq(header(&f.call, "Content-Type"), JSON_TYPE);
    }
    done(&f);
}
END_TEST

#define SOME "\"rsc\":2000"

static const struct {
    const char *name;
    int op;
    long status;
    const char *headers, *body, *outcome;
    const char *head, *pc; /* NULL: the body as it is */
} answers[] = {
    {"all",                       OP_CREATE,   201,
     "X-M2M-RSC: 2001\nX-M2M-RI: 12\nX-M2M-RVI: 3\nX-M2M-Origin: /id-mn\nX-M2M-OT: 20261121T080000\nX-M2M-RST: 1\nX-M2M-VSI: "
     "v\nX-M2M-EC: 4\n"
     "X-M2M-CTS: 1\nX-M2M-CTO: 7\nX-M2M-ATI: l1:t1+l2:t2\nX-M2M-ASRI: 2\nRetry-After: 3\nContent-Location: "
     "/~/id-mn/cin1\nContent-Type: application/json\n",                                                      "{\"m2m:cin\":{}}",    "ok",
     "\"rsc\":2001,\"rqi\":\"12\",\"rvi\":\"3\",\"fr\":\"/"
     "id-mn\",\"ot\":\"20261121T080000\",\"rset\":\"1\",\"vsi\":\"v\",\"ec\":4,\"cnst\":1,\"cnot\":7,"
     "\"ati\":{\"ltia\":[{\"lti\":\"l1\",\"tkid\":\"t1\"},{\"lti\":\"l2\",\"tkid\":\"t2\"}]},\"asri\":2,\"loc\":\"/id-mn/"
     "cin1\",\"retry\":3",                                                                                                                                                          NULL       },
    {"CBOR",                      OP_RETRIEVE, 200, "X-M2M-RSC: 2000\nContent-Type: application/cbor\n",     "\xa1\x61\x61\x01",    "ok",          SOME,                            "{\"a\":1}"},
    {"broken CBOR",               OP_RETRIEVE, 200, "X-M2M-RSC: 2000\nContent-Type: application/cbor\n",     "\xa1\x61",            "ok",          SOME,                            ""         },
    {"several lines",             OP_RETRIEVE, 200, "X-M2M-RSC: 2000\n",                                     "{\n}",                "ok",          SOME,                            "{ }"      },
    {"a page",                    OP_NOTIFY,   200, "Content-Type: text/html\n",                             "<p>OK",               "ok",          SOME,                            ""         },
    {"plain address",             OP_CREATE,   201, "X-M2M-RSC: 2001\nContent-Location: /cin1\n",            "",                    "ok",          "\"rsc\":2001,\"loc\":\"cin1\"",
     NULL                                                                                                                                                                                      },
    {"refused",                   OP_CREATE,   403, "X-M2M-RSC: 4103\nContent-Type: application/json\n",     "{\"m2m:dbg\":\"x\"}", "refused",
     "\"rsc\":4103",                                                                                                                                                                NULL       },
    {"not implemented there",     OP_CREATE,   501, "X-M2M-RSC: 5001\n",                                     "",                    "refused",     "\"rsc\":5001",                  NULL       },
    {"unreachable from there",    OP_CREATE,   404, "X-M2M-RSC: 5103\n",                                     "",                    "unreachable", "\"rsc\":5103",                  NULL       },
    {"no status code of its own", OP_CREATE,   404, "",                                                      "",                    "refused",     "\"rsc\":4000",                  NULL       },
    {"something between",         OP_RETRIEVE, 502, "",                                                      "",                    "unreachable", "\"rsc\":4000",                  NULL       },
    {"too many",                  OP_RETRIEVE, 429, "",                                                      "",                    "unreachable", "\"rsc\":4000",                  NULL       },
    {"notification, in trouble",  OP_NOTIFY,   500, "X-M2M-RSC: 5000\n",                                     "",                    "unreachable", "\"rsc\":5000",                  NULL       },
    {"contradiction",             OP_NOTIFY,   500, "X-M2M-RSC: 2000\n",                                     "",                    "unreachable", "\"rsc\":4000",                  NULL       },
    {"refused with success",      OP_NOTIFY,   200, "X-M2M-RSC: 4103\n",                                     "",                    "refused",     "\"rsc\":4103",                  NULL       },
    {"accepted",                  OP_NOTIFY,   204, "",                                                      "",                    "ok",          SOME,                            NULL       },
    {"no such code",              OP_NOTIFY,   200, "X-M2M-RSC: 99999\n",                                    "",                    "ok",          SOME,                            NULL       },
    {"moved",                     OP_NOTIFY,   302, "",                                                      "",                    "refused",     "\"rsc\":4000",                  NULL       },
    {"bad numbers",               OP_RETRIEVE, 200, "X-M2M-RSC: x\nX-M2M-CTO: -1\nX-M2M-CTS: 99999999999\n", "",                    "ok",          SOME,                            NULL       },
};

START_TEST(answer)
{
    struct http_answer a = {.status = answers[_i].status};
    auto_free char *lines = xstrdup(answers[_i].headers);
    auto_str struct str head = STR_EMPTY;
    struct response rsp;
    struct arena arena;
    char *rest;

    arena_init(&arena);
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *colon = strchr(line, ':');
        int id = header_find(line, (size_t)(colon - line));

        ck_assert_msg(id >= 0, "%s", line);
        a.header[id] = colon + 2;
    }
    str_puts(&a.body, answers[_i].body);
    compose_response(&rsp, &a, &arena);
    ck_assert_msg(strcmp(compose_outcome(answers[_i].op, &a, &rsp), answers[_i].outcome) == 0, "%s", answers[_i].name);
    response_encode(&head, &rsp);
    ck_assert_msg(strcmp(head.data + 1, answers[_i].head) == 0, "%s: %s", answers[_i].name, head.data);
    ck_assert_msg(slice_is(rsp.pc, answers[_i].pc ? answers[_i].pc : answers[_i].body), "%s: %.*s", answers[_i].name,
                  (int)rsp.pc.n, rsp.pc.p);
    arena_done(&arena);
    str_done(&a.body);
}
END_TEST

/* The golden message of the orchestrator, and the answer that it gets. */
START_TEST(contract)
{
    json_auto_t *asked = json_load_file("tests/contract/egress.forward.json", 0, NULL);
    json_auto_t *answered = json_load_file("tests/contract/egress.forward.reply.json", 0, NULL);
    auto_free char *head = json_dumps(json_object_get(asked, "head"), JSON_COMPACT);
    auto_free char *body = json_dumps(json_object_get(asked, "body"), JSON_COMPACT);
    json_t *expected = json_object_get(answered, "head");
    struct http_answer a = {.status = 201};
    auto_str struct str text = STR_EMPTY;
    json_auto_t *is = NULL;
    struct response rsp;
    struct fixture f;

    head[strlen(head) - 1] = '\0';
    compose(&f, json_str(json_object_get(asked, "head"), "url"), JSON_TYPE, head + 1, body);
    ck_assert_msg(f.result == 0, "%s", f.why);
    ck_assert_str_eq(f.call.url, "http://mn:8080/~/id-mn/cse-mn/box");
    ck_assert_str_eq(header(&f.call, "Content-Type"), "application/json;ty=4");
    a.header[HEADER_RSC] = "2001";
    a.header[HEADER_RI] = header(&f.call, "X-M2M-RI");
    a.header[HEADER_RVI] = header(&f.call, "X-M2M-RVI");
    a.header[HEADER_ORIGIN] = "/id-mn";
    a.header[HEADER_CONTENT_LOCATION] = "/~/id-mn/cse-mn/box/cin100000";
    compose_response(&rsp, &a, &f.call.arena);
    response_encode(&text, &rsp);
    text.data[0] = '{';
    str_putc(&text, '}');
    is = json_loads(text.data, 0, NULL);
    json_object_del(expected, "st"); /* these two egress.c adds */
    json_object_del(expected, "sent");
    ck_assert_msg(json_equal(is, expected), "%s", text.data);
    ck_assert_str_eq(compose_outcome(OP_CREATE, &a, &rsp), "ok");
    done(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compose");
    TCase *tc = tcase_create("compose");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, round_trip, 0, (int)ARRAY_LEN(trips));
    tcase_add_loop_test(tc, request, 0, (int)ARRAY_LEN(others));
    tcase_add_test(tc, contract);
    tcase_add_loop_test(tc, answer, 0, (int)ARRAY_LEN(answers));
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
