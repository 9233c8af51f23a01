/* The manual page, written from the tables: `tessera --man`, docs/tessera.1. */
#ifndef TESSERA_CLI_MANUAL_H
#define TESSERA_CLI_MANUAL_H

#include "str.h"

void manual_write(struct str *out);
/* Text as it may stand in a line of roff: backslashes, hyphens and leading dots escaped. */
void manual_escape(struct str *out, const char *text);

#endif
