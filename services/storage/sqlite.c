/* SQLite as an engine: WAL, synchronous=FULL, one writer, readers beside it. */
#include "engine.h"
#include "mem.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

/* The log is folded back into the database between two groups of commits, never within one: that is where the p99 lives. */
#define FOLD_PAGES 1000
#define FOLD_PAGES_IDLE 100

struct engine_connection {
    sqlite3 *db;
    int log_pages;
    enum engine_fault fault;
};

struct engine_statement {
    sqlite3_stmt *stmt;
    struct engine_connection *connection;
};

static int on_log(void *context, sqlite3 *db, const char *name, int pages)
{
    struct engine_connection *c = context;

    (void)db;
    (void)name;
    c->log_pages = pages;
    return SQLITE_OK;
}

/* Remembers how bad a failure is. */
static int note(struct engine_connection *c, int code)
{
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        c->fault = ENGINE_REQUEST;
        return -1;
    default:
        c->fault = ENGINE_STORE;
        return -1;
    }
}

static int exec(struct engine_connection *c, const char *sql)
{
    return note(c, sqlite3_exec(c->db, sql, NULL, NULL, NULL));
}

static void close_connection(struct engine_connection *c)
{
    if (!c)
        return;
    sqlite3_close_v2(c->db);
    free(c);
}

static struct engine_connection *open_connection(const char *where, enum engine_role role, int cache, char *why, size_t why_size)
{
    struct engine_connection *c = xcalloc(1, sizeof *c);
    int code = sqlite3_open_v2(where, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    char pragmas[400];

    snprintf(pragmas, sizeof pragmas,
             "PRAGMA busy_timeout=5000; PRAGMA cache_size=-%d; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
             "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY;"
             "PRAGMA foreign_keys=OFF; PRAGMA query_only=%d;",
             cache, role == ENGINE_READER);
    if (code != SQLITE_OK || exec(c, pragmas) < 0) {
        snprintf(why, why_size, "%s: %s", where, sqlite3_errmsg(c->db));
        close_connection(c);
        return NULL;
    }
    sqlite3_wal_hook(c->db, on_log, c);
    return c;
}

static int begin(struct engine_connection *c)
{
    return exec(c, "BEGIN IMMEDIATE");
}

static int commit(struct engine_connection *c)
{
    return exec(c, "COMMIT");
}

static void rollback(struct engine_connection *c)
{
    enum engine_fault fault = c->fault;

    if (!sqlite3_get_autocommit(c->db)) /* some errors have rolled back already */
        exec(c, "ROLLBACK");
    c->fault = fault;
}

static struct engine_statement *prepare(struct engine_connection *c, const char *sql)
{
    struct engine_statement *s;
    sqlite3_stmt *stmt;

    if (note(c, sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL)) < 0)
        return NULL;
    s = xmalloc(sizeof *s);
    s->stmt = stmt;
    s->connection = c;
    return s;
}

static void finalize(struct engine_statement *s)
{
    if (!s)
        return;
    sqlite3_finalize(s->stmt);
    free(s);
}

static void bind_int(struct engine_statement *s, int column, int64_t value)
{
    note(s->connection, sqlite3_bind_int64(s->stmt, column, value));
}

static void bind_text(struct engine_statement *s, int column, const char *text, size_t len)
{
    note(s->connection, sqlite3_bind_text64(s->stmt, column, text, len, SQLITE_STATIC, SQLITE_UTF8));
}

static void bind_null(struct engine_statement *s, int column)
{
    note(s->connection, sqlite3_bind_null(s->stmt, column));
}

static int step(struct engine_statement *s)
{
    int code = sqlite3_step(s->stmt);

    if (code == SQLITE_ROW)
        return 1;
    return note(s->connection, code);
}

static void reset(struct engine_statement *s)
{
    sqlite3_reset(s->stmt);
}

static bool is_null(struct engine_statement *s, int column)
{
    return sqlite3_column_type(s->stmt, column) == SQLITE_NULL;
}

static int64_t column_int(struct engine_statement *s, int column)
{
    return sqlite3_column_int64(s->stmt, column);
}

static struct slice column_text(struct engine_statement *s, int column)
{
    struct slice text = {(const char *)sqlite3_column_text(s->stmt, column), 0};

    text.n = text.p ? (size_t)sqlite3_column_bytes(s->stmt, column) : 0;
    return text;
}

static int64_t work(struct engine_statement *s)
{
    return sqlite3_stmt_status(s->stmt, SQLITE_STMTSTATUS_VM_STEP, 1);
}

static const char *error_text(struct engine_connection *c)
{
    return sqlite3_errmsg(c->db);
}

static enum engine_fault fault(struct engine_connection *c)
{
    enum engine_fault last = c->fault;

    c->fault = ENGINE_FINE;
    return last;
}

static int64_t changes(struct engine_connection *c)
{
    return sqlite3_changes64(c->db);
}

static int schema_version(struct engine_connection *c)
{
    struct engine_statement *s = prepare(c, "PRAGMA user_version");
    int version = s && step(s) == 1 ? (int)column_int(s, 0) : -1;

    finalize(s);
    return version;
}

static int schema_set(struct engine_connection *c, int version)
{
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA user_version=%d", version);
    return exec(c, sql);
}

static int backup(struct engine_connection *c, const char *where, int version)
{
    auto_free char *copy = xasprintf("%s.v%d", where, version);
    auto_free char *fresh = xasprintf("%s.part", copy);
    char *sql;
    int result;

    remove(fresh);
    sql = sqlite3_mprintf("VACUUM INTO %Q", fresh);
    result = exec(c, sql);
    sqlite3_free(sql);
    return result < 0 ? -1 : rename(fresh, copy);
}

static void tidy(struct engine_connection *c, bool idle)
{
    if (c->log_pages < (idle ? FOLD_PAGES_IDLE : FOLD_PAGES))
        return;
    c->log_pages = 0;
    sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static int64_t bytes(const char *where)
{
    auto_free char *log = xasprintf("%s-wal", where);
    struct stat st;
    int64_t sum = stat(where, &st) == 0 ? st.st_size : 0;

    return sum + (stat(log, &st) == 0 ? st.st_size : 0);
}

const struct engine engine_sqlite = {
    .name = "sqlite",
    .schema = schema_sqlite,
    .exclusive = true,
    .open = open_connection,
    .close = close_connection,
    .exec = exec,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .prepare = prepare,
    .finalize = finalize,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_null = bind_null,
    .step = step,
    .reset = reset,
    .is_null = is_null,
    .column_int = column_int,
    .column_text = column_text,
    .work = work,
    .error = error_text,
    .fault = fault,
    .changes = changes,
    .schema_version = schema_version,
    .schema_set = schema_set,
    .backup = backup,
    .tidy = tidy,
    .bytes = bytes,
};
