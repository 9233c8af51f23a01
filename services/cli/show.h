/* Output: JSON with line breaks, representations as tables, colour on a terminal. The writers are pure. */
#ifndef TESSERA_CLI_SHOW_H
#define TESSERA_CLI_SHOW_H

#include "rtype.h"
#include "str.h"

enum colour { PLAIN, BOLD, FAINT, RED, GREEN, YELLOW, CYAN, COLOURS };

bool show_colours(void); /* standard output is a terminal that has them, and NO_COLOR is not set */
bool show_unicode(void); /* the locale's characters are UTF-8 */
void show_in(struct str *out, enum colour colour, const char *text, bool coloured);

/* From `from` on: control characters become blanks. What others have written must not steer the terminal. */
void show_clean(struct str *text, size_t from);

/* A valid JSON text with line breaks; numbers and members stay as written. */
void show_json(struct str *out, const char *text, size_t len, bool coloured);
/* Prints it with a line feed; what is no JSON as it is. */
void show_print_json(const char *text, size_t len);

/* "20261121T193402,892" as "2026-11-21 19:34:02" (UTC); anything else as it is. */
void show_time(struct str *out, const char *text);
/* The attributes of a representation, one per line. `type` may be NULL. */
void show_attributes(struct str *out, const struct rtype *type, const json_t *attrs, bool coloured);
/* The type of a representation {"m2m:cnt":{...}} without children, and its attributes; NULL when it is none. */
const struct rtype *show_type(const json_t *pc, const json_t **attrs);

#endif
