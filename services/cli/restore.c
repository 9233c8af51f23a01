/* A backup takes the place of a database that nobody uses. All is checked before anything is replaced. */
#include "backup.h"
#include "cse.h"
#include "place.h"
#include "progress.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum { BLOCK = 262144 };

static int fail(const char *why)
{
    fprintf(stderr, "tessera restore: %s\n", why);
    return EXIT_REFUSED;
}

/* The lock that a process of the installation holds while it lives; -1, with a message, when it does. Closed with the process. */
static int take_lock(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

    place_give(path);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (fd >= 0 && errno == EWOULDBLOCK)
        fprintf(
            stderr,
            "tessera restore: the installation runs (%s is locked); stop all of it first: make down, or docker compose stop\n",
            path);
    else
        fprintf(stderr, "tessera restore: %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Both: a supervisor whose storage is just being started again must not find half of it. */
static int take_locks(const char *tenants)
{
    auto_free char *state = place_state();
    auto_free char *supervisor = xasprintf("%s/run/supervisor.lock", state);
    auto_free char *storage = xasprintf("%s/main.lock", tenants);

    if (access(supervisor, F_OK) == 0 && take_lock(supervisor) < 0)
        return -1;
    return take_lock(storage);
}

static int write_block(int fd, const char *block, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t written = write(fd, block + at, n - at);

        if (written < 0)
            return errno;
        at += (size_t)written;
    }
    return 0;
}

/* Copies until the end. 0, or an errno; ECANCELED when it was stopped. */
static int copy(int in, int out, int64_t total)
{
    auto_free char *block = xmalloc(BLOCK);
    struct progress progress;
    int64_t done = 0;
    int error = 0;
    ssize_t n = 1;

    progress_start(&progress, "copying");
    while (!error && n > 0) {
        n = read(in, block, BLOCK);
        error = backup_stopped ? ECANCELED : n < 0 ? errno : write_block(out, block, (size_t)n);
        done += n;
        progress_set(&progress, done, total);
    }
    progress_end(&progress);
    return error;
}

/* Copies FILE, or standard input, into the new file. 0, or -1 with `why`. */
static int fetch(const char *from, const char *to, char *why, size_t why_size)
{
    auto_free char *folder = place_folder(to);
    int in = strcmp(from, "-") == 0 ? dup(STDIN_FILENO) : open(from, O_RDONLY | O_CLOEXEC);
    int error = in < 0 ? errno : 0;
    int out = error ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct stat st = {0};

    if (!error && out < 0)
        error = errno;
    if (!error && fstat(in, &st) == 0 && place_free(folder) >= 0 && st.st_size > place_free(folder))
        error = ENOSPC;
    if (!error)
        error = copy(in, out, st.st_size);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (error)
        snprintf(why, why_size, "%s: %s", in < 0 ? from : to, strerror(error));
    return error ? -1 : 0;
}

/* Is it for this installation? 0, or -1 with `why`, which says what to do. */
static int fits(const struct archive *a, char *why, size_t why_size)
{
    if (a->schema > TESSERA_SCHEMA) {
        snprintf(why, why_size, "made by version %s with schema %d, this program (%s) knows up to %d: install that version first",
                 a->version, a->schema, TESSERA_VERSION, TESSERA_SCHEMA);
        return -1;
    }
    if (*a->cse_id && (strcmp(a->cse_id, cse_id()) != 0 || strcmp(a->cse_name, cse_name()) != 0)) {
        snprintf(why, why_size,
                 "of another CSE: %s (%s), and this one is %s (%s); set TESSERA_CSE_ID=%s and TESSERA_CSE_NAME=%s here and for "
                 "the installation",
                 a->cse_id, a->cse_name, cse_id(), cse_name(), a->cse_id, a->cse_name);
        return -1;
    }
    return 0;
}

/* Does the database that is there hold anything that is not made again by itself? */
static bool is_empty(const char *database)
{
    struct archive a = {0};
    sqlite3 *db = NULL;
    char why[256];
    bool empty = access(database, F_OK) < 0;

    if (!empty && sqlite3_open_v2(database, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        archive_describe(&a, db, why, sizeof why) == 0)
        empty = a.resources <= 1; /* the CSEBase */
    sqlite3_close_v2(db);
    return empty;
}

/* Gives what is there another name. 0, or -1 with errno. `aside` is that name. */
static int put_aside(const char *database, char *aside, size_t size)
{
    static const char *const parts[] = {"-wal", "-shm", ""};
    sqlite3 *db = NULL;
    char when[32];
    time_t now = time(NULL);
    struct tm tm;

    if (sqlite3_open_v2(database, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) /* what is in its log goes along */
        sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close_v2(db);
    strftime(when, sizeof when, "%Y%m%dT%H%M%S", gmtime_r(&now, &tm));
    snprintf(aside, size, "%s.before-%s", database, when);
    errno = EEXIST;
    if (access(aside, F_OK) == 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        auto_free char *from = xasprintf("%s%s", database, parts[i]);
        auto_free char *to = xasprintf("%s%s", aside, parts[i]);

        if (access(from, F_OK) == 0 && place_rename(from, to, true) < 0)
            return -1;
    }
    return 0;
}

/* The checked copy takes its place. */
static int replace(const char *fresh, const char *database)
{
    char aside[4200] = "";

    if (access(database, F_OK) == 0 && put_aside(database, aside, sizeof aside) < 0) {
        fprintf(stderr, "tessera restore: %s: %s\n", database, strerror(errno));
        return EXIT_REFUSED;
    }
    if (place_rename(fresh, database, true) < 0) {
        fprintf(stderr, "tessera restore: %s: %s\n", database, strerror(errno));
        return EXIT_REFUSED;
    }
    if (*aside)
        printf("the former database is kept: %s\n", aside);
    return EXIT_OK;
}

static int restore(const struct args *args, const char *tenants, const char *fresh)
{
    auto_free char *database = xasprintf("%s/main.db", tenants);
    struct archive archive;
    char why[2048] = "";

    if (!is_empty(database) && !args->option[OPTION_FORCE]) {
        fprintf(stderr, "tessera restore: %s holds data; --force keeps it aside and puts the backup in its place\n", database);
        return EXIT_REFUSED;
    }
    if (fetch(args->words[0], fresh, why, sizeof why) < 0 ||
        archive_verify(fresh, args->words[0], &archive, why, sizeof why) < 0 || fits(&archive, why, sizeof why) < 0 ||
        archive_unseal(fresh, why, sizeof why) < 0)
        return fail(why);
    place_give(fresh);
    if (place_sync(fresh) < 0)
        return fail(strerror(errno));
    if (backup_stopped)
        return fail("stopped");
    if (replace(fresh, database) != EXIT_OK)
        return EXIT_REFUSED;
    backup_print(stdout, "restored", database, &archive);
    printf("Start it: make up, or docker compose up -d --wait\n");
    return EXIT_OK;
}

int backup_restore(const struct args *args)
{
    auto_free char *tenants = place_tenants();
    auto_free char *fresh = xasprintf("%s/main.db.restore", tenants);
    auto_free char *journal = xasprintf("%s-journal", fresh);
    auto_free char *parent = place_folder(tenants);
    int status;

    backup_catch_signals();
    umask(077);
    if ((mkdir(parent, 0700) < 0 && errno != EEXIST) || (mkdir(tenants, 0700) < 0 && errno != EEXIST)) {
        fprintf(stderr, "tessera restore: %s: %s; the state directory is named by TESSERA_STATE_DIR\n", tenants, strerror(errno));
        return EXIT_REFUSED;
    }
    if (take_locks(tenants) < 0)
        return EXIT_REFUSED;
    unlink(fresh); /* of one that was killed */
    status = restore(args, tenants, fresh);
    unlink(fresh);
    unlink(journal);
    return status;
}
