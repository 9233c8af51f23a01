#include "journal.h"

#include "clock.h"
#include "json.h"
#include "log.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 32 };

static char *directory;
static char file[NAME_SIZE]; /* the last one written to, "" = none */
static int64_t size;         /* bytes of it that count */

static char *path_of(const char *name)
{
    return xasprintf("%s/%s", directory, name);
}

void journal_open(const char *where)
{
    free(directory);
    directory = xstrdup(where);
    for (char *p = directory + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(directory, 0750);
        *p = '/';
    }
    if (mkdir(directory, 0750) < 0 && errno != EEXIST)
        log_fatal("statistics.directory", "path=%s error=%s", directory, strerror(errno));
}

json_t *journal_read(void)
{
    auto_free char *path = path_of("state.json");
    json_error_t error;
    json_t *state = json_load_file(path, 0, &error);

    file[0] = '\0';
    size = 0;
    if (!state && access(path, F_OK) == 0)
        log_fatal("statistics.state", "path=%s why=%s", path, error.text);
    if (json_str(state, "file"))
        snprintf(file, sizeof file, "%s", json_str(state, "file"));
    size = json_int(state, "size", 0);
    return state;
}

static void name_of_day(int64_t now, char out[NAME_SIZE])
{
    struct clock_date d;

    clock_split(now, &d);
    snprintf(out, NAME_SIZE, "records-%04d%02d%02d.jsonl", d.year, d.month, d.day);
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Where the next records go: behind those that count. -1: it cannot be opened. */
static int open_records(const char *name, int64_t *end)
{
    auto_free char *path = path_of(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    struct stat st;
    int64_t counts;

    if (fd < 0 || fstat(fd, &st) < 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *end = st.st_size;
    /* A later day's file than that of the state holds nothing that counts; an earlier one (the clock was set back) all of it. */
    counts = strcmp(name, file) == 0 ? size : strcmp(name, file) > 0 && *file ? 0 : *end;
    if (counts < *end) {
        if (ftruncate(fd, counts) < 0) {
            close(fd);
            return -1;
        }
        *end = counts;
    }
    return fd;
}

static int append(const char *name, const struct str *records, int64_t *end)
{
    int fd = open_records(name, end);
    int result;

    if (fd < 0)
        return -1;
    result = write_all(fd, str_text(records), records->len);
    if (result == 0)
        result = fdatasync(fd);
    close(fd);
    *end += (int64_t)records->len;
    return result;
}

static int replace(const struct str *text)
{
    auto_free char *path = path_of("state.json"), *fresh = path_of("state.json.new");
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    int result;

    if (fd < 0)
        return -1;
    result = write_all(fd, text->data, text->len);
    if (result == 0)
        result = fdatasync(fd);
    close(fd);
    return result < 0 ? -1 : rename(fresh, path);
}

int journal_write(const struct str *records, const struct str *members, int64_t now, char *why, size_t why_size)
{
    auto_str struct str state = STR_EMPTY;
    char name[NAME_SIZE];
    int64_t end = size;

    if (records->len > 0)
        name_of_day(now, name);
    else
        snprintf(name, sizeof name, "%s", file);
    if (records->len > 0 && append(name, records, &end) < 0) {
        snprintf(why, why_size, "%s: %s", name, strerror(errno));
        return -1;
    }
    str_puts(&state, "{\"file\":");
    str_json(&state, name);
    str_addf(&state, ",\"size\":%lld", (long long)end);
    str_add(&state, str_text(members), members->len);
    str_puts(&state, "}\n");
    if (replace(&state) < 0) {
        snprintf(why, why_size, "state.json: %s", strerror(errno));
        return -1;
    }
    snprintf(file, sizeof file, "%s", name);
    size = end;
    return 0;
}
