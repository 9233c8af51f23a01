/* The settings of this environment and of the configuration file, against what all programs beside this one say of theirs. */
#include "doctor.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <strings.h>
#include <unistd.h>

#include "mem.h"

enum { NAME, VARIABLE, KIND, STANDARD, LEAST, MOST, HELP, COLUMNS };

/* Where things are, and what compose.yaml reads itself; the last one with anything behind it. */
static const char *const others[] = {"TESSERA_CONFIG", "TESSERA_STATE_DIR", "TESSERA_VERSION", "TESSERA_ENV_FILE",
                                     "TESSERA_PUBLISH"};
#define OTHERS_PREFIX "TESSERA_PUBLISH_"

static void split(char *row, char *columns[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = row ? row : "";
        row = row ? strchr(row, '\t') : NULL;
        if (row)
            *row++ = '\0';
    }
}

static bool is_truth(const char *value)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcasecmp(words[i], value) == 0)
            return true;
    return false;
}

char *setting_wrong(const char *row, const char *value)
{
    auto_free char *copy = xstrdup(row);
    char *column[COLUMNS], *end;
    long long number, least, most;

    split(copy, column);
    least = strtoll(column[LEAST], NULL, 10);
    most = strtoll(column[MOST], NULL, 10);
    errno = 0;
    number = strtoll(value, &end, 10);
    if (strcmp(column[KIND], "int") == 0 &&
        (errno || end == value || *end || isspace((unsigned char)*value) || number < least || number > most))
        return xasprintf("must be a whole number from %lld to %lld", least, most);
    if (strcmp(column[KIND], "bool") == 0 && !is_truth(value))
        return xstrdup("must be true or false");
    if (strcmp(column[KIND], "secret") == 0 && value[0] == '@' && value[1] == '/')
        return access(value + 1, R_OK) == 0 ? NULL : xasprintf("%s: %s", value + 1, strerror(errno));
    if (strcmp(column[KIND], "text") == 0 && most > 0 && ((long long)strlen(value) < least || (long long)strlen(value) > most))
        return xasprintf("must have %lld to %lld characters", least, most);
    return NULL;
}

/* The lines of --settings of one program, added to the text. */
static void ask(const char *program, struct str *rows)
{
    auto_free char *command = xasprintf("'%s' --settings", program); /* of this program's own folder */
    FILE *f = popen(command, "re");
    char block[4096];
    size_t n;

    while (f && (n = fread(block, 1, sizeof block, f)) > 0)
        str_add(rows, block, n);
    if (f)
        pclose(f);
}

static void ask_all(struct str *rows)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    auto_free char *pattern = NULL;
    glob_t programs;

    if (n < 0)
        return;
    self[n] = '\0';
    pattern = xasprintf("%.*s/tessera*", (int)(strrchr(self, '/') - self), self);
    if (glob(pattern, 0, NULL, &programs) != 0)
        return;
    for (size_t i = 0; i < programs.gl_pathc; i++)
        ask(programs.gl_pathv[i], rows);
    globfree(&programs);
}

/* The row whose column (NAME or VARIABLE) is this; "" when there is none. The caller frees. */
static char *find(const struct str *rows, int wanted, const char *name)
{
    for (const char *line = str_text(rows); *line;) {
        size_t len = strcspn(line, "\n");
        auto_free char *row = xstrndup(line, len), *whole = xstrdup(row);
        char *column[COLUMNS];

        split(row, column);
        if (strcmp(column[wanted], name) == 0)
            return xstrdup(whole);
        line += len + (line[len] == '\n');
    }
    return xstrdup("");
}

/* True: it is fine. */
static bool judge(struct doctor *d, const struct str *rows, int column, const char *name, const char *value, const char *where)
{
    auto_free char *row = find(rows, column, name);
    auto_free char *wrong = NULL;

    if (!*row) {
        doctor_say(d, FINDING_FAIL, "all settings are in docs/configuration.md; one that nobody knows is refused at start",
                   "%s%s: no program knows it", where, name);
        return false;
    }
    wrong = setting_wrong(row, value);
    if (wrong)
        doctor_say(d, FINDING_FAIL, "docs/configuration.md", "%s%s: %s", where, name, wrong);
    return !wrong;
}

static bool judge_environment(struct doctor *d, const struct str *rows, int *count)
{
    bool fine = true;

    for (char **e = environ; *e; e++) {
        auto_free char *name = xstrndup(*e, strcspn(*e, "="));
        bool known = strncmp(name, "TESSERA_", 8) != 0 || strncmp(name, OTHERS_PREFIX, strlen(OTHERS_PREFIX)) == 0;

        for (size_t i = 0; i < ARRAY_LEN(others); i++)
            known = known || strcmp(others[i], name) == 0;
        if (known)
            continue;
        ++*count;
        fine = judge(d, rows, VARIABLE, name, *e + strlen(name) + 1, "") && fine;
    }
    return fine;
}

/* A line of the file, without its comment. */
static bool judge_line(struct doctor *d, const struct str *rows, char *line, const char *where, int *count)
{
    char *value;

    for (char *p = line; (p = strchr(p, '#')); p++) {
        if (p == line || isblank((unsigned char)p[-1])) {
            *p = '\0';
            break;
        }
    }
    value = strchr(line, '=');
    if (!value)
        return true;
    *value = '\0';
    ++*count;
    return judge(d, rows, NAME, text_trim(line), text_trim(value + 1), where);
}

static bool judge_file(struct doctor *d, const struct str *rows, int *count)
{
    const char *path = getenv("TESSERA_CONFIG");
    FILE *f = path ? fopen(path, "re") : NULL;
    char *line = NULL;
    size_t size = 0;
    bool fine = true;

    for (int number = 1; f && getline(&line, &size, f) > 0; number++) {
        auto_free char *where = xasprintf("%s:%d: ", path, number);

        fine = judge_line(d, rows, line, where, count) && fine;
    }
    free(line);
    if (f)
        fclose(f);
    return fine;
}

void check_settings(struct doctor *d)
{
    auto_str struct str rows = STR_EMPTY;
    int count = 0;
    bool fine;

    ask_all(&rows);
    fine = judge_environment(d, &rows, &count);
    fine = judge_file(d, &rows, &count) && fine;
    if (fine)
        doctor_say(d, FINDING_OK, NULL, "%d given in this environment%s, all known", count,
                   getenv("TESSERA_CONFIG") ? " and its file" : "");
}
