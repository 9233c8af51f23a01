/* Texts from outside: what may go on into the platform, and percent-encoding (RFC 3986 2.1). Pure. */
#ifndef TESSERA_TEXT_H
#define TESSERA_TEXT_H

#include "arena.h"

/*
 * Decodes %XX, and '+' to a blank if `plus` says so. Returns NUL-terminated text in the arena, or NULL when an escape is
 * malformed or the result is not clean. `out_len` may be NULL.
 */
char *text_decode(struct arena *arena, const char *text, size_t len, bool plus, size_t *out_len);

/* Appends `text` with all characters percent-encoded but the unreserved ones (RFC 3986 2.3) and those in `keep`. */
void text_encode(struct str *out, const char *text, size_t len, const char *keep);

/* A decimal number without sign, at most 18 digits. */
bool text_number(const char *text, size_t len, int64_t *value);

/* The text without blanks around it, cut in place. */
char *text_trim(char *text);

/* Writes the parts of `text` between the separators as a JSON list of strings. */
void text_list(struct str *out, const char *text, char separator);

/* m2m:dynAuthLocalTokenIdAssignments (JSON) as "lti:tkid" pairs joined with '+', TS-0009 6.4.16; "" when there are none. */
char *text_token_pairs(struct slice ati, struct arena *arena);

#endif
