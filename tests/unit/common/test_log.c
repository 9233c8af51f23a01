/* Log lines, as a reader of standard output sees them. */
#include "capture.h"
#include "json.h"
#include "log.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <time.h>

static const char *volatile none; /* the compiler warns of a NULL that it sees */

static void all_conversions(void *unused)
{
    struct slice part = {"abcdef", 3};

    (void)unused;
    log_open("http.1", LOG_INFO);
    errno = ENOENT;
    log_info("test.kinds",
             "s=%s d=%d u=%u z=%zu l=%ld ll=%lld i64=%" PRId64 " f=%f f3=%.3f c=%c x=%x m=%m part=%.*s none=%s last=%i", "text",
             -1, 4000000000u, (size_t)7, -8L, 9LL, INT64_MIN, 0.5, 2.0, 'c', 255u, (int)part.n, part.p, none, 3);
}

START_TEST(conversions)
{
    auto_str struct str out = STR_EMPTY;
    json_error_t error;
    json_auto_t *line = NULL, *expected = NULL;

    ck_assert_int_eq(capture(all_conversions, NULL, &out), 0);
    line = json_loads(str_text(&out), 0, &error);
    ck_assert_msg(line != NULL, "%s in %s", error.text, str_text(&out));
    ck_assert_uint_eq(strlen(json_str(line, "t")), strlen("2026-11-21T08:01:02.345Z"));
    json_object_del(line, "t");
    expected = json_pack("{s:s,s:s,s:s,s:s,s:i,s:I,s:i,s:i,s:i,s:I,s:f,s:f,s:s,s:s,s:s,s:s,s:i}", "level", "info", "service",
                         "http.1", "event", "test.kinds", "s", "text", "d", -1, "u", (json_int_t)4000000000, "z", 7, "l", -8,
                         "ll", 9, "i64", (json_int_t)INT64_MIN, "f", 0.5, "f3", 2.0, "c", "c", "x", "ff", "m",
                         "No such file or directory", "part", "abc", "last", 3);
    ck_assert_ptr_nonnull(expected);
    ck_assert_msg(json_equal(line, expected), "%s", str_text(&out));
    ck_assert(strstr(str_text(&out), "\"f3\":2.000,"));
}
END_TEST

struct text_case {
    const char *name;
    const char *text;
    const char *expected; /* somewhere in the line */
};

static const struct text_case text_cases[] = {
    {"quotes and line feeds", "a\"b\n\\",    "\"v\":\"a\\\"b\\n\\\\\"}\n"             },
    {"UTF-8 stays",           "\xc3\xa9",    "\"v\":\"\xc3\xa9\"}\n"                  },
    {"invalid UTF-8",         "a\xff\xc3z",  "\"v\":\"a\xef\xbf\xbd\xef\xbf\xbdz\"}\n"},
    {"control characters",    "\x01\x1b[0m", "\"v\":\"\\u0001\\u001b[0m\"}\n"         },
    {"percent",               "100%d",       "\"v\":\"100%d\"}\n"                     },
    {"empty",                 "",            "\"v\":\"\"}\n"                          },
};

static void log_text(void *context)
{
    log_open("x", LOG_DEBUG);
    log_debug("test.text", "v=%s", (const char *)context);
}

START_TEST(texts)
{
    const struct text_case *c = &text_cases[_i];
    auto_str struct str out = STR_EMPTY;

    ck_assert_int_eq(capture(log_text, (void *)(uintptr_t)c->text, &out), 0);
    ck_assert_msg(strstr(str_text(&out), c->expected), "%s: %s", c->name, str_text(&out));
}
END_TEST

static void log_forms(void *unused)
{
    (void)unused;
    log_open("x", LOG_WARN);
    log_info("test.hidden", "a=%d", 1);
    log_warn("test.mixed", "why=cannot open %s: %d tries a=%d b=fixed", "file", 3, 5);
    log_warn("test.nothing", "none=%s", none);
    log_warn("test.loose", "just %d words", 7);
}

START_TEST(forms)
{
    auto_str struct str out = STR_EMPTY;
    const char *text;

    ck_assert_int_eq(capture(log_forms, NULL, &out), 0);
    text = str_text(&out);
    ck_assert(!strstr(text, "hidden"));
    ck_assert(strstr(text, "\"why\":\"cannot open file: 3 tries\",\"a\":5,\"b\":\"fixed\"}\n"));
    ck_assert(strstr(text, "\"event\":\"test.nothing\"}\n"));
    ck_assert(strstr(text, "\"text\":\"just 7 words\"}\n"));
}
END_TEST

static void one_of_many(int i)
{
    log_often(LOG_INFO, "test.often", "i=%d", i);
}

static void log_many(void *level)
{
    log_open("x", *(enum log_level *)level);
    for (int i = 0; i < 1000; i++)
        one_of_many(i);
    log_often(LOG_INFO, "test.other", "i=%d", 1);
}

static size_t occurrences(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, part)); at++)
        n++;
    return n;
}

/* From one place; others are not concerned, and at debug nothing is left out. */
START_TEST(often)
{
    enum log_level levels[] = {LOG_INFO, LOG_DEBUG};

    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        auto_str struct str out = STR_EMPTY;

        ck_assert_int_eq(capture(log_many, &levels[i], &out), 0);
        ck_assert_uint_eq(occurrences(str_text(&out), "test.often"), levels[i] == LOG_DEBUG ? 1000 : 20);
        ck_assert_uint_eq(occurrences(str_text(&out), "test.other"), 1);
    }
}
END_TEST

/* A quota whose ten seconds are over: the next line says how many were not written. */
static void log_after(void *unused)
{
    struct log_quota quota = {.since = 1, .count = 123};

    (void)unused;
    log_open("x", LOG_INFO);
    log_write_often(&quota, LOG_INFO, "test.after", "i=%d", 1);
    log_write_often(&quota, LOG_INFO, "test.after", "i=%d", 2);
}

START_TEST(left_out)
{
    auto_str struct str out = STR_EMPTY;

    ck_assert_int_eq(capture(log_after, NULL, &out), 0);
    ck_assert_msg(strstr(str_text(&out), "\"i\":1,\"left_out\":103}\n"), "%s", str_text(&out));
    ck_assert_msg(strstr(str_text(&out), "\"i\":2}\n"), "%s", str_text(&out));
}
END_TEST

static void log_long(void *unused)
{
    auto_free char *text = xmalloc(100001);
    auto_free char *euros = xmalloc(3001);

    (void)unused;
    memset(text, 1, 100000);
    text[100000] = 0;
    for (int i = 0; i < 3000; i += 3)
        memcpy(euros + i, "\xe2\x82\xac", 3);
    euros[3000] = 0;
    log_open("x", LOG_INFO);
    log_info("test.long", "a=%s b=%s n=%d", text, text, 1);
    log_info("test.cut", "e=%s", euros);
}

START_TEST(long_values)
{
    auto_str struct str out = STR_EMPTY;
    json_auto_t *first = NULL, *second = NULL;
    char *newline;

    ck_assert_int_eq(capture(log_long, NULL, &out), 0);
    newline = strchr(out.data, '\n');
    ck_assert_ptr_nonnull(newline);
    first = json_loadb(out.data, (size_t)(newline - out.data), 0, NULL);
    second = json_loads(newline + 1, 0, NULL);
    ck_assert_ptr_nonnull(first);
    ck_assert_uint_eq(strlen(json_str(first, "a")), 2048 + 3);
    ck_assert_ptr_null(json_str(first, "b")); /* no room: left out whole */
    ck_assert_int_eq(json_int(first, "n", 0), 1);
    ck_assert_ptr_nonnull(second);
    ck_assert_uint_eq(strlen(json_str(second, "e")), 2046 + 3);
}
END_TEST

static void log_fatally(void *unused)
{
    (void)unused;
    log_open("x", LOG_INFO);
    log_fatal("test.fatal", "why=%s", "because");
}

START_TEST(fatal)
{
    auto_str struct str out = STR_EMPTY;

    ck_assert_int_eq(capture(log_fatally, NULL, &out), 70);
    ck_assert(strstr(str_text(&out), "\"level\":\"error\",\"service\":\"x\",\"event\":\"test.fatal\",\"why\":\"because\"}\n"));
}
END_TEST

/* A pipe that nobody reads fills up: lines are lost, time is not; then it is read, and lines are whole again. */
START_TEST(stalled_reader)
{
    int ends[2], real = dup(1);
    static char sink[1 << 20];
    struct timespec from, to;
    ssize_t n;

    ck_assert_int_eq(pipe(ends), 0);
    fflush(stdout);
    dup2(ends[1], 1);
    log_open("x", LOG_INFO);
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < 5000; i++)
        log_info("test.flood", "i=%d text=%s", i, "some text to fill the pipe somewhat faster");
    clock_gettime(CLOCK_MONOTONIC, &to);
    ck_assert_uint_gt(log_dropped(), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    n = read(ends[0], sink, sizeof(sink) - 1);
    ck_assert_int_gt(n, 0);
    log_info("test.after", "i=%d", 1);
    n = read(ends[0], sink, sizeof(sink) - 1);
    dup2(real, 1);
    log_open("x", LOG_INFO);
    ck_assert_int_gt(n, 0);
    sink[n] = 0;
    ck_assert_msg(strstr(sink, "\"event\":\"test.after\",\"i\":1}\n"), "%s", sink);
    ck_assert_int_lt(to.tv_sec - from.tv_sec, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tcase = tcase_create("log");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tcase, conversions);
    tcase_add_loop_test(tcase, texts, 0, ARRAY_LEN(text_cases));
    tcase_add_test(tcase, forms);
    tcase_add_test(tcase, often);
    tcase_add_test(tcase, left_out);
    tcase_add_test(tcase, long_values);
    tcase_add_test(tcase, fatal);
    tcase_add_test(tcase, stalled_reader);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
