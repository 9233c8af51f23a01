#include "archive.h"

#include "clock.h"
#include "progress.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define MARK_LENGTH 33 /* 32 random digits and a colon, before the sum: nothing else in the file is like it */
#define SUM_LENGTH 64
#define BLOCK 1048576

static int fail(char *why, size_t why_size, const char *path, const char *what)
{
    snprintf(why, why_size, "%s: %s", path, what);
    return -1;
}

static sqlite3 *open_file(const char *path, bool writing, char *why, size_t why_size)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, writing ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, NULL);

    if (code == SQLITE_OK)
        return db;
    fail(why, why_size, path, sqlite3_errmsg(db));
    sqlite3_close_v2(db);
    return NULL;
}

static int exec(sqlite3 *db, const char *sql, const char *path, char *why, size_t why_size)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(why, why_size, path, sqlite3_errmsg(db));
}

/* The first column of the first row; false when there is none. */
static bool ask_text(sqlite3 *db, const char *sql, char *out, size_t size)
{
    sqlite3_stmt *s = NULL;
    bool found = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW &&
                 sqlite3_column_type(s, 0) != SQLITE_NULL;

    snprintf(out, size, "%s", found ? (const char *)sqlite3_column_text(s, 0) : "");
    sqlite3_finalize(s);
    return found;
}

static int64_t ask_int(sqlite3 *db, const char *sql)
{
    char text[32];

    return ask_text(db, sql, text, sizeof text) ? strtoll(text, NULL, 10) : -1;
}

int archive_describe(struct archive *a, sqlite3 *db, char *why, size_t why_size)
{
    char ri[255];

    a->schema = (int)ask_int(db, "PRAGMA user_version");
    a->bytes = ask_int(db, "PRAGMA page_count") * ask_int(db, "PRAGMA page_size");
    a->resources = ask_int(db, "SELECT (SELECT count(*) FROM resources) + (SELECT count(*) FROM instances)");
    if (a->schema < 1 || a->resources < 0) {
        snprintf(why, why_size, "no database of Tessera (%s)", sqlite3_errmsg(db));
        return -1;
    }
    a->cse_id[0] = '\0';
    if (ask_text(db, "SELECT ri FROM resources WHERE ty = 5", ri, sizeof ri))
        snprintf(a->cse_id, sizeof a->cse_id, "/%s", ri);
    ask_text(db, "SELECT path FROM resources WHERE ty = 5", a->cse_name, sizeof a->cse_name);
    return 0;
}

/* ---- the sum ---- */

/* The place of the sum behind the mark in the file, or -1. */
static off_t find_sum(int fd, const char *mark_text)
{
    char *block = xmalloc(BLOCK + MARK_LENGTH);
    off_t at = 0, found = -1;
    ssize_t n;

    while (found < 0 && (n = pread(fd, block, BLOCK + MARK_LENGTH, at)) > 0) {
        char *mark = memmem(block, (size_t)n, mark_text, MARK_LENGTH);

        if (mark)
            found = at + (mark - block) + (off_t)MARK_LENGTH;
        at += BLOCK;
    }
    free(block);
    return found;
}

/* The sum of the file, the SUM_LENGTH bytes at `hole` taken for zeros. */
static int sum_file(int fd, off_t hole, char out[SUM_LENGTH + 1], const char *what)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char *block = xmalloc(BLOCK), digest[EVP_MAX_MD_SIZE];
    struct progress progress;
    struct stat st;
    unsigned len = 0;
    off_t at = 0;
    ssize_t n = -1;

    progress_start(&progress, what);
    if (context && fstat(fd, &st) == 0 && EVP_DigestInit_ex(context, EVP_sha256(), NULL)) {
        while ((n = pread(fd, block, BLOCK, at)) > 0) {
            for (off_t i = 0; i < SUM_LENGTH; i++)
                if (hole + i >= at && hole + i < at + n)
                    block[hole + i - at] = '0';
            EVP_DigestUpdate(context, block, (size_t)n);
            at += n;
            progress_set(&progress, at, st.st_size);
        }
        EVP_DigestFinal_ex(context, digest, &len);
    }
    progress_end(&progress);
    EVP_MD_CTX_free(context);
    free(block);
    for (unsigned i = 0; i < len && 2 * i < SUM_LENGTH; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return n == 0 && 2 * len == SUM_LENGTH ? 0 : -1;
}

static int write_sum(const char *path, const char *mark, char *why, size_t why_size)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    off_t hole = fd < 0 ? -1 : find_sum(fd, mark);
    char sum[SUM_LENGTH + 1];
    int result = -1;

    if (hole >= 0 && sum_file(fd, hole, sum, "summing") == 0 && pwrite(fd, sum, SUM_LENGTH, hole) == SUM_LENGTH && fsync(fd) == 0)
        result = 0;
    else
        fail(why, why_size, path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return result;
}

static int check_sum(const char *path, const char *name, const char *mark, char *why, size_t why_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t hole = fd < 0 ? -1 : find_sum(fd, mark);
    char sum[SUM_LENGTH + 1] = "", kept[SUM_LENGTH + 1] = "";
    bool same = hole >= 0 && pread(fd, kept, SUM_LENGTH, hole) == SUM_LENGTH && sum_file(fd, hole, sum, "checking") == 0 &&
                strcmp(sum, kept) == 0;

    if (fd >= 0)
        close(fd);
    return same ? 0 : fail(why, why_size, name, "damaged: its SHA-256 is not the one that it was made with");
}

/* ---- seal, verify ---- */

int archive_seal(const char *path, struct archive *a, char *why, size_t why_size)
{
    sqlite3 *db = open_file(path, true, why, why_size);
    char mark[MARK_LENGTH + 1];
    char *sql;
    int result;

    if (!db)
        return -1;
    ask_text(db, "SELECT lower(hex(randomblob(16))) || ':'", mark, sizeof mark);
    clock_format(clock_now_ms(), a->made);
    snprintf(a->version, sizeof a->version, "%s", TESSERA_VERSION);
    sql = sqlite3_mprintf(
        "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF; BEGIN;"
        "CREATE TABLE backup (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
        "INSERT INTO backup VALUES ('version', %Q), ('schema', %d), ('cse.id', %Q), ('cse.name', %Q), ('made', %Q),"
        " ('resources', %lld), ('sum', '%s%0*d'); COMMIT;",
        a->version, a->schema, a->cse_id, a->cse_name, a->made, (long long)a->resources, mark, SUM_LENGTH, 0);
    result = exec(db, sql, path, why, why_size);
    if (result == 0)
        archive_describe(a, db, why, why_size); /* it is a page longer now */
    sqlite3_free(sql);
    sqlite3_close_v2(db);
    return result < 0 ? -1 : write_sum(path, mark, why, why_size);
}

static int check_whole(sqlite3 *db, const char *name, char *why, size_t why_size)
{
    char said[256];

    if (ask_text(db, "PRAGMA integrity_check(1)", said, sizeof said) && strcmp(said, "ok") == 0)
        return 0;
    return fail(why, why_size, name, *said ? said : sqlite3_errmsg(db));
}

int archive_verify(const char *path, const char *name, struct archive *a, char *why, size_t why_size)
{
    sqlite3 *db = open_file(path, false, why, why_size);
    char sum[128];
    int result = -1;

    *a = (struct archive){0};
    if (!db)
        return -1;
    if (!ask_text(db, "SELECT value FROM backup WHERE name = 'sum'", sum, sizeof sum) || strlen(sum) != MARK_LENGTH + SUM_LENGTH)
        fail(why, why_size, name, "no backup made by `tessera backup`, or damaged");
    else if (check_sum(path, name, sum, why, why_size) == 0 && check_whole(db, name, why, why_size) == 0)
        result = archive_describe(a, db, why, why_size);
    ask_text(db, "SELECT value FROM backup WHERE name = 'version'", a->version, sizeof a->version);
    ask_text(db, "SELECT value FROM backup WHERE name = 'made'", a->made, sizeof a->made);
    sqlite3_close_v2(db);
    return result;
}

int archive_unseal(const char *path, char *why, size_t why_size)
{
    sqlite3 *db = open_file(path, true, why, why_size);
    int result = db ? exec(db, "PRAGMA journal_mode=DELETE; DROP TABLE backup", path, why, why_size) : -1;

    sqlite3_close_v2(db);
    return result;
}
