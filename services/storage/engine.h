/*
 * A database engine: a struct of functions, one file per implementation. It knows connections, statements and
 * transactions; what is kept and how is said once, in sql.c, in the SQL that all engines understand. Placeholders are `?`.
 *
 * A connection and its statements belong to one thread. Strings and columns borrow: a bound text must live until the
 * statement is reset, a column's until its next step.
 */
#ifndef STORAGE_ENGINE_H
#define STORAGE_ENGINE_H

#include "str.h"

enum engine_role { ENGINE_WRITER, ENGINE_READER };

/* What went wrong last on a connection. */
enum engine_fault {
    ENGINE_FINE,
    ENGINE_REQUEST, /* this statement with these values: others may go on */
    ENGINE_STORE,   /* the store itself: disk full, I/O, corruption, connection */
};

struct engine_connection;
struct engine_statement;

struct engine {
    const char *name;
    const char *const *schema; /* the migrations, NULL-terminated: entry n leads from version n to n + 1 */
    bool exclusive;            /* this process is the only one that writes: what it has read it may keep in memory */

    /* NULL with `why` filled in. `cache` is the page cache in KiB. */
    struct engine_connection *(*open)(const char *where, enum engine_role role, int cache, char *why, size_t why_size);
    void (*close)(struct engine_connection *c);

    int (*exec)(struct engine_connection *c, const char *sql); /* any number of statements without rows */
    int (*begin)(struct engine_connection *c);
    int (*commit)(struct engine_connection *c); /* durable when it returns 0 */
    void (*rollback)(struct engine_connection *c);

    struct engine_statement *(*prepare)(struct engine_connection *c, const char *sql);
    void (*finalize)(struct engine_statement *s);
    void (*bind_int)(struct engine_statement *s, int column, int64_t value); /* columns of values count from 1 */
    void (*bind_text)(struct engine_statement *s, int column, const char *text, size_t len);
    void (*bind_null)(struct engine_statement *s, int column);
    int (*step)(struct engine_statement *s); /* 1 a row, 0 no more, -1 failed */
    void (*reset)(struct engine_statement *s);
    bool (*is_null)(struct engine_statement *s, int column); /* columns of rows count from 0 */
    int64_t (*column_int)(struct engine_statement *s, int column);
    struct slice (*column_text)(struct engine_statement *s, int column); /* NUL-terminated; {NULL,0} when null */
    int64_t (*work)(struct engine_statement *s); /* a measure of the work since the last call, 0 when there is none */

    const char *(*error)(struct engine_connection *c);
    enum engine_fault (*fault)(struct engine_connection *c);
    int64_t (*changes)(struct engine_connection *c); /* rows changed by the last statement */

    int (*schema_version)(struct engine_connection *c); /* -1 when it cannot be read; 0 = empty */
    int (*schema_set)(struct engine_connection *c, int version);
    int (*backup)(struct engine_connection *c, const char *where, int version); /* a copy beside it, kept */

    void (*tidy)(struct engine_connection *c, bool idle); /* housekeeping between two groups of commits */
    int64_t (*bytes)(const char *where);                  /* on disk */
};

extern const struct engine engine_sqlite;
extern const char *const schema_sqlite[]; /* migrations.c */

#endif
