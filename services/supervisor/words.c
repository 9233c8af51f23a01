#include "words.h"

#include "json.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define READ_MAX 65536
#define WORDS_MAX 300

/* An error of `name` as "why", or "event: error"; NULL when the line is none. */
static char *error_of(const char *line, size_t len, const char *name)
{
    char why[128];
    json_auto_t *entry = json_parse(line, len, why, sizeof why);
    const char *level = json_str(entry, "level"), *service = json_str(entry, "service"), *event = json_str(entry, "event");
    const char *reason = json_str(entry, "why") ? json_str(entry, "why") : json_str(entry, "error");

    if (!level || strcmp(level, "error") != 0 || !service || strcmp(service, name) != 0 || !event)
        return NULL;
    if (json_str(entry, "why"))
        return xasprintf("%.*s", WORDS_MAX, reason);
    return reason ? xasprintf("%s: %.*s", event, WORDS_MAX, reason) : xstrdup(event);
}

char *words_find(const char *text, size_t len, const char *name, bool foreign)
{
    char *printed = NULL, *said = NULL;

    for (const char *end = text + len; end > text && !said;) {
        const char *feed = memrchr(text, '\n', (size_t)(end - text)), *line = feed ? feed + 1 : text;
        size_t n = (size_t)(end - line);

        if (n > 0 && *line == '{' && !foreign)
            said = error_of(line, n, name);
        else if (n > 0 && *line != '{' && !printed)
            printed = xasprintf("%.*s", n < WORDS_MAX ? (int)n : WORDS_MAX, line);
        end = feed ? feed : text;
    }
    if (!said)
        return printed;
    free(printed);
    return said;
}

int64_t words_mark(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 ? 0 : st.st_size;
}

char *words_last(const char *path, int64_t mark, const char *name, bool foreign)
{
    auto_free char *text = xmalloc(READ_MAX);
    int64_t end = words_mark(path), from = end < mark ? 0 : mark; /* a fresh file */
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    if (end - from > READ_MAX)
        from = end - READ_MAX;
    if (fd >= 0) {
        n = pread(fd, text, READ_MAX, from);
        close(fd);
    }
    return n > 0 ? words_find(text, (size_t)n, name, foreign) : NULL;
}
