/* The writer's thread: groups under load, bounds, memory that stays flat, and the end. */
#include "clock.h"
#include "fixture.h"
#include "loop.h"
#include "writer.h"

#define IN_FLIGHT 256
#define TOTAL 20000

static struct writer *writer;
static int submitted, answered, failed, groups, busy;

static void next(void);

static void on_done(struct job *job)
{
    struct call *c = job->context;

    answered++;
    failed += job->answer.st != ST_OK;
    call_done(c);
    free(c);
    next();
}

static struct call *new_call(enum job_kind kind, const char *head, const char *body)
{
    struct call *c = xmalloc(sizeof *c);

    call_make(c, kind, head, body);
    c->job.context = c;
    c->job.done = on_done;
    return c;
}

static void submit(enum job_kind kind, const char *head, const char *body)
{
    struct call *c = new_call(kind, head, body);

    if (writer_submit(writer, &c->job) == 0) {
        submitted++;
        return;
    }
    busy++;
    call_done(c);
    free(c);
}

static void next(void)
{
    auto_free char *head = NULL;

    if (answered == TOTAL)
        loop_stop();
    if (submitted == TOTAL)
        return;
    head = xasprintf("\"key\":\"http.1-5f3a9c-%d\",\"pi\":\"cnt1\",\"ty\":4,\"cs\":100,\"mni\":1000", submitted);
    submit(JOB_APPEND, head, "{\"cnf\":\"text/plain:0\",\"con\":\"01234567890123456789012345678901234567890123456789\"}");
}

static void on_group(const struct group_report *done, struct job *const *jobs, int count)
{
    (void)jobs;
    groups += count > 0;
    reader_learn(reader, done);
    if (done->outbox)
        writer_confirmed(writer, done->outbox);
}

static long resident_kib(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long size = 0, resident = 0;

    ck_assert_int_eq(fscanf(f, "%ld %ld", &size, &resident), 2);
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void begin(void)
{
    fixture_tree();
    writer = writer_start(store, on_group);
    store = NULL; /* the writer's now */
}

static void end(void)
{
    writer_stop(writer);
    reader_free(reader);
    fixture_open();
}

START_TEST(under_load)
{
    int64_t start;
    long before;
    double seconds;

    begin();
    before = resident_kib();
    start = clock_mono_us();
    for (int i = 0; i < IN_FLIGHT; i++)
        next();
    loop_run();
    seconds = (double)(clock_mono_us() - start) / 1e6;
    ck_assert_int_eq(failed, 0);
    ck_assert_int_eq(writer_waiting(writer), 0);
    ck_assert_int_lt(groups, TOTAL / 8); /* they were together in transactions */
    printf("%d appends in %.2f s, %.0f per second, %.1f in a group, %ld KiB before, %ld KiB after\n", TOTAL, seconds,
           TOTAL / seconds, (double)TOTAL / groups, before, resident_kib());
    end();
    ck_assert_int_eq(attribute("cnt1", "cni"), 1000);
    ck_assert_int_eq(attribute("cnt1", "st"), TOTAL);
    ck_assert_int_eq(count_rows("instances"), 1000);
}
END_TEST

START_TEST(too_many_are_turned_away)
{
    auto_str struct str why = STR_EMPTY;

    begin();
    submitted = TOTAL - WRITER_WAITING_MAX; /* next() has nothing to add */
    for (int i = 0; i < WRITER_WAITING_MAX; i++)
        submit(JOB_PING, "", "");
    submit(JOB_PING, "", "");
    ck_assert_int_eq(busy, 1);
    ck_assert(writer_healthy(writer, &why));
    end(); /* answers all */
    ck_assert_int_eq(answered, WRITER_WAITING_MAX);
    ck_assert_int_eq(failed, 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("writer");

    tcase_add_test(tcase, under_load);
    tcase_add_test(tcase, too_many_are_turned_away);
    return suite_run(tcase);
}
