/*
 * One connection with its statements, prepared on first use. Values follow a format: `i` an int64_t, `e` a time (NEVER = null),
 * `t` a C string (NULL = null), `s` a struct slice (NULL = null). What is bound must live until the statement ends.
 * -1 is always a failure of the database; db_failed() tells which and forgets it.
 */
#ifndef STORAGE_DB_H
#define STORAGE_DB_H

#include "engine.h"
#include "sql.h"

struct db {
    const struct engine *engine;
    struct engine_connection *connection;
    struct engine_statement *statements[SQL_COUNT];
    int64_t rows; /* changed since the owner set it to 0 */
    int64_t work; /* likewise: steps of the engine's machine */
};

/* Opens and, for the writer, migrates. NULL with `why`. */
struct db *db_open(const struct engine *engine, const char *where, enum engine_role role, int cache, char *why, size_t why_size);
void db_close(struct db *db);

int db_run(struct db *db, enum sql sql, const char *format, ...); /* to its end: 0, or -1 */
int db_ask(struct db *db, enum sql sql, const char *format, ...); /* 1 at the first row, 0 none, -1; then db_next, db_end */
int db_next(struct db *db, enum sql sql);                         /* likewise */
void db_end(struct db *db, enum sql sql);                         /* needed after each db_ask() */

bool db_null(struct db *db, enum sql sql, int column);
int64_t db_int(struct db *db, enum sql sql, int column);
int64_t db_int_or(struct db *db, enum sql sql, int column, int64_t otherwise); /* `otherwise` when null */
const char *db_text(struct db *db, enum sql sql, int column);                  /* NULL when null */
struct slice db_slice(struct db *db, enum sql sql, int column);

enum engine_fault db_fault(struct db *db, char *why, size_t why_size);

/* migrations.c: brings the schema up to date. 0, or -1 with `why` (also when it is newer than this program). */
int db_migrate(struct db *db, const char *where, char *why, size_t why_size);
#define NEVER INT64_MAX /* a time that does not come; null in the tables */

#endif
