/* Statements by name, on whatever engine. */
#include "db.h"
#include "mem.h"

#include <stdarg.h>

struct db *db_open(const struct engine *engine, const char *where, enum engine_role role, int cache, char *why, size_t why_size)
{
    struct engine_connection *connection = engine->open(where, role, cache, why, why_size);
    struct db *db;

    if (!connection)
        return NULL;
    db = xcalloc(1, sizeof *db);
    db->engine = engine;
    db->connection = connection;
    if (role == ENGINE_WRITER && db_migrate(db, where, why, why_size) < 0) {
        db_close(db);
        return NULL;
    }
    return db;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < SQL_COUNT; i++)
        db->engine->finalize(db->statements[i]);
    db->engine->close(db->connection);
    free(db);
}

static struct engine_statement *bound(struct db *db, enum sql sql, const char *format, va_list args)
{
    const struct engine *engine = db->engine;
    struct engine_statement *s = db->statements[sql];
    const char *text;
    struct slice slice;
    int64_t number;

    if (!s)
        s = db->statements[sql] = engine->prepare(db->connection, sql_texts[sql]);
    if (!s)
        return NULL;
    for (int column = 1; *format; column++, format++) {
        switch (*format) {
        case 'i':
            engine->bind_int(s, column, va_arg(args, int64_t));
            continue;
        case 'e':
            number = va_arg(args, int64_t);
            if (number == NEVER)
                engine->bind_null(s, column);
            else
                engine->bind_int(s, column, number);
            continue;
        case 't':
            text = va_arg(args, const char *);
            slice = (struct slice){text, text ? strlen(text) : 0};
            break;
        default:
            slice = va_arg(args, struct slice);
            break;
        }
        if (slice.p)
            engine->bind_text(s, column, slice.p, slice.n);
        else
            engine->bind_null(s, column);
    }
    return s;
}

int db_run(struct db *db, enum sql sql, const char *format, ...)
{
    struct engine_statement *s;
    va_list args;
    int result;

    va_start(args, format);
    s = bound(db, sql, format, args);
    va_end(args);
    if (!s)
        return -1;
    while ((result = db->engine->step(s)) > 0)
        ;
    if (result == 0)
        db->rows += db->engine->changes(db->connection);
    db_end(db, sql);
    return result;
}

int db_ask(struct db *db, enum sql sql, const char *format, ...)
{
    struct engine_statement *s;
    va_list args;

    va_start(args, format);
    s = bound(db, sql, format, args);
    va_end(args);
    return s ? db->engine->step(s) : -1;
}

int db_next(struct db *db, enum sql sql)
{
    return db->engine->step(db->statements[sql]);
}

void db_end(struct db *db, enum sql sql)
{
    struct engine_statement *s = db->statements[sql];

    if (!s)
        return;
    db->work += db->engine->work(s);
    db->engine->reset(s);
}

bool db_null(struct db *db, enum sql sql, int column)
{
    return db->engine->is_null(db->statements[sql], column);
}

int64_t db_int(struct db *db, enum sql sql, int column)
{
    return db->engine->column_int(db->statements[sql], column);
}

int64_t db_int_or(struct db *db, enum sql sql, int column, int64_t otherwise)
{
    return db_null(db, sql, column) ? otherwise : db_int(db, sql, column);
}

struct slice db_slice(struct db *db, enum sql sql, int column)
{
    return db->engine->column_text(db->statements[sql], column);
}

const char *db_text(struct db *db, enum sql sql, int column)
{
    return db_slice(db, sql, column).p;
}

enum engine_fault db_fault(struct db *db, char *why, size_t why_size)
{
    snprintf(why, why_size, "%s: %s", db->engine->name, db->engine->error(db->connection));
    return db->engine->fault(db->connection);
}
