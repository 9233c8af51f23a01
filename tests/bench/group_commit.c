/*
 * What the disk and SQLite allow at most: rows per second with 1, 8 and 64 rows in one durable transaction. Nothing else
 * happens here: no index but (parent, seq), no events. The storage service cannot be faster than this.
 */
#include "clock.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "mem.h"

#define SECONDS 1.0

static const char content[] =
    "{\"cnf\":\"text/plain:0\",\"con\":\"0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "01234567890123456789012345678901234567890123456789012345678901234567890123456789\"}";

static void must(sqlite3 *db, int code)
{
    if (code == SQLITE_OK || code == SQLITE_DONE)
        return;
    fprintf(stderr, "group_commit: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static double rows_per_second(sqlite3 *db, sqlite3_stmt *insert, int group, int64_t *id)
{
    int64_t start = clock_mono_us(), rows = 0;
    double seconds = 0;

    while (seconds < SECONDS) {
        must(db, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
        for (int i = 0; i < group; i++, rows++) {
            sqlite3_bind_int64(insert, 1, ++*id);
            sqlite3_bind_int64(insert, 2, *id % 100);
            sqlite3_bind_int64(insert, 3, *id / 100);
            sqlite3_bind_text(insert, 4, content, sizeof content - 1, SQLITE_STATIC);
            must(db, sqlite3_step(insert));
            sqlite3_reset(insert);
        }
        must(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
        seconds = (double)(clock_mono_us() - start) / 1e6;
    }
    return (double)rows / seconds;
}

int main(int argc, char **argv)
{
    static const int groups[] = {1, 8, 64};
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    auto_free char *directory = xasprintf("%s/tessera-bench-XXXXXX", argc > 1 ? argv[1] : "/tmp");
    auto_free char *file = NULL;
    sqlite3_stmt *insert;
    int64_t id = 0;
    sqlite3 *db;

    if (!mkdtemp(directory)) {
        perror(directory);
        return 1;
    }
    file = xasprintf("%s/bench.db", directory);
    must(NULL, sqlite3_open(file, &db));
    must(db, sqlite3_exec(db,
                          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                          "CREATE TABLE instances (id INTEGER PRIMARY KEY, parent INTEGER, seq INTEGER, a TEXT);"
                          "CREATE UNIQUE INDEX instances_seq ON instances (parent, seq);",
                          NULL, NULL, NULL));
    must(db, sqlite3_prepare_v2(db, "INSERT INTO instances VALUES (?, ?, ?, ?)", -1, &insert, NULL));
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        printf("group_commit rows_per_transaction=%d rows_per_second=%.0f\n", groups[i],
               rows_per_second(db, insert, groups[i], &id));
    sqlite3_finalize(insert);
    sqlite3_close(db);
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        auto_free char *path = xasprintf("%s%s", file, suffixes[i]);

        unlink(path);
    }
    rmdir(directory);
    return 0;
}
