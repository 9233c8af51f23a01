/* Spans: their text, and which are begun. */
#include "mem.h"
#include "otlp.h"
#include "span.h"
#include "trace.h"

#include <check.h>
#include <jansson.h>

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"

static const struct otlp_attribute several[] = {
    {"a",     "x",  OTLP_NONE},
    {"none",  NULL, OTLP_NONE},
    {"n",     NULL, -7       },
    {"empty", "",   OTLP_NONE},
    {"zero",  NULL, 0        },
};

static const struct {
    const char *name;
    struct otlp_span span;
    const char *text;
} cases[] = {
    {"root",
     {TRACE, PARENT, "", "create cin", OTLP_SERVER, 1, 2, NULL, 0, NULL},
     "{\"traceId\":\"" TRACE "\",\"spanId\":\"" PARENT "\",\"name\":\"create cin\",\"kind\":2,\"startTimeUnixNano\":\"1000\","
     "\"endTimeUnixNano\":\"2000\",\"attributes\":[],\"status\":{}}"                                                         },
    {"child with attributes",
     {TRACE, PARENT, PARENT, "n", OTLP_CONSUMER, 1795226400000001, 1795226400000002, several, ARRAY_LEN(several), NULL},
     "{\"traceId\":\"" TRACE "\",\"spanId\":\"" PARENT "\",\"parentSpanId\":\"" PARENT "\",\"name\":\"n\",\"kind\":5,"
     "\"startTimeUnixNano\":\"1795226400000001000\",\"endTimeUnixNano\":\"1795226400000002000\",\"attributes\":["
     "{\"key\":\"a\",\"value\":{\"stringValue\":\"x\"}},{\"key\":\"n\",\"value\":{\"intValue\":\"-7\"}},"
     "{\"key\":\"empty\",\"value\":{\"stringValue\":\"\"}},{\"key\":\"zero\",\"value\":{\"intValue\":\"0\"}}],\"status\":{}}"},
    {"failed, odd texts",
     {TRACE, PARENT, "", "a\"b\\\n\xff\xc3\xa4", OTLP_CLIENT, 0, 0, NULL, 0, "why\x80"},
     "{\"traceId\":\"" TRACE "\",\"spanId\":\"" PARENT "\",\"name\":\"a\\\"b\\\\\\n?\xc3\xa4\",\"kind\":3,"
     "\"startTimeUnixNano\":\"0000\",\"endTimeUnixNano\":\"0000\",\"attributes\":[],\"status\":{\"code\":2,\"message\":\"why?\"}"
     "}"                                                                                                                     },
};

START_TEST(one_span)
{
    auto_str struct str out = STR_EMPTY;

    otlp_span(&out, &cases[_i].span);
    ck_assert_msg(strcmp(str_text(&out), cases[_i].text) == 0, "%s: %s", cases[_i].name, str_text(&out));
}
END_TEST

START_TEST(whole_request)
{
    auto_str struct str spans = STR_EMPTY, out = STR_EMPTY;
    const char *service = NULL, *id = NULL;
    json_t *root;

    otlp_span(&spans, &cases[0].span);
    str_putc(&spans, ',');
    otlp_span(&spans, &cases[1].span);
    otlp_request(&out, "tessera-http", "http.1", "1.2", &spans);
    root = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    ck_assert_int_eq(json_unpack(root, "{s:[{s:{s:[{s:{s:s}}]},s:[{s:[{},{s:s}]}]}]}", "resourceSpans", "resource", "attributes",
                                 "value", "stringValue", &service, "scopeSpans", "spans", "spanId", &id),
                     0);
    ck_assert_str_eq(service, "tessera-http");
    ck_assert_str_eq(id, PARENT);
    json_decref(root);
}
END_TEST

/* Nobody is configured to be told: nothing is begun, nothing is changed. */
START_TEST(off)
{
    char trace[] = "00-" TRACE "-" PARENT "-01";
    struct span s;

    span_begin(&s, trace, false);
    ck_assert(!span_recorded(&s) && !span_wanted() && span_idle());
    ck_assert_str_eq(trace, "00-" TRACE "-" PARENT "-01");
    span_flush();
    span_stop();
}
END_TEST

START_TEST(sampling)
{
    static const struct {
        int of_10000, least, most; /* of 10,000 */
    } shares[] = {
        {10000, 10000, 10000},
        {0,     0,     0    },
        {5000,  4000,  6000 },
        {100,   20,    300  }
    };

    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        int sampled = 0;

        trace_sample(shares[i].of_10000);
        for (int n = 0; n < 10000; n++) {
            char trace[TRACE_SIZE];

            trace_new(trace);
            ck_assert(trace_valid(trace));
            sampled += trace_sampled(trace);
        }
        ck_assert_msg(sampled >= shares[i].least && sampled <= shares[i].most, "%d: %d", shares[i].of_10000, sampled);
    }
    ck_assert(trace_sampled("00-" TRACE "-" PARENT "-ff") && trace_sampled("00-" TRACE "-" PARENT "-03"));
    ck_assert(!trace_sampled("00-" TRACE "-" PARENT "-02") && !trace_sampled("00-" TRACE "-" PARENT "-fe"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("otlp");
    TCase *tests = tcase_create("otlp");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, one_span, 0, ARRAY_LEN(cases));
    tcase_add_test(tests, whole_request);
    tcase_add_test(tests, off);
    tcase_add_test(tests, sampling);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
