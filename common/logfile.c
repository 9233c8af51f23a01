#include "logfile.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define RETRY_US 10000000 /* a disk that is full now will be so for a while */
#define MODE 0640
#define BLOCK 65536

static char *own_path;
static int64_t own_size, retry_at; /* clock_mono_us() */
static int own_files;
static dev_t own_dev;
static ino_t own_ino;
static bool told; /* that it cannot be replaced */
static atomic_flag busy = ATOMIC_FLAG_INIT;

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

static char *numbered(const char *path, int number)
{
    return xasprintf("%s.%d", path, number);
}

/* PATH.1 becomes PATH.2 and so on; what is then too much goes, also if more were kept before. */
static void shift(const char *path, int files)
{
    bool more = true;

    for (int i = files - 1; more; i++) {
        auto_free char *old = numbered(path, i);

        more = unlink(old) == 0;
    }
    for (int i = files - 2; i >= 1; i--) {
        auto_free char *from = numbered(path, i);
        auto_free char *to = numbered(path, i + 1);

        (void)rename(from, to);
    }
}

/*
 * At no moment there is no PATH: who has just found that it is to be opened anew would make one. A rotation that was killed
 * half-way has left PATH and PATH.1 as two names of one file: it is completed.
 */
static int replace(const char *path, int files)
{
    auto_free char *fresh = xasprintf("%s.new", path);
    auto_free char *first = numbered(path, 1);
    struct stat now, former;
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);

    if (fd < 0)
        return -1;
    close(fd);
    if (stat(path, &now) < 0)
        goto undo;
    if (stat(first, &former) < 0 || !is_same(&now, &former)) {
        shift(path, files);
        if (link(path, first) < 0 && rename(path, first) < 0) /* some file systems have no links */
            goto undo;
    }
    if (rename(fresh, path) == 0)
        return 0;

undo:
    unlink(fresh);
    return -1;
}

/* Replaces PATH if it is still the one that was found too large. 0, or -1 with errno. */
static int rotate(const char *path, int64_t size, int files)
{
    struct stat locked, there;
    int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0, saved;

    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &locked) == 0 && stat(path, &there) == 0 && is_same(&locked, &there) &&
        there.st_size >= size)
        status = replace(path, files);
    saved = errno;
    close(fd);
    errno = saved;
    return status;
}

/* -1: it stays with what is open. */
static int take(void)
{
    struct stat st;
    int fd = open(own_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, MODE);

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0) {
        close(fd);
        return -1;
    }
    own_dev = st.st_dev;
    own_ino = st.st_ino;
    if (fd != STDOUT_FILENO && fd != STDERR_FILENO)
        close(fd);
    return 0;
}

static void fail(const char *what)
{
    retry_at = clock_mono_us() + RETRY_US;
    if (!told)
        log_warn("log.rotate", "path=%s why=%s: %m; it goes on in the file that is open, and tries again", own_path, what);
    told = true;
}

static void check(void)
{
    struct stat there;
    bool gone = stat(own_path, &there) < 0;

    if (!gone && there.st_ino == own_ino && there.st_dev == own_dev) {
        if (there.st_size < own_size || clock_mono_us() < retry_at)
            return;
        if (rotate(own_path, own_size, own_files) < 0) {
            fail("cannot be rotated");
            return;
        }
        told = false;
        if (stat(own_path, &there) == 0 && there.st_ino == own_ino && there.st_dev == own_dev)
            return; /* another is about to replace it */
    } else if (clock_mono_us() < retry_at) {
        return;
    }
    if (take() < 0)
        fail("cannot be opened");
}

void logfile_check(void)
{
    int saved = errno;

    if (!own_path || atomic_flag_test_and_set(&busy)) /* another thread does it, or we come from fail() */
        return;
    check();
    atomic_flag_clear(&busy);
    errno = saved;
}

void logfile_open(const char *path, int64_t size, int files)
{
    free(own_path);
    own_path = *path ? xstrdup(path) : NULL;
    own_size = size;
    own_files = files;
    own_ino = 0;
    logfile_check();
}

/* ---- files of others ---- */

static int copy(int from, int to)
{
    char block[BLOCK];
    ssize_t n;

    while ((n = read(from, block, sizeof block)) > 0)
        if (write(to, block, (size_t)n) != n)
            return -1;
    return n < 0 ? -1 : 0;
}

int logfile_trim(const char *path, int64_t size, int files)
{
    auto_free char *fresh = xasprintf("%s.new", path);
    auto_free char *first = numbered(path, 1);
    struct stat there;
    int from, to, status = -1;

    if (stat(path, &there) < 0 || there.st_size < size)
        return 0;
    from = open(path, O_RDWR | O_CLOEXEC);
    to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
    if (from >= 0 && to >= 0 && copy(from, to) == 0) {
        shift(path, files);
        if (rename(fresh, first) == 0 && copy(from, to) == 0 && ftruncate(from, 0) == 0)
            status = 1;
    }
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    if (status < 0)
        unlink(fresh);
    return status;
}
