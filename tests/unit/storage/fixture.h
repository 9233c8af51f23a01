/* A database in a temporary directory, and requests to it as the bus would bring them. */
#ifndef TEST_STORAGE_FIXTURE_H
#define TEST_STORAGE_FIXTURE_H

#include "json.h"
#include "reader.h"

#include <check.h>
#include <unistd.h>

#include "mem.h"

#define AT INT64_C(1795226400000) /* 20261121T020000 */

static char fixture_dir[64];
static char fixture_file[96];
static struct store *store;
static struct reader *reader;
static struct group_report report;

/* One request with its answer. */
struct call {
    char *text;
    struct envelope e;
    struct job job;
};

static inline void fixture_open(void)
{
    struct store_options options = {.tenant = "main", .cse_id = "/id-in", .nodes = 256};
    char why[300] = "";
    struct db *db = db_open(&engine_sqlite, fixture_file, ENGINE_WRITER, 1024, why, sizeof why);

    ck_assert_msg(db != NULL, "%s", why);
    store = store_new(db, &options, why, sizeof why);
    ck_assert_msg(store != NULL, "%s", why);
    reader = reader_new(db_open(&engine_sqlite, fixture_file, ENGINE_READER, 1024, why, sizeof why), 256);
    ck_assert_msg(reader->db != NULL, "%s", why);
}

static inline void fixture_close(void)
{
    reader_free(reader);
    store_free(store);
    report_done(&report);
    report = (struct group_report){0};
    reader = NULL;
    store = NULL;
}

static inline void fixture_setup(void)
{
    snprintf(fixture_dir, sizeof fixture_dir, "/tmp/tessera-storage-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(fixture_dir));
    snprintf(fixture_file, sizeof fixture_file, "%s/main.db", fixture_dir);
    fixture_open();
}

static inline void fixture_remove(const char *suffix)
{
    auto_free char *path = xasprintf("%s%s", fixture_file, suffix);

    unlink(path);
}

static inline void fixture_teardown(void)
{
    fixture_close();
    fixture_remove("");
    fixture_remove("-wal");
    fixture_remove("-shm");
    for (int version = 1; version < 10; version++) {
        char suffix[16];

        snprintf(suffix, sizeof suffix, ".v%d", version);
        fixture_remove(suffix);
    }
    fixture_remove(".lock");
    rmdir(fixture_dir);
}

/* `head` are members without braces. */
static inline void call_make(struct call *c, enum job_kind kind, const char *head, const char *body)
{
    *c = (struct call){.text = xasprintf("{\"id\":\"x\"%s%s}\n%s\n", *head ? "," : "", head, body)};
    ck_assert_int_gt(envelope_parse(&c->e, c->text, strlen(c->text)), 0);
    if (job_decode(&c->job, kind, &c->e) < 0)
        ck_assert_int_eq(c->job.answer.st, ST_REFUSED);
}

static inline void call_done(struct call *c)
{
    job_done(&c->job);
    free(c->text);
}

static inline void group_run(struct job **jobs, int count)
{
    report_reset(&report);
    store_group(store, jobs, count, &report);
    reader_learn(reader, &report);
}

/* One request in a group of its own. The caller ends it. */
static inline enum answer_st call_run(struct call *c, enum job_kind kind, const char *head, const char *body)
{
    struct job *jobs[] = {&c->job};

    call_make(c, kind, head, body);
    if (c->job.answer.st == ST_OK)
        group_run(jobs, 1);
    return c->job.answer.st;
}

/* Likewise, when only the outcome counts. */
static inline enum answer_st run(enum job_kind kind, const char *head, const char *body)
{
    struct call c;
    enum answer_st st = call_run(&c, kind, head, body);

    call_done(&c);
    return st;
}

/* One operation as a commit. */
static inline enum answer_st commit(const char *op)
{
    auto_free char *body = xasprintf("{\"ops\":[%s]}", op);
    auto_free char *head = xasprintf("\"at\":%lld,\"fr\":\"Cae\",\"rqi\":\"r1\"", (long long)AT);

    return run(JOB_COMMIT, head, body);
}

static inline enum answer_st create(int ty, const char *ri, const char *pi, const char *path, const char *more)
{
    const char *rn = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    auto_free char *op =
        xasprintf("{\"op\":\"create\",\"r\":{\"ri\":\"%s\",\"pi\":\"%s\",\"ty\":%d,\"path\":\"%s\",\"by\":\"Cae\",\"a\":{"
                  "\"rn\":\"%s\",\"ty\":%d,\"ri\":\"%s\",\"pi\":\"%s\",\"ct\":\"20261121T020000,000\"%s%s}}}",
                  ri, pi, ty, path, rn, ty, ri, pi, *more ? "," : "", more);

    return commit(op);
}

/* cse-in / ae / c */
static inline void fixture_tree(void)
{
    ck_assert_int_eq(create(5, "id-in", "", "cse-in", ""), ST_OK);
    ck_assert_int_eq(create(2, "Cae", "id-in", "cse-in/ae", "\"et\":\"20301121T020000\",\"api\":\"N1\",\"rr\":true"), ST_OK);
    ck_assert_int_eq(create(3, "cnt1", "Cae", "cse-in/ae/c", "\"et\":\"20301121T020000\""), ST_OK);
}

static inline enum answer_st append(const char *pi, const char *more, const char *content)
{
    auto_free char *head =
        xasprintf("\"pi\":\"%s\",\"ty\":4,\"cs\":4,\"ct\":%lld%s%s", pi, (long long)AT, *more ? "," : "", more);

    return run(JOB_APPEND, head, content);
}

/* The record or representation of an address as the reader gives it; NULL when there is none. The caller owns it. */
static inline json_t *get(const char *to, enum virtual_child virt)
{
    struct answer a = {0};
    char why[100];
    json_t *rep = NULL;

    ck_assert_int_eq(records_get(reader, to, virt, (struct slice){NULL, 0}, &a), 0);
    if (a.st == ST_OK) {
        rep = json_parse(a.body.data, a.body.len, why, sizeof why);
        ck_assert_msg(rep != NULL, "%s: %s", why, a.body.data);
    }
    answer_done(&a);
    return rep;
}

static inline json_t *record(const char *address)
{
    json_auto_t *list = json_pack("[s]", address);
    struct answer a = {0};
    char why[100];
    json_t *records, *first;

    ck_assert_int_eq(records_list(reader, list, &a), 0);
    records = json_parse(a.body.data, a.body.len, why, sizeof why);
    ck_assert_msg(records != NULL, "%s: %s", why, a.body.data);
    first = json_incref(json_array_get(records, 0));
    json_decref(records);
    answer_done(&a);
    return first;
}

/* One member of what is stored at `address`: `a` is looked at. */
static inline int64_t attribute(const char *address, const char *name)
{
    json_auto_t *r = record(address);

    return json_int(json_object_get(r, "a"), name, -1);
}

static inline int64_t member(const char *address, const char *name)
{
    json_auto_t *r = record(address);

    return json_int(r, name, -1);
}

static inline int64_t count_rows(const char *table)
{
    auto_free char *sql = xasprintf("SELECT COUNT(*) FROM %s", table);
    struct engine_statement *s = engine_sqlite.prepare(store->db->connection, sql);
    int64_t count = engine_sqlite.step(s) == 1 ? engine_sqlite.column_int(s, 0) : -1;

    engine_sqlite.finalize(s);
    return count;
}

/* The n-th event from the end, 1 = the newest: its key and its two lines. The caller frees. */
static inline char *event(int from_end)
{
    auto_free char *sql =
        xasprintf("SELECT key || char(10) || text FROM outbox ORDER BY seq DESC LIMIT 1 OFFSET %d", from_end - 1);
    struct engine_statement *s = engine_sqlite.prepare(store->db->connection, sql);
    char *text = engine_sqlite.step(s) == 1 ? xstrdup(engine_sqlite.column_text(s, 0).p) : xstrdup("");

    engine_sqlite.finalize(s);
    return text;
}

static inline int suite_run(TCase *tcase)
{
    Suite *suite = suite_create("storage");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, fixture_setup, fixture_teardown);
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
