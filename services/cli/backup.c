/* The copy is one moment of the database: a reader beside the writer, which goes on meanwhile. */
#include "backup.h"

#include "place.h"
#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

enum { PAGES_A_STEP = 256, BUSY_MS = 5000, BLOCK = 65536 };

volatile int backup_stopped;

static void on_signal(int number)
{
    (void)number;
    backup_stopped = 1;
}

void backup_catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void backup_print(FILE *out, const char *what, const char *path, const struct archive *a)
{
    char size[32];

    place_size(size, sizeof size, a->bytes);
    fprintf(out, "%s %s: %lld resources of %s (%s), %s, schema %d\n", what, path, (long long)a->resources,
            *a->cse_id ? a->cse_id : "an empty CSE", *a->cse_name ? a->cse_name : "-", size, a->schema);
}

/* The database, to be read at one moment: the transaction lasts until it is closed. */
static sqlite3 *open_source(const char *path, char *why, size_t why_size)
{
    sqlite3 *db = NULL;

    if (access(path, R_OK) < 0) {
        snprintf(why, why_size, "%s: %s; the state directory is named by TESSERA_STATE_DIR", path, strerror(errno));
        return NULL;
    }
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK && sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK &&
        sqlite3_exec(db, "PRAGMA query_only=1; BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK)
        return db;
    snprintf(why, why_size, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_close_v2(db);
    return NULL;
}

static int copy_pages(sqlite3 *source, sqlite3 *target, char *why, size_t why_size)
{
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", source, "main");
    struct progress progress;
    int code = backup ? SQLITE_OK : SQLITE_ERROR;

    progress_start(&progress, "copying");
    while (code == SQLITE_OK && !backup_stopped) {
        code = sqlite3_backup_step(backup, PAGES_A_STEP);
        progress_set(&progress, sqlite3_backup_pagecount(backup) - sqlite3_backup_remaining(backup),
                     sqlite3_backup_pagecount(backup));
    }
    progress_end(&progress);
    if (backup)
        sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE)
        return 0;
    snprintf(why, why_size, "%s", backup_stopped ? "stopped" : sqlite3_errmsg(target));
    return -1;
}

/* A finished, sealed backup in the new file `path`. 0, or -1 with `why`. */
static int make(const char *database, const char *path, struct archive *a, char *why, size_t why_size)
{
    sqlite3 *source = open_source(database, why, why_size), *target = NULL;
    auto_free char *folder = place_folder(path);
    int result = source ? archive_describe(a, source, why, why_size) : -1;

    if (result == 0 && place_free(folder) >= 0 && place_free(folder) < a->bytes) {
        char needed[32], free_there[32];

        place_size(needed, sizeof needed, a->bytes);
        place_size(free_there, sizeof free_there, place_free(folder));
        snprintf(why, why_size, "%s: only %s free, %s needed", folder, free_there, needed);
        result = -1;
    }
    if (result == 0 && sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK) {
        snprintf(why, why_size, "%s: %s", path, sqlite3_errmsg(target));
        result = -1;
    }
    if (result == 0) {
        sqlite3_exec(target, "PRAGMA synchronous=OFF", NULL, NULL, NULL); /* it is written to the disk as a whole in the end */
        result = copy_pages(source, target, why, why_size);
    }
    sqlite3_close_v2(target);
    sqlite3_close_v2(source);
    return result < 0 ? -1 : archive_seal(path, a, why, why_size);
}

/* To standard output. 0, or -1 with errno. */
static int send_file(const char *path)
{
    auto_free char *block = xmalloc(BLOCK);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    while (fd >= 0 && (n = read(fd, block, BLOCK)) > 0) {
        for (ssize_t at = 0, written; at < n; at += written) {
            written = write(STDOUT_FILENO, block + at, (size_t)(n - at));
            if (written < 0) {
                close(fd);
                return -1;
            }
        }
    }
    if (fd >= 0)
        close(fd);
    return n == 0 ? 0 : -1;
}

static int fail(const char *why)
{
    fprintf(stderr, "tessera backup: %s\n", why);
    return EXIT_REFUSED;
}

static void remove_part(const char *part)
{
    auto_free char *journal = xasprintf("%s-journal", part);

    unlink(part);
    unlink(journal);
}

int backup_make(const struct args *args)
{
    const char *path = args->words[0];
    bool piped = strcmp(path, "-") == 0;
    auto_free char *tenants = place_tenants();
    auto_free char *database = xasprintf("%s/main.db", tenants);
    auto_free char *part =
        piped ? xasprintf("%s/main.db.backup-%d", tenants, (int)getpid()) : xasprintf("%s.part-%d", path, (int)getpid());
    struct archive archive = {0};
    char why[512] = "";
    int status = EXIT_OK;

    if (piped && isatty(STDOUT_FILENO))
        return fail("not to a terminal: tessera backup - > FILE");
    if (!piped && access(path, F_OK) == 0) {
        fprintf(stderr, "tessera backup: %s: there is such a file; nothing is overwritten\n", path);
        return EXIT_REFUSED;
    }
    backup_catch_signals();
    umask(077); /* what it holds is for the owner only */
    remove_part(part);
    if (make(database, part, &archive, why, sizeof why) < 0)
        status = fail(why);
    else if (piped ? send_file(part) < 0 : place_rename(part, path, true) < 0)
        status = fail(strerror(errno));
    remove_part(part);
    if (status == EXIT_OK)
        backup_print(piped ? stderr : stdout, "backup", piped ? "written" : path, &archive);
    return status;
}
