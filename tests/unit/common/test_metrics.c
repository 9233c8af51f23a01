/* Metrics, as Prometheus reads them. */
#include "clock.h"
#include "mem.h"
#include "metrics.h"

#include <check.h>

static struct metric total = METRIC_COUNTER("t_total", "Help with \\ and\nline", "a", "b", "c");
static struct metric plain = METRIC_GAUGE("t_plain", "No labels");
static struct metric odd = METRIC_COUNTER("t_odd_total", "Odd labels", "l");
static struct metric many = METRIC_COUNTER("t_many_total", "Many series", "n");
static struct metric times = METRIC_HISTOGRAM("t_seconds", "Times", metric_seconds, "op");
static int rendered;

static bool has(const char *line)
{
    auto_str struct str out = STR_EMPTY;
    auto_free char *wanted = xasprintf("\n%s\n", line);

    str_putc(&out, '\n');
    metrics_render(&out);
    return strstr(str_text(&out), wanted) != NULL;
}

START_TEST(counters)
{
    char copy[] = "create";

    metric_add(&total, 1, "create", "cin", "2001");
    metric_add(&total, 2, copy, "cin", "2001");
    metric_add(&total, 0.5, "create", "cin", "4000");
    ck_assert(has("# HELP t_total Help with \\\\ and\\nline"));
    ck_assert(has("# TYPE t_total counter"));
    ck_assert(has("t_total{a=\"create\",b=\"cin\",c=\"2001\"} 3"));
    ck_assert(has("t_total{a=\"create\",b=\"cin\",c=\"4000\"} 0.5"));
}
END_TEST

START_TEST(gauges)
{
    metric_set(&plain, 5);
    metric_set(&plain, -7.25);
    ck_assert(has("# TYPE t_plain gauge"));
    ck_assert(has("t_plain -7.25"));
    metric_set(&plain, 1.0 / 0.0);
    ck_assert(has("t_plain +Inf"));
    metric_set(&plain, 123456789012.0);
    ck_assert(has("t_plain 123456789012"));
}
END_TEST

START_TEST(labels)
{
    metric_add(&odd, 1, "q\"b\\n\n\xff\xc3\xa9");
    ck_assert(has("t_odd_total{l=\"q\\\"b\\\\n\\n?\xc3\xa9\"} 1"));
    metric_add(&odd, 1, (const char *)NULL);
    ck_assert(has("t_odd_total{l=\"\"} 1"));
}
END_TEST

START_TEST(series_are_bounded)
{
    char name[16];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1000; i++) {
            snprintf(name, sizeof(name), "n%d", i);
            metric_add(&many, 1, name);
        }
    }
    ck_assert_int_eq(many.count, 201);
    ck_assert(has("t_many_total{n=\"n0\"} 2"));
    ck_assert(has("t_many_total{n=\"n199\"} 2"));
    ck_assert(has("t_many_total{n=\"other\"} 1600"));
}
END_TEST

START_TEST(histograms)
{
    metric_observe(&times, 0.0001, "x");
    metric_observe(&times, 0.0002, "x");
    metric_observe(&times, 11, "x");
    ck_assert(has("t_seconds_bucket{op=\"x\",le=\"0.0001\"} 1"));
    ck_assert(has("t_seconds_bucket{op=\"x\",le=\"0.00025\"} 2"));
    ck_assert(has("t_seconds_bucket{op=\"x\",le=\"10\"} 2"));
    ck_assert(has("t_seconds_bucket{op=\"x\",le=\"+Inf\"} 3"));
    ck_assert(has("t_seconds_sum{op=\"x\"} 11.0003"));
    ck_assert(has("t_seconds_count{op=\"x\"} 3"));
}
END_TEST

static void on_render(void)
{
    rendered++;
}

START_TEST(render_hook)
{
    metrics_on_render(on_render);
    has("");
    ck_assert_int_eq(rendered, 1);
}
END_TEST

/* Against what writing such a line takes here and now; the aim is below 200 ns. */
START_TEST(adding_is_fast)
{
    int64_t from = clock_mono_us(), ns, line_ns;
    char line[100];

    for (int i = 0; i < 200000; i++)
        snprintf(line, sizeof(line), "%s{%s,%s,%s} %d", "sample_total", "create", "cin", i & 1 ? "2001" : "4105", i);
    line_ns = (clock_mono_us() - from) * 1000 / 200000;
    from = clock_mono_us();
    for (int i = 0; i < 200000; i++)
        metric_add(&total, 1, "create", "cin", i & 1 ? "2001" : "4105");
    ns = (clock_mono_us() - from) * 1000 / 200000;
    printf("metric_add: %d ns, snprintf %d ns\n", (int)ns, (int)line_ns);
    ck_assert_int_lt(ns, 10 * line_ns + 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tcase = tcase_create("metrics");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tcase, counters);
    tcase_add_test(tcase, gauges);
    tcase_add_test(tcase, labels);
    tcase_add_test(tcase, series_are_bounded);
    tcase_add_test(tcase, histograms);
    tcase_add_test(tcase, render_hook);
    tcase_add_test(tcase, adding_is_fast);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
