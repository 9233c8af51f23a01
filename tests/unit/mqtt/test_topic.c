/* Topics and brokers' addresses, TS-0010 6.3. */
#include "topic.h"

#include "cse.h"

#include <check.h>

#include "mem.h"

static const struct {
    const char *prefix, *topic;
    int result;
    enum topic_kind kind;
    const char *originator, *receiver;
    enum serialization serialization;
} topics[] = {
    {"",    "/oneM2M/req/Cae/id-in/json",          0,  TOPIC_REQUEST,               "Cae",       "id-in", SERIALIZATION_JSON},
    {"",    "/oneM2M/req/id-in:Cae/id-in/cbor",    0,  TOPIC_REQUEST,               "id-in:Cae", "id-in", SERIALIZATION_CBOR},
    {"",    "/oneM2M/req/Cae/id-in",               0,  TOPIC_REQUEST,               "Cae",       "id-in", SERIALIZATION_JSON},
    {"",    "/oneM2M/req/Cae/id-in/",              0,  TOPIC_REQUEST,               "Cae",       "id-in", SERIALIZATION_JSON},
    {"",    "/oneM2M/req/Cae/id-in/xml",           0,  TOPIC_REQUEST,               "Cae",       "id-in", SERIALIZATION_NONE},
    {"",    "/oneM2M/resp/id-in/Cae/json",         0,  TOPIC_RESPONSE,              "id-in",     "Cae",   SERIALIZATION_JSON},
    {"",    "/oneM2M/reg_req/cred/id-in/json",     0,  TOPIC_REGISTRATION,          "cred",      "id-in", SERIALIZATION_JSON},
    {"",    "/oneM2M/reg_resp/cred/id-in/json",    0,  TOPIC_REGISTRATION_RESPONSE, "cred",      "id-in", SERIALIZATION_JSON},
    {"p/q", "p/q/oneM2M/req/:sp:id-in/id-in/json", 0,  TOPIC_REQUEST,               ":sp:id-in", "id-in", SERIALIZATION_JSON},
    {"p",   "/oneM2M/req/Cae/id-in/json",          -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
    {"",    "p/oneM2M/req/Cae/id-in/json",         -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
    {"",    "/oneM2M/other/Cae/id-in/json",        -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
    {"",    "/oneM2M/req//id-in/json",             -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
    {"",    "/oneM2M/req/Cae//json",               -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
    {"",    "/oneM2M/req/Cae",                     -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
    {"",    "/oneM2M/req/Cae/id-in/json/x",        -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
    {"",    "/oneM2M/req",                         -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
    {"",    "",                                    -1, TOPIC_REQUEST,               "",          "",      SERIALIZATION_NONE},
};

START_TEST(topic)
{
    struct topic t;

    ck_assert_msg(topic_parse(&t, topics[_i].topic, topics[_i].prefix) == topics[_i].result, "%s", topics[_i].topic);
    if (topics[_i].result < 0)
        return;
    ck_assert_int_eq(t.kind, topics[_i].kind);
    ck_assert_str_eq(t.originator, topics[_i].originator);
    ck_assert_str_eq(t.receiver, topics[_i].receiver);
    ck_assert_int_eq(t.serialization, topics[_i].serialization);
}
END_TEST

START_TEST(ids)
{
    static const struct {
        const char *id, *escaped;
    } rows[] = {
        {"/id-in",          "id-in"         },
        {"/id-in/Cae1",     "id-in:Cae1"    },
        {"S12",             "S12"           },
        {"//sp.example/id", ":sp.example:id"},
        {"C+",              NULL            },
        {"C#",              NULL            },
        {"",                NULL            },
        {"/",               NULL            },
    };
    char out[TOPIC_ID_SIZE], longest[TOPIC_ID_SIZE + 1];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_msg((topic_escape(rows[i].id, out) == 0) == (rows[i].escaped != NULL), "%s", rows[i].id);
        if (rows[i].escaped)
            ck_assert_str_eq(out, rows[i].escaped);
    }
    memset(longest, 'C', TOPIC_ID_SIZE);
    longest[TOPIC_ID_SIZE] = '\0';
    ck_assert_int_eq(topic_escape(longest, out), -1);
    ck_assert_int_eq(topic_escape(longest + 1, out), 0);
}
END_TEST

START_TEST(names)
{
    static const struct {
        const char *id, *fr;
        bool same;
    } rows[] = {
        {"Cae",                            "Cae",        true },
        {"id-in:Cae",                      "Cae",        true },
        {"Cae",                            "/id-in/Cae", true },
        {":tessera.example.com:id-in:Cae", "Cae",        true },
        {"S1",                             "/S1",        true },
        {"id-mn",                          "/id-mn",     true },
        {"id-mn:Cae",                      "/id-mn/Cae", true },
        {"Cae",                            "Cother",     false},
        {"Cae",                            "/id-mn/Cae", false},
        {"id-mn:Cae",                      "Cae",        false},
        {"Cae",                            "CAdmin",     false},
        {"Cae",                            "/id-in",     false},
        {"id-in:Cae",                      "/id-in",     false},
        {"::id-in",                        "/id-in",     false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(topic_names(rows[i].id, rows[i].fr) == rows[i].same, "%s %s", rows[i].id, rows[i].fr);
}
END_TEST

static const struct {
    const char *url, *host; /* NULL: refused */
    int port;
    bool tls;
    const char *path;
} brokers[] = {
    {"mqtt://h",        "h",   1883,  false, ""   },
    {"mqtts://h",       "h",   8883,  true,  ""   },
    {"MQTT://h:1/a/b",  "h",   1,     false, "a/b"},
    {"mqtt://h//a",     "h",   1883,  false, "/a" },
    {"mqtt://[::1]:2/", "::1", 2,     false, ""   },
    {"mqtt://[::1]",    "::1", 1883,  false, ""   },
    {"mqtt://h:65535",  "h",   65535, false, ""   },
    {"mqtt://h:65536",  NULL,  0,     false, ""   },
    {"mqtt://h:0",      NULL,  0,     false, ""   },
    {"mqtt://h:",       NULL,  0,     false, ""   },
    {"mqtt://h:1x",     NULL,  0,     false, ""   },
    {"mqtt://u:p@h",    NULL,  0,     false, ""   },
    {"mqtt://[::1",     NULL,  0,     false, ""   },
    {"mqtt://[]",       NULL,  0,     false, ""   },
    {"mqtt:///a",       NULL,  0,     false, ""   },
    {"mqtt://h/a/#",    NULL,  0,     false, ""   },
    {"mqtt://h/+/a",    NULL,  0,     false, ""   },
    {"http://h",        NULL,  0,     false, ""   },
    {"",                NULL,  0,     false, ""   },
};

START_TEST(broker)
{
    struct broker b;
    char why[100] = "";
    int result = broker_parse(&b, brokers[_i].url, why, sizeof why);

    ck_assert_msg((result == 0) == (brokers[_i].host != NULL), "%s: %s", brokers[_i].url, why);
    ck_assert_msg(result == 0 || *why, "%s", brokers[_i].url);
    if (result < 0)
        return;
    ck_assert_str_eq(b.host, brokers[_i].host);
    ck_assert_str_eq(b.path, brokers[_i].path);
    ck_assert_int_eq(b.port, brokers[_i].port);
    ck_assert_int_eq(b.tls, brokers[_i].tls);
}
END_TEST

int main(void)
{
    const struct config_row *const tables[] = {cse_config, NULL};
    char *argv[] = {(char[]){"test"}, NULL};
    Suite *suite = suite_create("topic");
    TCase *tc = tcase_create("topic");
    SRunner *runner = srunner_create(suite);
    int failed;

    config_load("test", tables, 1, argv);
    tcase_add_loop_test(tc, topic, 0, (int)ARRAY_LEN(topics));
    tcase_add_loop_test(tc, broker, 0, (int)ARRAY_LEN(brokers));
    tcase_add_test(tc, ids);
    tcase_add_test(tc, names);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
