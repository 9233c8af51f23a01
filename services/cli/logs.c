#include "logs.h"

#include "clock.h"
#include "place.h"
#include "show.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum { USUAL_LINES = 100, BLOCK = 262144, TAIL = 64 * 1048576, PAUSE_NS = 200000000, FILES_MAX = 101 };

/* How a line begins: what a full disk has torn off has no end, and the next one stands behind it. */
#define HEAD "{\"t\":\""

struct reader {
    int fd;
    struct str line; /* begun and not ended yet */
    const struct logs_filter *filter;
    bool raw, coloured, found;
    /* The last lines, when only so many are wanted: a ring. */
    struct str *ring;
    size_t size, next;
};

static int fail(const char *why)
{
    fprintf(stderr, "tessera logs: %s\n", why);
    return EXIT_USAGE;
}

static void give_one(struct reader *r, const char *line, size_t len)
{
    auto_str struct str out = STR_EMPTY;

    if (!r->size) {
        if (logs_line(&out, r->filter, line, len, r->raw, r->coloured)) {
            r->found = true;
            fwrite(out.data, 1, out.len, stdout);
        }
        return;
    }
    if (!logs_line(&out, r->filter, line, len, r->raw, r->coloured))
        return;
    r->found = true;
    str_done(&r->ring[r->next]);
    r->ring[r->next] = out;
    out = (struct str)STR_EMPTY;
    r->next = (r->next + 1) % r->size;
}

static void give(struct reader *r, const char *line, size_t len)
{
    const char *next = len > 1 ? memmem(line + 1, len - 1, HEAD, sizeof HEAD - 1) : NULL;

    if (next) {
        give_one(r, line, (size_t)(next - line));
        give(r, next, len - (size_t)(next - line));
        return;
    }
    give_one(r, line, len);
}

static void take_block(struct reader *r, const char *block, size_t n)
{
    while (n > 0) {
        const char *end = memchr(block, '\n', n);
        size_t len = end ? (size_t)(end - block) : n;

        str_add(&r->line, block, len);
        if (!end)
            return;
        give(r, str_text(&r->line), r->line.len);
        str_reset(&r->line);
        block += len + 1;
        n -= len + 1;
    }
}

/* To the end of what is there. False: it cannot be read. */
static bool read_on(struct reader *r)
{
    auto_free char *block = xmalloc(BLOCK);
    ssize_t n;

    while ((n = read(r->fd, block, BLOCK)) > 0)
        take_block(r, block, (size_t)n);
    return n == 0;
}

static void end_ring(struct reader *r)
{
    for (size_t i = 0; i < r->size; i++) {
        struct str *line = &r->ring[(r->next + i) % r->size];

        if (line->len > 0)
            fwrite(line->data, 1, line->len, stdout);
        str_done(line);
    }
    free(r->ring);
    r->ring = NULL;
    r->size = 0;
}

/* The end of a file: what it has no line feed for is a line as well. */
static void end_file(struct reader *r)
{
    if (r->line.len > 0)
        give(r, str_text(&r->line), r->line.len);
    str_reset(&r->line);
    close(r->fd);
    r->fd = -1;
}

/* ---- several files: PATH, and the older PATH.1, PATH.2, ... ---- */

struct file {
    int fd;
    struct stat st;
};

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/*
 * Opened from the newest to the oldest: when they are moved up meanwhile, one is met twice, but none is missed. No further than
 * `last` (NULL: all; that one is not among them), and not much more than `enough` bytes.
 */
static int open_files(const char *path, const struct stat *last, int64_t enough, struct file files[FILES_MAX])
{
    int n = 0;

    for (int i = 0; i < FILES_MAX && enough > 0; i++) {
        auto_free char *name = i ? xasprintf("%s.%d", path, i) : xstrdup(path);
        struct file *f = &files[n];

        f->fd = open(name, O_RDONLY | O_CLOEXEC);
        if (f->fd < 0 || fstat(f->fd, &f->st) < 0)
            break;
        if (last && is_same(&f->st, last)) {
            close(f->fd);
            break;
        }
        if (n > 0 && is_same(&f->st, &files[n - 1].st)) {
            close(f->fd);
            continue;
        }
        enough -= f->st.st_size;
        n++;
    }
    return n;
}

/* The newest stays open: what comes is read from there. */
static void read_files(struct reader *r, struct file *files, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        if (r->fd >= 0)
            end_file(r);
        r->fd = files[i].fd;
        read_on(r);
    }
}

/* For ever; the file may be put aside, replaced or cut short. */
static void follow(struct reader *r, const char *path)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    struct file files[FILES_MAX];
    struct stat open_one, there;
    bool replaced = false;

    while (fflush(stdout) == 0) {
        nanosleep(&pause, NULL);
        if (!read_on(r))
            return;
        if (fstat(r->fd, &open_one) < 0 || stat(path, &there) < 0)
            continue;
        if (!is_same(&there, &open_one)) {
            if (replaced) /* and read once more since, for who was just about to write */
                read_files(r, files, open_files(path, &open_one, INT64_MAX, files));
            replaced = !replaced;
        } else if (there.st_size < lseek(r->fd, 0, SEEK_CUR)) {
            lseek(r->fd, 0, SEEK_SET);
        }
    }
}

/* The broker's and Mosquitto's own logs are files of their own. */
static char *path_of(const struct args *args)
{
    const char *service = args->count > 0 ? args->words[0] : "";
    const char *given = args->option[OPTION_FILE];
    bool own = strcmp(service, "broker") == 0 || strcmp(service, "mosquitto") == 0;
    auto_free char *state = place_state();

    return given ? xstrdup(given) : xasprintf("%s/log/%s.log", state, own ? service : "tessera");
}

static int prepare(const struct args *args, struct logs_filter *f, int64_t *lines)
{
    const char *level = args->option[OPTION_LEVEL], *since = args->option[OPTION_SINCE], *limit = args->option[OPTION_LIMIT];
    const char *service = args->count > 0 ? args->words[0] : NULL;

    f->service = service && strcmp(service, "broker") != 0 && strcmp(service, "mosquitto") != 0 ? service : NULL;
    f->trace = args->option[OPTION_TRACE];
    f->level = level ? logs_level(level) : 0;
    if (f->level < 0)
        return fail("--level: debug, info, warn or error");
    if (since && logs_since(since, clock_now_ms(), f->since, sizeof f->since) < 0)
        return fail("--since: like 10m, 2h, 3d, 19:00 or 2026-11-21T19:00 (UTC)");
    *lines = since || f->trace ? 0 : USUAL_LINES;
    if (limit && (!text_number(limit, strlen(limit), lines) || *lines < 1 || *lines > 10000000))
        return fail("--limit: a number from 1");
    return EXIT_OK;
}

static int absent(const char *path)
{
    fprintf(stderr,
            "tessera logs: %s: %s\nTESSERA_STATE_DIR names the installation; in containers: docker compose logs "
            "--no-log-prefix | tessera logs --file -\n",
            path, strerror(errno));
    return EXIT_REFUSED;
}

int logs_show(const struct args *args)
{
    auto_free char *path = path_of(args);
    struct logs_filter filter = {0};
    bool piped = strcmp(path, "-") == 0;
    struct file files[FILES_MAX];
    struct reader r = {.fd = -1, .filter = &filter, .raw = args->option[OPTION_JSON] != NULL, .coloured = show_colours()};
    int64_t lines;
    int status = prepare(args, &filter, &lines);

    if (status != EXIT_OK)
        return status;
    if (piped) {
        r.fd = STDIN_FILENO;
        read_on(&r);
    } else {
        int n = open_files(path, NULL, lines ? TAIL : INT64_MAX, files);

        if (n == 0)
            return absent(path);
        if (lines) {
            r.size = (size_t)lines;
            r.ring = xcalloc(r.size, sizeof(*r.ring));
            lseek(files[n - 1].fd, -TAIL, SEEK_END); /* far enough back for the last ones; a smaller one is read as a whole */
        }
        read_files(&r, files, n);
    }
    end_ring(&r);
    if (!r.found && filter.service)
        fprintf(stderr, "tessera logs: no such line of %s; `tessera status` lists who there is\n", filter.service);
    if (args->option[OPTION_FOLLOW] && !piped)
        follow(&r, path);
    end_file(&r);
    str_done(&r.line);
    return EXIT_OK;
}
