#include "settings.h"

#include "mem.h"
#include "str.h"

#include <ctype.h>
#include <glob.h>
#include <unistd.h>

/* Not settings of a service: where things are. */
static const char *const others = "\nTESSERA_CONFIG\nTESSERA_STATE_DIR\n";

/* `known` gathers "\nVARIABLE\n" and "\nsection.key\n" of one program. */
static void ask(const char *program, struct str *known)
{
    auto_free char *command = xasprintf("'%s' --settings", program);
    FILE *f = popen(command, "re"); /* the program's path is the supervisor's own folder */
    char *line = NULL;
    size_t size = 0;

    while (f && getline(&line, &size, f) > 0) {
        size_t name = strcspn(line, "\t\n");
        size_t variable = line[name] == '\t' ? strcspn(line + name + 1, "\t\n") : 0;

        str_add(known, line, name);
        str_putc(known, '\n');
        str_add(known, line + name + 1, variable);
        str_putc(known, '\n');
    }
    free(line);
    if (f)
        pclose(f);
}

static void require(const struct str *known, const char *name, const char *where)
{
    auto_free char *wanted = xasprintf("\n%s\n", name);

    if (strstr(str_text(known), wanted) || strstr(others, wanted))
        return;
    fprintf(stderr, "%s: unknown setting%s; all settings are in docs/configuration.md\n", name, where);
    exit(78);
}

static void check_file(const struct str *known, const char *path)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;

    while (f && getline(&line, &size, f) > 0) {
        char *start = line + strspn(line, " \t");
        size_t n = strcspn(start, " \t=\n");

        if (n == 0 || *start == '#')
            continue;
        start[n] = 0;
        require(known, start, " in the configuration file");
    }
    free(line);
    if (f)
        fclose(f);
}

void settings_check(void)
{
    auto_str struct str known = STR_EMPTY;
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    auto_free char *pattern = NULL;
    const char *file = getenv("TESSERA_CONFIG");
    glob_t programs;

    if (n < 0)
        return;
    self[n] = 0;
    pattern = xasprintf("%.*s/tessera*", (int)(strrchr(self, '/') - self), self);
    str_putc(&known, '\n');
    if (glob(pattern, 0, NULL, &programs) == 0) {
        for (size_t i = 0; i < programs.gl_pathc; i++)
            ask(programs.gl_pathv[i], &known);
        globfree(&programs);
    }
    for (char **e = environ; *e; e++) {
        auto_free char *name = xstrndup(*e, strcspn(*e, "="));

        if (strncmp(name, "TESSERA_", 8) == 0)
            require(&known, name, "");
    }
    if (file)
        check_file(&known, file);
}
