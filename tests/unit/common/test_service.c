/* A service's life seen from outside: options, health, metrics, signals. Each case has a process of its own. */
#include "capture.h"
#include "clock.h"
#include "loop.h"
#include "management.h"
#include "service.h"

#include <arpa/inet.h>
#include <check.h>
#include <signal.h>
#include <sys/socket.h>

struct life {
    pid_t pid;
    int output;
    int port;
    struct str log;
};

static bool well = true, busy;
static const char *start_message = "started";

static void put_status(struct str *json)
{
    str_puts(json, "{\"children\":[]}");
}

static void on_start(void)
{
    management_route("/status", put_status);
    printf("%s\n", start_message);
    fflush(stdout);
}

static void on_stop(void)
{
    printf("stopped\n");
    fflush(stdout);
}

static bool is_ready(struct str *why)
{
    if (!well)
        str_puts(why, "the \"disk\" is full");
    return well;
}

static bool is_idle(void)
{
    return !busy;
}

static const struct config_row rows[] = {
    {"sample.size", CONFIG_INT,  "1",  1, 9, "size of the sample"},
    {NULL,          CONFIG_TEXT, NULL, 0, 0, NULL                },
};

static const struct service sample = {
    .name = "sample",
    .config = rows,
    .no_bus = true,
    .start = on_start,
    .stop = on_stop,
    .ready = is_ready,
    .idle = is_idle,
    .purpose = "Serves as a sample.",
};

struct option_case {
    const char *name;
    const char *arguments[3];
    int status;
    const char *expected;
};

static const struct option_case option_cases[] = {
    {"help",             {"--help"},               0,  "Serves as a sample."                                                 },
    {"help on settings", {"--help"},               0,  "  sample.size\n      TESSERA_SAMPLE_SIZE  [int, 1 to 9, default 1]\n"},
    {"settings",         {"--settings"},           0,  "management.port\tTESSERA_MANAGEMENT_PORT\tint\t0\t0\t65535\t"        },
    {"version",          {"--version"},            0,  "tessera-sample "                                                     },
    {"unknown option",   {"--port", "1"},          64, "--help lists all"                                                    },
    {"extra argument",   {"run"},                  64, "unexpected \"run\""                                                  },
    {"bad instance",     {"--instance", "a b"},    64, "--instance: \"a b\": must be"                                        },
    {"bad setting",      {"--config", "/nowhere"}, 78, "/nowhere: cannot read the configuration file"                        },
};

static void run_options(void *context)
{
    const struct option_case *c = context;
    char *argv[5] = {(char[]){"tessera-sample"}};
    int argc = 1;

    for (int i = 0; i < 3 && c->arguments[i]; i++)
        argv[argc++] = xstrdup(c->arguments[i]);
    clearenv();
    fflush(stdout);
    exit(service_main(argc, argv, &sample));
}

START_TEST(options)
{
    const struct option_case *c = &option_cases[_i];
    auto_str struct str out = STR_EMPTY;
    int status = capture(run_options, (void *)(uintptr_t)c, &out);

    ck_assert_msg(status == c->status && strstr(str_text(&out), c->expected), "%s: status %d: %s", c->name, status,
                  str_text(&out));
}
END_TEST

/* Reads the process's output until `wanted` was seen. */
static void await(struct life *life, const char *wanted)
{
    char buffer[4096];
    struct pollfd p = {.fd = life->output, .events = POLLIN};

    while (!strstr(str_text(&life->log), wanted)) {
        ssize_t n = poll(&p, 1, 10000) == 1 ? read(life->output, buffer, sizeof(buffer)) : 0;

        ck_assert_msg(n > 0, "no %s in: %s", wanted, str_text(&life->log));
        str_add(&life->log, buffer, (size_t)n);
    }
}

static struct life begin(void)
{
    struct life life = {.log = STR_EMPTY};
    int ends[2];
    const char *port;

    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    life.pid = fork();
    ck_assert_int_ge(life.pid, 0);
    if (life.pid == 0) {
        char *argv[] = {(char[]){"tessera-sample"}, (char[]){"--instance"}, (char[]){"sample.7"}, NULL};

        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        clearenv();
        setenv("TESSERA_SERVICE_DRAIN", "300", 1);
        exit(service_main(3, argv, &sample));
    }
    close(ends[1]);
    life.output = ends[0];
    await(&life, "\"event\":\"service.management\",\"port\":");
    await(&life, "started\n");
    port = strstr(life.log.data, "\"port\":");
    life.port = (int)strtol(port + 7, NULL, 10);
    ck_assert_int_gt(life.port, 0);
    return life;
}

static int finish(struct life *life)
{
    int status;

    ck_assert_int_eq(waitpid(life->pid, &status, 0), life->pid);
    close(life->output);
    str_done(&life->log);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static int open_connection(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* One HTTP/1.0 request; the whole answer is left in `out`. */
static void request(int port, const char *line, struct str *out)
{
    int fd = open_connection(port);
    char buffer[4096];
    ssize_t n;

    str_reset(out);
    ck_assert_int_gt(dprintf(fd, "%s HTTP/1.0\r\nHost: x\r\nContent-Length: 0\r\n\r\n", line), 0);
    while ((n = read(fd, buffer, sizeof(buffer))) > 0)
        str_add(out, buffer, (size_t)n);
    close(fd);
}

struct http_case {
    const char *line;
    const char *status;
    const char *expected;
};

static const struct http_case http_cases[] = {
    {"GET /health",         "HTTP/1.1 200 ", "\r\n\r\n{\"status\":\"ok\",\"instance\":\"sample.7\"}\n"},
    {"GET /metrics",        "HTTP/1.1 200 ", "\nprocess_resident_memory_bytes "                       },
    {"GET /metrics",        "HTTP/1.1 200 ", "\nprocess_cpu_seconds_total "                           },
    {"GET /metrics",        "HTTP/1.1 200 ", "\nprocess_open_fds "                                    },
    {"GET /metrics",        "HTTP/1.1 200 ", "\ntessera_uptime_seconds "                              },
    {"GET /metrics",        "HTTP/1.1 200 ", "\ntessera_loop_lag_seconds_count "                      },
    {"GET /metrics",        "HTTP/1.1 200 ", "Content-Type: text/plain; version=0.0.4"                },
    {"GET /status",         "HTTP/1.1 200 ", "{\"children\":[]}"                                      },
    {"GET /health?verbose", "HTTP/1.1 200 ", "\"status\":\"ok\""                                      },
    {"GET /nothing",        "HTTP/1.1 404 ", "not found"                                              },
    {"POST /health",        "HTTP/1.1 404 ", "not found"                                              },
    {"GET /health/",        "HTTP/1.1 404 ", "not found"                                              },
};

START_TEST(answers)
{
    struct life life = begin();
    auto_str struct str out = STR_EMPTY;

    for (size_t i = 0; i < ARRAY_LEN(http_cases); i++) {
        const struct http_case *c = &http_cases[i];

        request(life.port, c->line, &out);
        ck_assert_msg(strncmp(str_text(&out), c->status, strlen(c->status)) == 0 && strstr(str_text(&out), c->expected), "%s: %s",
                      c->line, str_text(&out));
    }
    kill(life.pid, SIGTERM);
    await(&life, "stopped\n");
    await(&life, "\"event\":\"service.end\"");
    ck_assert_int_eq(finish(&life), 0);
}
END_TEST

/* More connections than it takes, several times: afterwards it answers at once. */
START_TEST(survives_its_connection_limit)
{
    struct life life = begin();
    auto_str struct str out = STR_EMPTY;
    int idle[150]; /* beyond the limit they wait in the kernel, which holds some more */
    int64_t from = clock_mono_us(), pace;

    for (int i = 0; i < 5; i++)
        request(life.port, "GET /health", &out);
    pace = clock_mono_us() - from;
    from = clock_mono_us();
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < ARRAY_LEN(idle); i++)
            idle[i] = open_connection(life.port);
        usleep(20000);
        for (size_t i = 0; i < ARRAY_LEN(idle); i++)
            close(idle[i]);
        request(life.port, "GET /health", &out);
        ck_assert_msg(strstr(str_text(&out), " 200 "), "%s", str_text(&out));
    }
    ck_assert_int_lt(clock_mono_us() - from, 5000000 + 100 * pace);
    kill(life.pid, SIGTERM);
    ck_assert_int_eq(finish(&life), 0);
}
END_TEST

START_TEST(says_why_it_is_not_ready)
{
    struct life life;
    auto_str struct str out = STR_EMPTY;

    well = false;
    life = begin();
    request(life.port, "GET /health", &out);
    ck_assert_ptr_nonnull(strstr(str_text(&out), "HTTP/1.1 503 "));
    ck_assert_ptr_nonnull(
        strstr(str_text(&out), "{\"status\":\"unavailable\",\"instance\":\"sample.7\",\"why\":\"the \\\"disk\\\" is full\"}\n"));
    kill(life.pid, SIGINT);
    ck_assert_int_eq(finish(&life), 0);
}
END_TEST

START_TEST(drains_no_longer_than_allowed)
{
    struct life life;
    auto_str struct str out = STR_EMPTY;

    busy = true;
    life = begin();
    kill(life.pid, SIGTERM);
    await(&life, "\"event\":\"service.drain\"");
    request(life.port, "GET /health", &out);
    ck_assert_ptr_nonnull(strstr(str_text(&out), "\"why\":\"stopping\""));
    await(&life, "\"event\":\"service.undrained\"");
    await(&life, "stopped\n");
    ck_assert_int_eq(finish(&life), 0);
}
END_TEST

START_TEST(second_signal_ends_at_once)
{
    struct life life;

    busy = true;
    life = begin();
    kill(life.pid, SIGTERM);
    await(&life, "\"event\":\"service.drain\"");
    kill(life.pid, SIGTERM);
    ck_assert_int_eq(finish(&life), 1);
}
END_TEST

static void run_again(void *port)
{
    char *argv[] = {(char[]){"tessera-sample"}, NULL};

    clearenv();
    setenv("TESSERA_MANAGEMENT_PORT", port, 1);
    exit(service_main(1, argv, &sample));
}

/* A port in use is named; the process ends with the status that makes a supervisor try again. */
START_TEST(port_in_use)
{
    struct life life = begin();
    auto_str struct str out = STR_EMPTY;
    auto_free char *port = xasprintf("%d", life.port);

    ck_assert_int_eq(capture(run_again, port, &out), 70);
    ck_assert_msg(strstr(str_text(&out), "\"event\":\"management.listen\"") && strstr(str_text(&out), "Address already in use"),
                  "%s", str_text(&out));
    kill(life.pid, SIGTERM);
    ck_assert_int_eq(finish(&life), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("service");
    TCase *tcase = tcase_create("service");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, options, 0, ARRAY_LEN(option_cases));
    tcase_add_test(tcase, answers);
    tcase_add_test(tcase, survives_its_connection_limit);
    tcase_add_test(tcase, says_why_it_is_not_ready);
    tcase_add_test(tcase, drains_no_longer_than_allowed);
    tcase_add_test(tcase, second_signal_ends_at_once);
    tcase_add_test(tcase, port_in_use);
    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 120);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
