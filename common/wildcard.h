/* Names with `*` in them. */
#ifndef TESSERA_WILDCARD_H
#define TESSERA_WILDCARD_H

#include <stdbool.h>

/* `*` in the pattern stands for any characters, none included. `fold`: upper and lower case of ASCII are the same. */
bool wildcard_match(const char *pattern, const char *text, bool fold);

#endif
