/* A task in a process of its own: its answer, and what happens to one that takes too much. */
#include "worker.h"

#include "clock.h"
#include "loop.h"

#include <check.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

static struct seen {
    int rsc; /* 0: no answer */
    char *text;
} seen;

static void on_done(void *context, const struct task_answer *answer, const char *why)
{
    (void)context;
    seen.rsc = answer ? (int)answer->rsc : 0;
    seen.text = answer && answer->rsc == RSC_OK ? xstrndup(str_text(&answer->body), answer->body.len)
                                                : xstrdup(answer ? answer->why : why);
    loop_stop();
}

static const char *run(const char *verb, const char *body, int64_t time, int64_t memory)
{
    struct worker_limits limits = {time, memory};

    free(seen.text);
    seen = (struct seen){-1, NULL};
    ck_assert_int_eq(worker_start(verb, (struct slice){body, strlen(body)}, &limits, on_done, NULL), 0);
    loop_run();
    return seen.text;
}

#define MIB (1 << 20)
#define THING "{\"f\":5,\"t\":\"<urn:a> <urn:p> 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 .\"}"

START_TEST(answers)
{
    ck_assert_str_eq(run("match", "{\"smf\":[\"ASK {?s ?p 1}\"],\"sets\":[[" THING "]]}", 5000, 256 * MIB), "[true]");
    ck_assert_int_eq(seen.rsc, RSC_OK);
    ck_assert_str_eq(run("update", "{\"f\":5,\"t\":\"\",\"soe\":\"x\"}", 5000, 256 * MIB), "neither INSERT nor DELETE");
    ck_assert_int_eq(seen.rsc, RSC_INVALID_SPARQL_QUERY);
}
END_TEST

/* A larger answer than a pipe holds. */
START_TEST(large_answers)
{
    auto_str struct str body = STR_EMPTY;

    str_puts(&body, "{\"smf\":\"SELECT * {?s ?p ?o}\",\"set\":[{\"f\":5,\"t\":\"");
    for (int i = 0; i < 5000; i++)
        str_addf(&body, "<urn:%d> <urn:p> %d .", i, i);
    str_puts(&body, "\"}]}");
    run("query", str_text(&body), 30000, 1024 * (int64_t)MIB);
    ck_assert_msg(seen.rsc == RSC_OK && strlen(seen.text) > 500000, "%d %.200s", seen.rsc, seen.text);
}
END_TEST

#define PRODUCT                                                                                                                  \
    "{\"smf\":\"SELECT (COUNT(*) AS ?n) {?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p . ?q ?r ?s . ?t ?u "               \
    "?v}\",\"set\":[" THING "]}"

START_TEST(time_is_bounded)
{
    int64_t start = clock_mono_us();

    ck_assert_str_eq(run("query", PRODUCT, 300, 8192 * (int64_t)MIB), "it takes too long");
    ck_assert_int_eq(seen.rsc, 0);
    ck_assert_int_ge(clock_mono_us() - start, 300000);
}
END_TEST

START_TEST(memory_is_bounded)
{
    auto_str struct str body = STR_EMPTY;

    str_puts(&body, "{\"f\":5,\"t\":\"");
    for (int i = 0; i < 50000; i++)
        str_addf(&body, "<urn:%d> <urn:p> %d .", i, i);
    str_puts(&body, "\"}");
    run("check", str_text(&body), 3000, 4 * MIB);
    ck_assert_msg(seen.rsc == 0, "%d %s", seen.rsc, seen.text);
    run("check", str_text(&body), 60000, 512 * MIB);
    ck_assert_int_eq(seen.rsc, RSC_OK);
}
END_TEST

/* Deep texts end the worker at worst. */
START_TEST(depth_is_survived)
{
    auto_str struct str body = STR_EMPTY;

    str_puts(&body, "{\"smf\":\"ASK ");
    for (int i = 0; i < 200000; i++)
        str_putc(&body, '{');
    str_puts(&body, "\",\"set\":[]}");
    run("query", str_text(&body), 20000, 256 * MIB);
    ck_assert_msg(seen.rsc != RSC_OK, "%s", seen.text);
}
END_TEST

static int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

START_TEST(nothing_is_left)
{
    int before;

    run("check", THING, 5000, 256 * MIB);
    before = open_descriptors();
    for (int i = 0; i < 20; i++)
        run("check", THING, 5000, 256 * MIB);
    run("query", PRODUCT, 100, 256 * MIB);
    ck_assert_int_eq(open_descriptors(), before);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child */
}
END_TEST

/* Whatever a text refers to, nobody is asked for it and no file is read. */
START_TEST(nothing_is_fetched)
{
    static const char *const bodies[] = {
        "{\"f\":4,\"t\":\"<!DOCTYPE r [<!ENTITY x SYSTEM 'http://127.0.0.1:%d/'>]><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:e='urn:e#'><rdf:Description "
        "rdf:about='urn:a'><e:p>&x;</e:p></rdf:Description></rdf:RDF>\",\"soe\":\"INSERT DATA {}\"}",
        "{\"f\":4,\"t\":\"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:e='urn:e#'><rdf:Description "
        "rdf:about='urn:a'><e:p>before&x;</e:p></rdf:Description></rdf:RDF>\",\"soe\":\"INSERT DATA {}\"}",
        "{\"f\":4,\"t\":\"<!DOCTYPE r SYSTEM 'http://127.0.0.1:%d/'><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>\",\"soe\":\"INSERT DATA {}\"}",
        "{\"f\":5,\"t\":\"@prefix o: <http://www.w3.org/2002/07/owl#> . <urn:a> o:imports <http://127.0.0.1:%d/> "
        ".\",\"soe\":\"INSERT DATA {}\"}",
        "{\"f\":7,\"t\":\"{\\\"@context\\\":\\\"http://127.0.0.1:%d/\\\",\\\"@id\\\":\\\"urn:a\\\"}\",\"soe\":\"INSERT DATA "
        "{}\"}",
        "{\"f\":5,\"t\":\"\",\"soe\":\"LOAD <http://127.0.0.1:%d/>\"}",
        "{\"f\":5,\"t\":\"\",\"soe\":\"INSERT {?s ?p ?o} WHERE {SERVICE <http://127.0.0.1:%d/> {?s ?p ?o}}\"}",
    };
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    char hostname[256] = "";

    gethostname(hostname, sizeof hostname - 1);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(listener, 5), 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        auto_str struct str body = STR_EMPTY;
        const char *mark = strstr(bodies[i], "%d");

        str_add(&body, bodies[i], mark ? (size_t)(mark - bodies[i]) : strlen(bodies[i]));
        if (mark)
            str_addf(&body, "%d%s", ntohs(address.sin_port), mark + 2);
        run("update", str_text(&body), 10000, 256 * MIB);
        ck_assert_msg(!*hostname || !strstr(seen.text, hostname), "%s", seen.text);
        ck_assert_msg(accept(listener, NULL, NULL) < 0, "somebody came: %s", bodies[i]);
    }
    close(listener);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker");
    TCase *tcase = tcase_create("worker");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, answers);
    tcase_add_test(tcase, large_answers);
    tcase_add_test(tcase, time_is_bounded);
    tcase_add_test(tcase, memory_is_bounded);
    tcase_add_test(tcase, depth_is_survived);
    tcase_add_test(tcase, nothing_is_left);
    tcase_add_test(tcase, nothing_is_fetched);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
