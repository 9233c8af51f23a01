/*
 * Settings: environment over file over default. A row's name is "section.key"; its variable is TESSERA_SECTION_KEY;
 * the file (TESSERA_CONFIG or --config) holds lines "section.key = value" and "#" comments. A setting of the program's
 * own sections that it does not know, or a bad value, ends the process with a clear message and status 78. Settings of
 * other programs' sections are left alone. In the file a "#" begins a comment at the start of a line or after a blank.
 */
#ifndef TESSERA_CONFIG_H
#define TESSERA_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum config_kind { CONFIG_TEXT, CONFIG_INT, CONFIG_BOOL, CONFIG_SECRET /* text, or @/path of a file; never printed */ };

struct config_row {
    const char *name;
    enum config_kind kind;
    const char *standard; /* the default as text */
    int64_t min, max;     /* of CONFIG_INT; length limits of text when max > 0 */
    const char *help;     /* one sentence, with the unit */
};

/* `tables` is a NULL-terminated list of tables, each ended by a row whose name is NULL. */
void config_load(const char *program, const struct config_row *const *tables, int argc, char **argv);
/* Likewise, for who reads only some settings of other programs: all that are not in the tables are left alone. */
void config_load_some(const char *program, const struct config_row *const *tables, int argc, char **argv);
const char *config_text(const char *name);  /* never NULL; aborts on a name that is in no table */
const char *config_value(const char *name); /* likewise, of any kind: as it was given */
void config_reread(const char *name); /* of a secret in a file: as it is there now; else, or if it cannot be read, as before */
int64_t config_int(const char *name);
bool config_bool(const char *name);

/*
 * For what the columns cannot check: prints where the setting was given, its value (unless secret) and why it cannot be,
 * and ends the process with status 78.
 */
__attribute__((format(printf, 2, 3), noreturn)) void config_refuse(const char *name, const char *format, ...);

/* The variable of a setting: "http.max_body" is TESSERA_HTTP_MAX_BODY. The caller frees. */
char *config_variable(const char *name);
/* All settings for people, and one line each for programs: name, variable, kind, default, min, max, help between tabs. */
void config_print_help(FILE *out, const struct config_row *const *tables);
void config_print_list(FILE *out, const struct config_row *const *tables);

#endif
