/* One line of the log: wanted or not, and shown. */
#include "clock.h"
#include "health.h"
#include "json.h"
#include "logs.h"
#include "show.h"

#include <ctype.h>

#include "mem.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000 };

static const char *const levels[] = {"debug", "info", "warn", "error"};

int logs_level(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (strcmp(levels[i], word) == 0)
            return (int)i;
    return -1;
}

static void write_moment(char *out, size_t size, int64_t ms)
{
    struct clock_date d;

    clock_split(ms, &d);
    snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", d.year, d.month, d.day, d.hour, d.minute, d.second, d.ms);
}

/* "10m": so long ago. */
static bool write_ago(const char *text, int64_t now, char *out, size_t size)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {
        {'s', 1000     },
        {'m', MINUTE_MS},
        {'h', HOUR_MS  },
        {'d', DAY_MS   }
    };
    char *end;
    long long n = isdigit((unsigned char)*text) ? strtoll(text, &end, 10) : -1;

    for (size_t i = 0; n >= 0 && n < 1000000 && i < ARRAY_LEN(units); i++) {
        if (end[0] == units[i].unit && !end[1]) {
            write_moment(out, size, now - n * units[i].ms);
            return true;
        }
    }
    return false;
}

/* Digits where `form` has 9, else the same character; `text` may end early. */
static bool has_form(const char *text, const char *form)
{
    for (; *text; text++, form++)
        if (!*form || (*form == '9' ? !isdigit((unsigned char)*text) : *text != *form))
            return false;
    return true;
}

int logs_since(const char *text, int64_t now, char *out, size_t size)
{
    char today[40];
    size_t len = strlen(text);

    if (write_ago(text, now, out, size))
        return 0;
    write_moment(today, sizeof today, now);
    if ((len == 10 || len == 16 || len == 19) && has_form(text, "9999-99-99T99:99:99"))
        snprintf(out, size, "%s", text);
    else if ((len == 5 || len == 8) && has_form(text, "99:99:99"))
        snprintf(out, size, "%.11s%s", today, text);
    else
        return -1;
    return 0;
}

static enum colour colour_of(int level)
{
    static const enum colour colours[] = {FAINT, PLAIN, YELLOW, RED};

    return level < 0 ? PLAIN : colours[level];
}

static bool wanted(const struct logs_filter *f, const json_t *line, int level)
{
    const char *service = json_str(line, "service"), *at = json_str(line, "t");

    if (f->service && !(service && health_is(service, f->service)))
        return false;
    return (level >= f->level || f->level == 0) && !(*f->since && at && strcmp(at, f->since) < 0);
}

/* Needs no quotes. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == '"' || *text == 0x7F)
            return false;
    return true;
}

/* What is not the head of a line, as key=value. */
static void put_fields(struct str *out, const json_t *line, bool coloured)
{
    static const char *const head[] = {"t", "level", "service", "event"};
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)line, name, value)
    {
        bool in_head = false;
        auto_free char *shown = xasprintf(" %s=", name);

        for (size_t i = 0; i < ARRAY_LEN(head); i++)
            in_head = in_head || strcmp(head[i], name) == 0;
        if (in_head)
            continue;
        show_in(out, FAINT, shown, coloured);
        if (json_is_string(value) && is_plain(json_string_value(value)))
            str_puts(out, json_string_value(value));
        else
            json_write(out, value);
    }
}

static void put_line(struct str *out, const json_t *line, int level, bool coloured)
{
    const char *at = json_str(line, "t"), *service = json_str(line, "service"), *event = json_str(line, "event");
    auto_free char *time = xasprintf("%.10s %.12s", at && strlen(at) > 22 ? at : "?", at && strlen(at) > 22 ? at + 11 : "");
    auto_free char *word = xasprintf(" %-5s", level < 0 ? "?" : levels[level]);
    auto_free char *who = xasprintf(" %-15s ", service ? service : "?");

    show_in(out, FAINT, time, coloured);
    show_in(out, colour_of(level), word, coloured);
    show_in(out, CYAN, who, coloured);
    show_in(out, level > 1 ? colour_of(level) : BOLD, event ? event : "?", coloured);
    put_fields(out, line, coloured);
    str_putc(out, '\n');
}

bool logs_line(struct str *out, const struct logs_filter *f, const char *text, size_t len, bool raw, bool coloured)
{
    char why[128];
    json_auto_t *line = len > 0 && *text == '{' ? json_parse(text, len, why, sizeof why) : NULL;
    int level = line && json_str(line, "level") ? logs_level(json_str(line, "level")) : -1;

    if (f->trace && !memmem(text, len, f->trace, strlen(f->trace)))
        return false;
    if (line ? !wanted(f, line, level) : f->service || f->level > 0 || *f->since)
        return false;
    if (line && !raw) {
        put_line(out, line, level, coloured);
        return true;
    }
    str_add(out, text, len);
    str_putc(out, '\n');
    return true;
}
