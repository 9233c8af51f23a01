/* Which role serves an address. */
#include "delivery.h"

#include <check.h>

#include "mem.h"

static const struct {
    const char *url, *role, *binding;
} cases[] = {
    {"http://host:1/n", "egress.http", "http"     },
    {"HTTPS://host/n",  "egress.http", "http"     },
    {"coap://host",     "egress.coap", "coap"     },
    {"coaps://host",    "egress.coap", "coap"     },
    {"mqtt://host",     "egress.mqtt", "mqtt"     },
    {"mqtts://host",    "egress.mqtt", "mqtt"     },
    {"ws://host",       "egress.ws",   "websocket"},
    {"wss://host",      "egress.ws",   "websocket"},
    {"ftp://host",      NULL,          "before"   },
    {"http:/host",      NULL,          "before"   },
    {"cse-in/http://h", NULL,          "before"   },
    {"",                NULL,          "before"   },
};

START_TEST(roles)
{
    const char *binding = "before";

    ck_assert_pstr_eq(delivery_role(cases[_i].url, &binding), cases[_i].role);
    ck_assert_str_eq(binding, cases[_i].binding);
    ck_assert_pstr_eq(delivery_role(cases[_i].url, NULL), cases[_i].role);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delivery");
    TCase *tests = tcase_create("delivery");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, roles, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
