/* What lies on the disk: space, the database, secrets. */
#include "config.h"
#include "cse.h"
#include "doctor.h"
#include "place.h"
#include "version.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mem.h"

#define LITTLE INT64_C(100000000)
#define MUCH_LOG INT64_C(1000000000)
enum { BUSY_MS = 2000, LOW_PERCENT = 10 };

void check_disk(struct doctor *d)
{
    auto_free char *tenants = place_tenants();
    struct statvfs fs;
    char text[32];
    int64_t available;
    int percent;

    if (d->alone && access(tenants, F_OK) < 0)
        return; /* the data are elsewhere */
    if (statvfs(tenants, &fs) < 0) {
        doctor_say(d, d->report ? FINDING_FAIL : FINDING_WARN, "TESSERA_STATE_DIR names the directory of the installation",
                   "%s: %s", tenants, strerror(errno));
        return;
    }
    available = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    percent = fs.f_blocks ? (int)(fs.f_bavail * 100 / fs.f_blocks) : 100;
    place_size(text, sizeof text, available);
    if (available < LITTLE)
        doctor_say(d, FINDING_FAIL, "make room: without space nothing is stored any more", "%s: only %s free", tenants, text);
    else if (percent < LOW_PERCENT)
        doctor_say(d, FINDING_WARN, "make room, or have containers keep less (mni, mbs, mia)", "%s: %s free, %d %%", tenants,
                   text, percent);
    else
        doctor_say(d, FINDING_OK, NULL, "%s: %s free, %d %%", tenants, text, percent);
}

/* ---- the database ---- */

static bool ask(sqlite3 *db, const char *sql, char *out, size_t size)
{
    sqlite3_stmt *s = NULL;
    bool found = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;

    snprintf(out, size, "%s", found && sqlite3_column_text(s, 0) ? (const char *)sqlite3_column_text(s, 0) : "");
    sqlite3_finalize(s);
    return found;
}

static void judge_database(struct doctor *d, sqlite3 *db, const char *path)
{
    char version[32], id[256], size[32];
    auto_free char *log = xasprintf("%s-wal", path);
    struct stat st;
    bool newer, other, wrong;

    if (!ask(db, "PRAGMA user_version", version, sizeof version)) {
        doctor_say(d, FINDING_FAIL, "docs/backup.md has how to restore one", "%s: %s", path, sqlite3_errmsg(db));
        return;
    }
    newer = strtol(version, NULL, 10) > TESSERA_SCHEMA;
    other = ask(db, "SELECT ri FROM resources WHERE ty = 5", id, sizeof id) && strcmp(id, cse_ri()) != 0;
    wrong = newer || other;
    if (newer)
        doctor_say(d, FINDING_FAIL, "start the newer version, or restore a backup",
                   "made by a newer version: schema %s, this one knows %d", version, TESSERA_SCHEMA);
    if (other)
        doctor_say(d, FINDING_FAIL, "TESSERA_CSE_ID must be what it was when it was made",
                   "it is of the CSE /%s, the setting cse.id is %s", id, cse_id());
    if (stat(log, &st) == 0 && st.st_size > MUCH_LOG) {
        place_size(size, sizeof size, st.st_size);
        doctor_say(d, FINDING_WARN, "a backup or another long reader holds it up; it shrinks afterwards",
                   "its write-ahead log has %s", size);
    }
    if (!wrong && stat(path, &st) == 0) {
        place_size(size, sizeof size, st.st_size);
        doctor_say(d, FINDING_OK, NULL, "%s, schema %s", size, version);
    }
}

void check_database(struct doctor *d)
{
    auto_free char *tenants = place_tenants();
    auto_free char *path = xasprintf("%s/main.db", tenants);
    sqlite3 *db = NULL;

    if (access(path, R_OK) < 0) {
        if (d->report || errno != ENOENT)
            doctor_say(d, FINDING_FAIL,
                       errno == EACCES ? "it belongs to somebody else: run this as its owner, or by sudo"
                                       : "TESSERA_STATE_DIR names the directory of the installation",
                       "%s: %s", path, strerror(errno));
        return;
    }
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK && sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK &&
        sqlite3_exec(db, "PRAGMA query_only=1", NULL, NULL, NULL) == SQLITE_OK)
        judge_database(d, db, path);
    else
        doctor_say(d, FINDING_FAIL, "docs/backup.md has how to restore one", "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_close_v2(db);
}

/* ---- secrets ---- */

void check_secrets(struct doctor *d)
{
    auto_free char *state = place_state();
    auto_free char *secrets = xasprintf("%s/secrets", state);
    struct stat st;

    if (stat(secrets, &st) < 0)
        return;
    if (st.st_mode & 07)
        doctor_say(d, FINDING_WARN, "chmod 700 it", "%s can be read by everybody", secrets);
    else
        doctor_say(d, FINDING_OK, NULL, "%s is for its owner only", secrets);
}
