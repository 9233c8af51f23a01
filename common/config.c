/* Settings. They are gathered once into one sorted list, each with the place it was given at, for messages. */
#include "config.h"
#include "log.h"
#include "near.h"
#include "str.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "mem.h"

#define EXIT_CONFIG 78
#define PREFIX "TESSERA_"
#define SECRET_FILE_MAX 65536

extern char **environ;

struct setting {
    const struct config_row *row;
    char *variable;
    char *place; /* where it was given: the variable, or "FILE:LINE: name"; NULL: the default holds */
    char *value;
    char *file;     /* of a secret: where it is read from, or NULL */
    int64_t number; /* of CONFIG_INT and CONFIG_BOOL */
};

static struct setting *settings; /* by name */
static int count;
static bool some; /* settings that are not in the tables are not unknown */

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(EXIT_CONFIG);
}

/* Length of the section: the part of a name before the first '.'. */
static size_t section_length(const char *name)
{
    return strcspn(name, ".");
}

static void put_variable(struct str *out, const char *name, size_t len)
{
    str_puts(out, PREFIX);
    for (size_t i = 0; i < len; i++)
        str_putc(out, isalnum((unsigned char)name[i]) ? (char)toupper((unsigned char)name[i]) : '_');
}

char *config_variable(const char *name)
{
    struct str out = STR_EMPTY;

    put_variable(&out, name, strlen(name));
    return str_take(&out);
}

/* ---- the list ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct setting *)a)->row->name, ((const struct setting *)b)->row->name);
}

static struct setting *find(const char *name)
{
    int low = 0, high = count;

    while (low < high) {
        int middle = (low + high) / 2;
        int order = strcmp(name, settings[middle].row->name);

        if (order == 0)
            return &settings[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static struct setting *find_variable(const char *variable, size_t len)
{
    for (int i = 0; i < count; i++)
        if (strncmp(settings[i].variable, variable, len) == 0 && !settings[i].variable[len])
            return &settings[i];
    return NULL;
}

static void forget(void)
{
    for (int i = 0; i < count; i++) {
        free(settings[i].variable);
        free(settings[i].place);
        free(settings[i].value);
        free(settings[i].file);
    }
    free(settings);
    settings = NULL;
    count = 0;
}

static void gather(const struct config_row *const *tables)
{
    forget();
    for (const struct config_row *const *table = tables; *table; table++) {
        for (const struct config_row *row = *table; row->name; row++) {
            settings = xrealloc(settings, (size_t)(count + 1) * sizeof(*settings));
            settings[count++] =
                (struct setting){.row = row, .variable = config_variable(row->name), .value = xstrdup(row->standard)};
        }
    }
    if (count > 0)
        qsort(settings, (size_t)count, sizeof(*settings), by_name);
}

static void give(struct setting *s, char *place, const char *value)
{
    free(s->place);
    free(s->value);
    s->place = place;
    s->value = xstrdup(value);
}

/* ---- unknown names ---- */

/* Ends the process: `name` (a variable or a setting's name, given at `where`) is of one of our sections but unknown. */
__attribute__((noreturn)) static void refuse_unknown(const char *where, const char *name, bool variable, const char *section,
                                                     size_t len)
{
    struct near n;

    near_start(&n, name, NEAR_MAX);
    for (int i = 0; i < count; i++)
        near_try(&n, variable ? settings[i].variable : settings[i].row->name);
    if (n.best)
        fail("%s%s: unknown setting of section %.*s (did you mean %s?)", where, name, (int)len, section, n.best);
    fail("%s%s: unknown setting of section %.*s; --help lists all", where, name, (int)len, section);
}

/* ---- sources ---- */

/* The name of our section that a variable belongs to, or NULL: "TESSERA_HTTP_..." is of section http. */
static const char *section_of_variable(const char *variable)
{
    for (int i = 0; i < count && !some; i++) {
        auto_str struct str prefix = STR_EMPTY;

        put_variable(&prefix, settings[i].row->name, section_length(settings[i].row->name));
        str_putc(&prefix, '_');
        if (strncmp(variable, prefix.data, prefix.len) == 0)
            return settings[i].row->name;
    }
    return NULL;
}

static bool section_is_ours(const char *name)
{
    size_t len = section_length(name);

    for (int i = 0; i < count && !some; i++)
        if (section_length(settings[i].row->name) == len && strncmp(settings[i].row->name, name, len) == 0)
            return true;
    return false;
}

static void read_environment(void)
{
    for (char **e = environ; e && *e; e++) {
        size_t len = strcspn(*e, "=");
        struct setting *s;
        const char *section;

        if (strncmp(*e, PREFIX, strlen(PREFIX)) != 0 || (*e)[len] != '=')
            continue;
        s = find_variable(*e, len);
        if (s) {
            give(s, xstrndup(*e, len), *e + len + 1);
            continue;
        }
        section = section_of_variable(*e);
        if (section) {
            auto_free char *variable = xstrndup(*e, len);

            refuse_unknown("", variable, true, section, section_length(section));
        }
    }
}

static void read_line(const char *path, int number, char *line)
{
    char *name, *value;
    struct setting *s;

    for (char *p = line; (p = strchr(p, '#')); p++) {
        if (p == line || isblank((unsigned char)p[-1])) {
            *p = '\0';
            break;
        }
    }
    name = text_trim(line);
    if (!*name)
        return;
    value = strchr(name, '=');
    if (!value)
        fail("%s:%d: \"%.80s\": expected a line \"section.key = value\"", path, number, name);
    *value++ = '\0';
    name = text_trim(name);
    s = find(name);
    if (!s && section_is_ours(name)) {
        auto_free char *where = xasprintf("%s:%d: ", path, number);

        refuse_unknown(where, name, false, name, section_length(name));
    }
    if (s && s->place)
        fail("%s:%d: %s: given twice, first at %s", path, number, name, s->place);
    if (s)
        give(s, xasprintf("%s:%d: %s", path, number, name), text_trim(value));
}

static void read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;

    if (!f)
        fail("%s: cannot read the configuration file: %s", path, strerror(errno));
    errno = 0;
    for (int number = 1; getline(&line, &size, f) > 0; number++)
        read_line(path, number, line);
    if (ferror(f))
        fail("%s: cannot read the configuration file: %s", path, strerror(errno));
    free(line);
    fclose(f);
}

/* --config FILE or --config=FILE, else TESSERA_CONFIG; NULL when there is none. */
static const char *file_path(const char *program, int argc, char **argv)
{
    const char *path = getenv(PREFIX "CONFIG");

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--config=", 9) == 0)
            path = argv[i] + 9;
        if (strcmp(argv[i], "--config") != 0)
            continue;
        if (i + 1 == argc)
            fail("%s: --config: the name of a file is missing", program);
        path = argv[++i];
    }
    return path && *path ? path : NULL;
}

/* ---- values ---- */

__attribute__((format(printf, 2, 0))) static void explain(const struct setting *s, const char *format, va_list args)
{
    fprintf(stderr, "%s: ", s->place ? s->place : s->variable);
    if (s->row->kind != CONFIG_SECRET)
        fprintf(stderr, "\"%.200s\": ", s->value);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

__attribute__((format(printf, 2, 3), noreturn)) static void refuse_value(const struct setting *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    explain(s, format, args);
    va_end(args);
    exit(EXIT_CONFIG);
}

/* A secret "@/path" is what that file holds, without the line feed at its end. */
static void read_secret(struct setting *s)
{
    auto_free char *buffer = NULL;
    FILE *f;
    size_t n;

    if (s->value[0] != '@' || s->value[1] != '/')
        return;
    f = fopen(s->value + 1, "re");
    if (!f)
        refuse_value(s, "cannot read %s: %s", s->value + 1, strerror(errno));
    buffer = xmalloc(SECRET_FILE_MAX + 1);
    errno = 0;
    n = fread(buffer, 1, SECRET_FILE_MAX + 1, f);
    if (ferror(f) || n > SECRET_FILE_MAX || memchr(buffer, '\0', n))
        refuse_value(s, "cannot use %s: %s", s->value + 1, ferror(f) ? strerror(errno) : "longer than 64 KiB, or not text");
    fclose(f);
    n -= n > 0 && buffer[n - 1] == '\n';
    n -= n > 0 && buffer[n - 1] == '\r';
    if (!s->file)
        s->file = xstrdup(s->value + 1);
    free(s->value);
    s->value = xstrndup(buffer, n);
}

void config_reread(const char *name)
{
    struct setting *s = find(name);
    auto_free char *text = NULL;
    size_t size = 0;
    FILE *f = s && s->file ? fopen(s->file, "re") : NULL;
    ssize_t n = f ? getline(&text, &size, f) : -1;

    if (n > 0 && n <= SECRET_FILE_MAX) {
        text[strcspn(text, "\r\n")] = '\0';
        free(s->value);
        s->value = xstrdup(text);
    }
    if (f)
        fclose(f);
}

static void check_int(struct setting *s)
{
    char *end;

    errno = 0;
    s->number = strtoll(s->value, &end, 10);
    if (errno || end == s->value || *end || isspace((unsigned char)s->value[0]) || s->number < s->row->min ||
        s->number > s->row->max)
        refuse_value(s, "must be a whole number from %lld to %lld (%s)", (long long)s->row->min, (long long)s->row->max,
                     s->row->help);
}

static void check_bool(struct setting *s)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcasecmp(s->value, words[i]) == 0) {
            s->number = i % 2;
            return;
        }
    }
    refuse_value(s, "must be true or false (%s)", s->row->help);
}

static void check_text(const struct setting *s)
{
    int64_t len = (int64_t)strlen(s->value);

    if (s->row->max > 0 && (len < s->row->min || len > s->row->max))
        refuse_value(s, "must have %lld to %lld characters (%s)", (long long)s->row->min, (long long)s->row->max, s->row->help);
}

static void check(struct setting *s)
{
    switch (s->row->kind) {
    case CONFIG_INT:
        check_int(s);
        break;
    case CONFIG_BOOL:
        check_bool(s);
        break;
    case CONFIG_SECRET:
        read_secret(s);
        check_text(s);
        break;
    case CONFIG_TEXT:
        check_text(s);
        break;
    }
}

void config_load(const char *program, const struct config_row *const *tables, int argc, char **argv)
{
    const char *path = file_path(program, argc, argv);

    gather(tables);
    if (path)
        read_file(path);
    read_environment();
    for (int i = 0; i < count; i++)
        check(&settings[i]);
}

void config_load_some(const char *program, const struct config_row *const *tables, int argc, char **argv)
{
    some = true;
    config_load(program, tables, argc, argv);
    some = false;
}

static const struct setting *get(const char *name, bool number)
{
    const struct setting *s = find(name);

    if (!s || number != (s->row->kind == CONFIG_INT || s->row->kind == CONFIG_BOOL)) {
        log_error("config.unknown", "name=%s", name);
        abort();
    }
    return s;
}

const char *config_value(const char *name)
{
    const struct setting *s = find(name);

    return s ? s->value : config_text(name);
}

const char *config_text(const char *name)
{
    return get(name, false)->value;
}

int64_t config_int(const char *name)
{
    return get(name, true)->number;
}

bool config_bool(const char *name)
{
    return get(name, true)->number != 0;
}

void config_refuse(const char *name, const char *format, ...)
{
    const struct setting *s = find(name);
    va_list args;

    if (!s) {
        log_error("config.unknown", "name=%s", name);
        abort();
    }
    va_start(args, format);
    explain(s, format, args);
    va_end(args);
    exit(EXIT_CONFIG);
}
