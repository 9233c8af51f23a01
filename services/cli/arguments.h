/* Query arguments from words of the command line: `lbl=room`, `ty=cnt`, and attribute filters. Pure. */
#ifndef TESSERA_CLI_ARGUMENTS_H
#define TESSERA_CLI_ARGUMENTS_H

#include "str.h"

/*
 * Appends them, percent-encoded and joined with '&'. Types may be given by their short names; lists with commas. A name is an
 * argument of the standard, an attribute of some type, or c.NAME or p.NAME. 0, or -1 with `why`.
 */
int arguments_write(struct str *query, char *const *words, char *why, size_t why_size);
void arguments_add(struct str *query, const char *name, const char *value); /* one more, not encoded */
bool arguments_have(char *const *words, const char *name);

#endif
