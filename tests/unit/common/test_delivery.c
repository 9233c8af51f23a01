/* Which role serves an address. */
#include "delivery.h"

#include <check.h>

#include "mem.h"

static const struct {
    const char *url, *role, *binding;
} cases[] = {
    {"http://host:1/n", "egress.http",   "http"     },
    {"HTTPS://host/n",  "egress.http",   "http"     },
    {"coap://host",     "egress.coap",   "coap"     },
    {"coaps://host",    "egress.coap",   "coap"     },
    {"coap+tcp://h",    "egress.coap",   "coap"     },
    {"COAPS+TCP://h",   "egress.coap",   "coap"     },
    {"mqtt://host",     "egress.mqtt",   "mqtt"     },
    {"mqtts://host",    "egress.mqtt",   "mqtt"     },
    {"ws://host",       "egress.ws",     "websocket"},
    {"wss://host",      "egress.ws",     "websocket"},
    {"ws:Cae",          "egress.ws.Cae", "websocket"},
    {"ws:",             NULL,            "before"   },
    {"ws:/x",           NULL,            "before"   },
    {"poll:pchCae",     "egress.poll",   "poll"     },
    {"poll://host",     NULL,            "before"   },
    {"ftp://host",      NULL,            "before"   },
    {"http:/host",      NULL,            "before"   },
    {"cse-in/http://h", NULL,            "before"   },
    {"",                NULL,            "before"   },
};

START_TEST(roles)
{
    const char *binding = "before";

    ck_assert_pstr_eq(delivery_role(cases[_i].url, &binding), cases[_i].role);
    ck_assert_str_eq(binding, cases[_i].binding);
    ck_assert_pstr_eq(delivery_role(cases[_i].url, NULL), cases[_i].role);
}
END_TEST

static const struct {
    const char *name, *attributes, *channel, *expected;
} addresses[] = {
    {"points of access",        "{'poa':['http://a','http://b']}",                NULL,     "['http://a','http://b']"         },
    {"a channel goes first",    "{'poa':['http://a'],'rr':true}",                 "pchCae", "['poll:pchCae','http://a']"      },
    {"not reachable by itself", "{'poa':['http://a'],'rr':false}",                "pchCae", "['poll:pchCae']"                 },
    {"an open connection",      "{'poa':['http://a'],'rr':false}",                NULL,     "['ws:Cae']"                      },
    {"a connection in between", "{'poa':['coap://a','ws://default','mqtt://b']}", NULL,     "['coap://a','ws:Cae','mqtt://b']"},
    {"a connection, encrypted", "{'poa':['wss://default'],'rr':true}",            "pchCae", "['poll:pchCae','ws:Cae']"        },
    {"schemes nobody knows",    "{'poa':['ftp://a','http://b',7]}",               NULL,     "['http://b']"                    },
    {"only such",               "{'poa':['ftp://a','poll:pchCother']}",           NULL,     "['ws:Cae']"                      },
    {"a channel alone",         "{'rr':true}",                                    "pchCae", "['poll:pchCae']"                 },
    {"nothing",                 "{}",                                             NULL,     "['ws:Cae']"                      },
};

static json_t *quoted(const char *text)
{
    auto_free char *json = xstrdup(text);

    for (char *p = json; *p; p++)
        if (*p == '\'')
            *p = '"';
    return json_loads(json, 0, NULL);
}

START_TEST(order)
{
    json_auto_t *attributes = quoted(addresses[_i].attributes), *expected = quoted(addresses[_i].expected);
    json_auto_t *list = delivery_addresses(attributes, "Cae", addresses[_i].channel);

    ck_assert_msg(json_equal(list, expected), "%s", addresses[_i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delivery");
    TCase *tests = tcase_create("delivery");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, roles, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tests, order, 0, ARRAY_LEN(addresses));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
