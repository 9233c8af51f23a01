/* What may go wrong: a full disk, other schema versions, a second instance; and what time does: expiry, pruning. */
#include "fixture.h"
#include "lock.h"

static void limit_pages(int64_t pages)
{
    auto_free char *sql = xasprintf("PRAGMA max_page_count=%lld", (long long)pages);

    ck_assert_int_eq(engine_sqlite.exec(store->db->connection, sql), 0);
}

START_TEST(full_disk)
{
    auto_free char *big = xmalloc(20001), *body = NULL;
    struct call calls[3];
    struct job *jobs[3];
    int64_t cni, events;

    memset(big, 'x', 20000);
    big[20000] = '\0';
    body = xasprintf("{\"con\":\"%s\"}", big);
    fixture_tree();
    append("cnt1", "", "{\"con\":1}");
    cni = attribute("cnt1", "cni");
    events = count_rows("outbox");
    limit_pages(1); /* the least it can: what is there */
    for (int i = 0; i < 3; i++) {
        call_make(&calls[i], JOB_APPEND, "\"key\":\"k\",\"pi\":\"cnt1\",\"ty\":4,\"cs\":20000", body);
        jobs[i] = &calls[i].job;
    }
    group_run(jobs, 3);
    ck_assert(report.failed);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(calls[i].job.answer.st, ST_FAILED);
        ck_assert_ptr_nonnull(strstr(calls[i].job.answer.head.data, "full"));
        call_done(&calls[i]);
    }
    ck_assert_int_eq(attribute("cnt1", "cni"), cni);
    ck_assert_int_eq(count_rows("outbox"), events);
    limit_pages(100000);
    ck_assert_int_eq(append("cnt1", "", body), ST_OK);
    ck_assert_int_eq(attribute("cnt1", "cni"), cni + 1);
    ck_assert_int_eq(attribute("cnt1", "st"), cni + 1);
    ck_assert(!store_chores(store, &report));
    ck_assert(!store->probe);
}
END_TEST

START_TEST(one_bad_request_fails_alone)
{
    struct call calls[3];
    struct job *jobs[3];

    fixture_tree();
    /* a row in the way, as no request can make one */
    ck_assert_int_eq(engine_sqlite.exec(store->db->connection,
                                        "INSERT INTO instances VALUES (60466177, 99, 1, 4, 0, NULL, 0, NULL, 0, '{}', NULL)"),
                     0);
    for (int i = 0; i < 3; i++) {
        call_make(&calls[i], JOB_APPEND, "\"pi\":\"cnt1\",\"ty\":4", "{\"con\":1}");
        jobs[i] = &calls[i].job;
    }
    group_run(jobs, 3);
    ck_assert_int_eq(attribute("cnt1", "cni"), 2);
    for (int i = 0, ok = 0; i < 3; i++) {
        ok += calls[i].job.answer.st == ST_OK;
        ck_assert(i < 2 || ok == 2);
        call_done(&calls[i]);
    }
}
END_TEST

static const char next_step[] = "ALTER TABLE pending ADD COLUMN tries INTEGER";
static const char bad_step[] = "CREATE TABLE extra (x INTEGER); CREATE TABLE meta (x INTEGER)";

static int newest_schema(void)
{
    int version = 0;

    while (engine_sqlite.schema[version])
        version++;
    return version;
}

static struct db *open_schema(const char *const *schema, char *why, size_t why_size)
{
    static struct engine other;

    other = engine_sqlite;
    other.schema = schema;
    return db_open(&other, fixture_file, ENGINE_WRITER, 1024, why, why_size);
}

/* A program that knows one step more. */
static struct db *open_with(const char *step, char *why, size_t why_size)
{
    static const char *schema[64];

    for (int i = 0; i < newest_schema(); i++)
        schema[i] = engine_sqlite.schema[i];
    schema[newest_schema()] = step;
    return open_schema(schema, why, why_size);
}

START_TEST(schema_versions)
{
    auto_free char *copy = NULL, *from = xasprintf("migration from version %d", newest_schema());
    char why[300] = "";
    struct db *db;

    fixture_tree();
    fixture_close();
    copy = xasprintf("%s.v%d", fixture_file, newest_schema());
    ck_assert_ptr_null(open_with(bad_step, why, sizeof why)); /* fails, and leaves all as it was */
    ck_assert_ptr_nonnull(strstr(why, from));
    fixture_open();
    ck_assert_int_eq(attribute("cnt1", "ty"), 3);
    fixture_close();
    db = open_with(next_step, why, sizeof why);
    ck_assert_msg(db != NULL, "%s", why);
    ck_assert_int_eq(engine_sqlite.schema_version(db->connection), newest_schema() + 1);
    ck_assert_int_eq(engine_sqlite.exec(db->connection, "SELECT tries FROM pending"), 0);
    db_close(db);
    ck_assert_int_eq(access(copy, R_OK), 0);
    ck_assert_ptr_null(db_open(&engine_sqlite, fixture_file, ENGINE_WRITER, 1024, why, sizeof why)); /* newer than the program */
    ck_assert_ptr_nonnull(strstr(why, "newer program"));
    ck_assert_int_eq(rename(copy, fixture_file), 0); /* the way back */
    fixture_open();
    ck_assert_int_eq(attribute("cnt1", "ty"), 3);
}
END_TEST

/* A database of the first version, and what was in it. */
START_TEST(first_schema)
{
    const char *const schema[] = {schema_sqlite[0], NULL};
    char why[300] = "";
    struct db *db;

    fixture_close();
    fixture_remove("");
    fixture_remove("-wal");
    fixture_remove("-shm");
    db = open_schema(schema, why, sizeof why);
    ck_assert_msg(db != NULL, "%s", why);
    ck_assert_int_eq(
        engine_sqlite.exec(db->connection,
                           "INSERT INTO resources VALUES (1, 'id-in', '', 5, 'cse-in', 1, 0, 0, NULL, 0, 0, 0, 0, "
                           "NULL, NULL, '{\"rn\":\"cse-in\"}');"
                           "INSERT INTO resources VALUES (2, 'cnt1', 'id-in', 3, 'cse-in/c', 2, 0, 0, NULL, 1, 1, 4, "
                           "0, 'Cae', NULL, '{\"rn\":\"c\"}');"
                           "INSERT INTO instances VALUES (1000, 2, 1, 4, 0, NULL, 4, 'x', 0, '{\"con\":7}')"),
        0);
    db_close(db);
    fixture_open();
    ck_assert_int_eq(attribute("cse-in/c", "cni"), 1);
    ck_assert_int_eq(attribute("cse-in/c/x", "con"), 7);
    ck_assert_int_eq(append("cnt1", "", "{\"con\":8}"), ST_OK);
    ck_assert_int_eq(attribute("cse-in/c", "cbs"), 8);
}
END_TEST

START_TEST(not_a_database)
{
    char why[300] = "";
    FILE *f;

    fixture_close();
    fixture_remove("-wal");
    f = fopen(fixture_file, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database ", f);
    fclose(f);
    ck_assert_ptr_null(db_open(&engine_sqlite, fixture_file, ENGINE_WRITER, 1024, why, sizeof why));
    ck_assert_ptr_nonnull(strstr(why, "not a database"));
    fixture_remove("");
    fixture_open();
}
END_TEST

START_TEST(one_owner)
{
    auto_free char *path = xasprintf("%s.lock", fixture_file);
    int first = lock_open(path), second = lock_open(path);

    ck_assert_int_ge(first, 0);
    ck_assert(lock_try(first));
    ck_assert(!lock_try(second));
    lock_close(first);
    ck_assert(lock_try(second));
    lock_close(second);
}
END_TEST

static int sweep(int64_t at, int most)
{
    struct call c;
    struct job *jobs[] = {&c.job};
    const char *count;
    int swept;

    call_make(&c, JOB_SWEEP, "", "");
    c.job.origin.at = at;
    c.job.sweep = most;
    group_run(jobs, 1);
    ck_assert_int_eq(c.job.answer.st, ST_OK);
    count = strstr(c.job.answer.head.data, "\"swept\":");
    swept = (int)strtol(count + 8, NULL, 10);
    call_done(&c);
    return swept;
}

START_TEST(expiry)
{
    auto_free char *text = NULL;

    fixture_tree();
    create(3, "cnt2", "Cae", "cse-in/ae/short", "\"et\":\"20261121T030000\"");
    create(3, "cnt3", "cnt2", "cse-in/ae/short/below", "\"et\":\"20261121T040000\"");
    for (int i = 0; i < 10; i++)
        append("cnt1", "\"et\":1795226500000", "{\"con\":1}");
    append("cnt1", "", "{\"con\":1}");
    append("cnt3", "\"et\":1795226500000", "{\"con\":1,\"lbl\":[\"x\"]}");
    ck_assert_int_eq(sweep(1795226400000, 64), 0);
    ck_assert_int_eq(sweep(1795226500000, 4), 4);
    ck_assert_int_eq(sweep(1795226500000, 64), 7);
    text = event(1);
    ck_assert_ptr_nonnull(strstr(text, ".delete."));
    ck_assert_ptr_nonnull(strstr(text, "\"fr\":\"/id-in\""));
    ck_assert_int_eq(attribute("cnt1", "cni"), 1);
    ck_assert_int_eq(sweep(1795237200000, 64), 1); /* with what is below */
    ck_assert_int_eq(count_rows("resources"), 3);
    ck_assert_int_eq(count_rows("instances"), 1);
    ck_assert_int_eq(count_rows("labels"), 0);
}
END_TEST

START_TEST(answers_are_pruned)
{
    int64_t later = INT64_C(4000000000000);
    bool more;

    fixture_tree();
    for (int i = 0; i < 5; i++)
        append("cnt1", "\"key\":\"k\"", "{\"con\":1}");
    ck_assert_int_eq(count_rows("answers"), 5);
    ck_assert_int_eq(answers_prune(store, later, 3, &more), 0);
    ck_assert(more);
    ck_assert_int_eq(count_rows("answers"), 2);
    ck_assert_int_eq(answers_prune(store, later, 3, &more), 0);
    ck_assert(!more);
    ck_assert_int_eq(count_rows("answers"), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("failure");

    tcase_add_test(tcase, full_disk);
    tcase_add_test(tcase, one_bad_request_fails_alone);
    tcase_add_test(tcase, schema_versions);
    tcase_add_test(tcase, first_schema);
    tcase_add_test(tcase, not_a_database);
    tcase_add_test(tcase, one_owner);
    tcase_add_test(tcase, expiry);
    tcase_add_test(tcase, answers_are_pruned);
    return suite_run(tcase);
}
