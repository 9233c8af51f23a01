/* The simple data types of attributes, TS-0004 6.3.2 and 6.3.3: what a value of each `enum attr_kind` looks like. */
#ifndef TESSERA_KIND_H
#define TESSERA_KIND_H

#include "rtype.h"

/* True if `value` is one of the simple `kind` (not LIST, ENUM, OBJECT or ANY). */
bool kind_fits(int kind, const json_t *value);
/* "a non-negative integer": for messages. */
const char *kind_name(int kind);

#endif
