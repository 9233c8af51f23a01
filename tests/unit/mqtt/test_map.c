/* What comes by which topic, and where requests out go. */
#include "map.h"

#include "cse.h"
#include "recent.h"

#include <check.h>

#include "mem.h"

static const struct {
    const char *name;
    enum topic_kind kind;
    int op, ty;
    const char *fr;
    enum rsc rsc;
} checks[] = {
    {"itself",                        TOPIC_REQUEST,      OP_RETRIEVE, ABSENT, "Cme",    RSC_OK                         },
    {"somebody else",                 TOPIC_REQUEST,      OP_RETRIEVE, ABSENT, "CAdmin", RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
    {"nobody",                        TOPIC_REQUEST,      OP_RETRIEVE, ABSENT, NULL,     RSC_OK                         },
    {"an AE without an id yet",       TOPIC_REQUEST,      OP_CREATE,   2,      "C",      RSC_OK                         },
    {"no AE, with such an id",        TOPIC_REQUEST,      OP_CREATE,   3,      "C",      RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
    {"registration of an AE",         TOPIC_REGISTRATION, OP_CREATE,   2,      "C",      RSC_OK                         },
    {"registration of a CSE",         TOPIC_REGISTRATION, OP_CREATE,   16,     "/id-mn", RSC_OK                         },
    {"no registration",               TOPIC_REGISTRATION, OP_CREATE,   3,      "Cme",    RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
    {"no registration, but its type", TOPIC_REGISTRATION, OP_UPDATE,   2,      "Cme",    RSC_ORIGINATOR_HAS_NO_PRIVILEGE},
};

START_TEST(check)
{
    struct topic t = {.kind = checks[_i].kind, .originator = "Cme", .receiver = "id-in"};
    struct request req;
    char why[160] = "";

    request_init(&req);
    req.op = checks[_i].op;
    req.ty = checks[_i].ty;
    req.fr = checks[_i].fr;
    ck_assert_msg(map_check(&t, &req, why, sizeof why) == checks[_i].rsc, "%s: %s", checks[_i].name, why);
}
END_TEST

START_TEST(to)
{
    static const char *const rows[][2] = {
        {"/id-in/cse-in/ae", "/id-in/cse-in/ae"},
        {"id-in/cse-in/ae",  "/id-in/cse-in/ae"},
        {"cse-in/ae",        "cse-in/ae"       },
        {"/cse-in/ae",       "cse-in/ae"       },
        {"/cse-in",          "cse-in"          },
        {"/cse-inner",       "/cse-inner"      },
        {"id-in",            "id-in"           },
        {"id-inner/x",       "id-inner/x"      },
        {"/id-mn/x",         "/id-mn/x"        },
        {"//sp/id-in/x",     "//sp/id-in/x"    },
        {"cnt123",           "cnt123"          },
        {"",                 ""                },
        {"/",                "/"               },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        auto_free char *got = map_to(rows[i][0]);

        ck_assert_str_eq(got, rows[i][1]);
    }
}
END_TEST

static const struct {
    const char *url;
    int op;
    const char *to, *via;
    const char *topic, *prefix; /* NULL: refused; no response */
} routes[] = {
    {"mqtt://h",                                                       OP_NOTIFY,   "Cae",             NULL,     "/oneM2M/req/id-in/Cae/json",                             ""  },
    {"mqtt://h/p",                                                     OP_NOTIFY,   "Cae",             NULL,     "p/oneM2M/req/id-in/Cae/json",                            "p" },
    {"mqtt://h",                                                       OP_RETRIEVE, "/id-mn/cse-mn/c", NULL,     "/oneM2M/req/id-in/id-mn/json",                           ""  },
    {"mqtt://h",                                                       OP_RETRIEVE, "/id-far/c",       "/id-mn", "/oneM2M/req/id-in/id-mn/json",                           ""  },
    {"mqtt://h",                                                       OP_RETRIEVE, "//sp/id-far/c/d", NULL,     "/oneM2M/req/:tessera.example.com:id-in/:sp:id-far/json", ""  },
    {"mqtt://h",                                                       OP_NOTIFY,   NULL,              NULL,     NULL,                                                     NULL},
    {"mqtt://h/a/topic",                                               OP_NOTIFY,   NULL,              NULL,     "a/topic",                                                NULL},
    {"mqtt://h//a",                                                    OP_NOTIFY,   NULL,              NULL,     "/a",                                                     NULL},
    {"mqtt://h/oneM2M/req/id-in/Cx/json",                              OP_NOTIFY,   NULL,              NULL,     "/oneM2M/req/id-in/Cx/json",                              ""  },
    {"mqtt://h/p/oneM2M/req/id-in/Cx/json",                            OP_NOTIFY,   NULL,              NULL,     "p/oneM2M/req/id-in/Cx/json",                             "p" },
    {"mqtt://h/oneM2M/req/id-other/Cx/json",                           OP_NOTIFY,   NULL,              NULL,     "oneM2M/req/id-other/Cx/json",                            NULL},
    {"mqtt://h/oneM2M/req/:tessera.example.com:id-in/:sp:id-far/json", OP_NOTIFY,   NULL,              NULL,
     "/oneM2M/req/:tessera.example.com:id-in/:sp:id-far/json",                                                                                                             ""  },
    {"mqtt://h",                                                       OP_NOTIFY,   "C#",              NULL,     NULL,                                                     NULL},
};

START_TEST(route)
{
    struct request req;
    struct broker b;
    struct route r;
    char why[160] = "";
    int result;

    ck_assert_int_eq(broker_parse(&b, routes[_i].url, why, sizeof why), 0);
    request_init(&req);
    req.op = routes[_i].op;
    req.to = routes[_i].to;
    req.via = routes[_i].via;
    result = map_route(&r, &req, &b, SERIALIZATION_JSON, false, why, sizeof why);
    ck_assert_msg((result == 0) == (routes[_i].topic != NULL), "%s: %s", routes[_i].url, why);
    if (result == 0) {
        ck_assert_str_eq(r.topic, routes[_i].topic);
        ck_assert_msg(!r.prefix == !routes[_i].prefix && (!r.prefix || strcmp(r.prefix, routes[_i].prefix) == 0), "%s",
                      routes[_i].url);
    }
    route_done(&r);
}
END_TEST

START_TEST(route_by_name)
{
    static const char *const rows[][2] = {
        {"mqtt://h/Cae",     "/oneM2M/req/id-in/Cae/json"},
        {"mqtt://h/a/topic", "a/topic"                   },
        {"mqtt://h//a",      "/a"                        },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct request req;
        struct broker b;
        struct route r;
        char why[160] = "";

        ck_assert_int_eq(broker_parse(&b, rows[i][0], why, sizeof why), 0);
        request_init(&req);
        req.op = OP_NOTIFY;
        ck_assert_int_eq(map_route(&r, &req, &b, SERIALIZATION_JSON, true, why, sizeof why), 0);
        ck_assert_str_eq(r.topic, rows[i][1]);
        ck_assert_ptr_null(r.prefix);
        route_done(&r);
    }
}
END_TEST

START_TEST(keys)
{
    char a[MAP_KEY_SIZE], b[MAP_KEY_SIZE];
    uint64_t first;

    map_key("t", "x\0y", 3, a);
    map_key("t", "x\0y", 3, b);
    ck_assert_str_eq(a, b);
    map_key("t", "x\0z", 3, b);
    ck_assert_str_ne(a, b);
    map_key("tx", "\0y", 2, b);
    ck_assert_str_ne(a, b);

    ck_assert_ptr_null(recent_find(a));
    first = recent_begin(a, "id1");
    ck_assert(recent_find(a)->running);
    recent_begin(a, "id2");
    recent_end(first);
    ck_assert_str_eq(recent_find(a)->id, "id2");
    ck_assert(recent_find(a)->running);
    for (int i = 0; i < RECENT_MAX; i++)
        recent_begin(b, "other");
    ck_assert_ptr_null(recent_find(a));
    recent_end(first); /* long gone */
    ck_assert(recent_find(b)->running);
}
END_TEST

int main(void)
{
    const struct config_row *const tables[] = {cse_config, NULL};
    char *argv[] = {(char[]){"test"}, NULL};
    Suite *suite = suite_create("map");
    TCase *tc = tcase_create("map");
    SRunner *runner = srunner_create(suite);
    int failed;

    config_load("test", tables, 1, argv);
    tcase_add_loop_test(tc, check, 0, (int)ARRAY_LEN(checks));
    tcase_add_loop_test(tc, route, 0, (int)ARRAY_LEN(routes));
    tcase_add_test(tc, to);
    tcase_add_test(tc, route_by_name);
    tcase_add_test(tc, keys);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
