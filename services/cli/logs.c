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

enum { USUAL_LINES = 100, BLOCK = 262144, TAIL = 64 * 1048576, PAUSE_NS = 200000000 };

struct reader {
    int fd;
    struct str line; /* begun and not ended yet */
    const struct logs_filter *filter;
    bool raw, coloured;
    /* The last lines, when only so many are wanted: a ring. */
    struct str *ring;
    size_t size, next;
};

static int fail(const char *why)
{
    fprintf(stderr, "tessera logs: %s\n", why);
    return EXIT_USAGE;
}

static void give(struct reader *r, const char *line, size_t len)
{
    auto_str struct str out = STR_EMPTY;

    if (!r->size) {
        if (logs_line(&out, r->filter, line, len, r->raw, r->coloured))
            fwrite(out.data, 1, out.len, stdout);
        return;
    }
    if (!logs_line(&out, r->filter, line, len, r->raw, r->coloured))
        return;
    str_done(&r->ring[r->next]);
    r->ring[r->next] = out;
    out = (struct str)STR_EMPTY;
    r->next = (r->next + 1) % r->size;
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

/* For ever; the file may be cut short or replaced (logrotate). */
static void follow(struct reader *r, const char *path)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    struct stat open_one, there;

    while (fflush(stdout) == 0) {
        nanosleep(&pause, NULL);
        if (!read_on(r))
            return;
        if (fstat(r->fd, &open_one) < 0 || stat(path, &there) < 0)
            continue;
        if (there.st_ino != open_one.st_ino || there.st_dev != open_one.st_dev) {
            int fd = open(path, O_RDONLY | O_CLOEXEC);

            if (fd >= 0) {
                close(r->fd);
                r->fd = fd;
            }
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

int logs_show(const struct args *args)
{
    auto_free char *path = path_of(args);
    struct logs_filter filter = {0};
    bool piped = strcmp(path, "-") == 0;
    struct reader r = {.filter = &filter, .raw = args->option[OPTION_JSON] != NULL, .coloured = show_colours()};
    int64_t lines;
    int status = prepare(args, &filter, &lines);

    if (status != EXIT_OK)
        return status;
    r.fd = piped ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (r.fd < 0) {
        fprintf(stderr,
                "tessera logs: %s: %s\nTESSERA_STATE_DIR names the installation; in containers: docker compose logs "
                "--no-log-prefix | "
                "tessera logs --file -\n",
                path, strerror(errno));
        return EXIT_REFUSED;
    }
    if (lines && !piped) {
        lseek(r.fd, -TAIL, SEEK_END); /* far enough back for the last ones; a smaller file is read from its beginning */
        r.size = (size_t)lines;
        r.ring = xcalloc(r.size, sizeof(*r.ring));
    }
    read_on(&r);
    end_ring(&r);
    if (args->option[OPTION_FOLLOW] && !piped)
        follow(&r, path);
    str_done(&r.line);
    if (!piped)
        close(r.fd);
    return EXIT_OK;
}
