/*
 * Settings: environment over file over default. A row's name is "section.key"; its variable is TESSERA_SECTION_KEY;
 * the file (TESSERA_CONFIG or --config) holds lines "section.key = value" and "#" comments. A setting of the program's
 * own sections that it does not know, or a bad value, ends the process with a clear message and status 78. Settings of
 * other programs' sections are left alone.
 */
#ifndef TESSERA_CONFIG_H
#define TESSERA_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

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
const char *config_text(const char *name); /* never NULL; aborts on a name that is in no table */
int64_t config_int(const char *name);
bool config_bool(const char *name);

#endif
