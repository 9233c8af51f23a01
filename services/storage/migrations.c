/*
 * The schema, one step per version. A step that has been released is never edited: the next one changes what it made.
 * All missing steps run in one transaction; of a database that holds data a copy is kept first, FILE.vVERSION.
 */
#include "db.h"
#include "version.h"

#include "mem.h"

static const char initial[] =
    /* Marks of numbers given out: what was given out never comes again. */
    "CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"

    /* All resources but instances. `id` is what instances hang on; times are ms, et NULL = never. */
    "CREATE TABLE resources (id INTEGER PRIMARY KEY, ri TEXT NOT NULL, pi TEXT NOT NULL, ty INTEGER NOT NULL, path TEXT NOT NULL,"
    " v INTEGER NOT NULL, ct INTEGER NOT NULL, lt INTEGER NOT NULL, et INTEGER, st INTEGER NOT NULL, cni INTEGER NOT NULL,"
    " cbs INTEGER NOT NULL, subs INTEGER NOT NULL, creator TEXT, acpi TEXT, a TEXT NOT NULL);"
    "CREATE UNIQUE INDEX resources_ri ON resources (ri);"
    "CREATE UNIQUE INDEX resources_path ON resources (path);"
    "CREATE INDEX resources_pi ON resources (pi, ty);"
    "CREATE INDEX resources_ty ON resources (ty, path);"
    "CREATE INDEX resources_et ON resources (et) WHERE et IS NOT NULL;"
    /* AEs that discovery skips: few, so that looking for them costs next to nothing. */
    "CREATE INDEX resources_inactive ON resources (ty, path) WHERE ty = 2 AND json_extract(a, '$.regs') = 2;"

    /* contentInstances and their kin: `id` is the number in the ri, seq the order below the parent. Nothing here is ever updated.
     */
    "CREATE TABLE instances (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, seq INTEGER NOT NULL, ty INTEGER NOT NULL,"
    " ct INTEGER NOT NULL, et INTEGER, cs INTEGER NOT NULL, rn TEXT, labeled INTEGER NOT NULL, a TEXT NOT NULL);"
    "CREATE UNIQUE INDEX instances_seq ON instances (parent, seq);"
    "CREATE UNIQUE INDEX instances_rn ON instances (parent, rn) WHERE rn IS NOT NULL;"
    "CREATE INDEX instances_et ON instances (et, parent) WHERE et IS NOT NULL;"

    /* Labels in the order of a query's answer; seq 0 is the resource itself, others are instances below it. */
    "CREATE TABLE labels (label TEXT NOT NULL, path TEXT NOT NULL, seq INTEGER NOT NULL, id INTEGER NOT NULL,"
    " PRIMARY KEY (label, path, seq)) WITHOUT ROWID;"

    /* Numbers that would make a name which somebody has given already. */
    "CREATE TABLE taken (number INTEGER PRIMARY KEY);"
    "CREATE TABLE answers (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, text TEXT NOT NULL);"
    "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, text TEXT NOT NULL);"
    /* Former ids of containers whose instances are still to be purged. */
    "CREATE TABLE garbage (parent INTEGER PRIMARY KEY, path TEXT NOT NULL);"
    "CREATE TABLE pending (seq INTEGER PRIMARY KEY, lane TEXT NOT NULL, sub TEXT NOT NULL, at INTEGER NOT NULL, n TEXT NOT NULL);"
    "CREATE INDEX pending_lane ON pending (lane, seq);";

static const char what_services_keep[] =
    "CREATE TABLE kept (ri TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (ri, name)) WITHOUT ROWID;";

static const char more_instances[] =
    /* The root key of a representation, where the type alone does not say it: flexContainer, mgmtObj. */
    "ALTER TABLE resources ADD COLUMN key TEXT;"
    /* Of a timeSeriesInstance: its dataGenerationTime in microseconds, one of its kind in a timeSeries. */
    "ALTER TABLE instances ADD COLUMN dgt INTEGER;"
    "CREATE UNIQUE INDEX instances_dgt ON instances (parent, dgt) WHERE dgt IS NOT NULL;";

static const char names_are_given_back[] =
    /* How many have such a name. Of those from before nobody knows: they stay. */
    "ALTER TABLE taken ADD COLUMN count INTEGER NOT NULL DEFAULT 1073741824;";

const char *const schema_sqlite[] = {initial, what_services_keep, more_instances, names_are_given_back, NULL};
_Static_assert(ARRAY_LEN(schema_sqlite) == TESSERA_SCHEMA + 1, "TESSERA_SCHEMA counts the steps");

int db_migrate(struct db *db, const char *where, char *why, size_t why_size)
{
    const struct engine *engine = db->engine;
    int newest = 0, version = engine->schema_version(db->connection);

    while (engine->schema[newest])
        newest++;
    if (version == newest)
        return 0;
    if (version > newest) {
        snprintf(why, why_size,
                 "%s has schema version %d, this program knows up to %d: start a newer program, or restore a backup", where,
                 version, newest);
        return -1;
    }
    if (version > 0 && engine->backup(db->connection, where, version) < 0) {
        snprintf(why, why_size, "%s: no backup before the migration: %s", where, engine->error(db->connection));
        return -1;
    }
    if (version < 0 || engine->begin(db->connection) < 0)
        goto failed;
    for (int i = version; i < newest; i++)
        if (engine->exec(db->connection, engine->schema[i]) < 0)
            goto rollback;
    if (engine->schema_set(db->connection, newest) == 0 && engine->commit(db->connection) == 0)
        return 0;

rollback:
    snprintf(why, why_size, "%s: migration from version %d: %s", where, version, engine->error(db->connection));
    engine->rollback(db->connection);
    return -1;

failed:
    snprintf(why, why_size, "%s: %s", where, engine->error(db->connection));
    return -1;
}
