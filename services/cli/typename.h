/* Resource types by the names that people use. */
#ifndef TESSERA_CLI_TYPENAME_H
#define TESSERA_CLI_TYPENAME_H

#include "rtype.h"

void typename_load(void); /* the specializations of flexContainer, which the others do when they need them */
/*
 * By short name ("cnt", "cntA"), number, root key ("m2m:cnt", "cod:color"), root key of a specialization without "m2m:"
 * ("bat"), or long name ("container"). NULL with `why`, which has the nearest one.
 */
const struct rtype *typename_find(const char *word, char *why, size_t why_size);
/* The short name of a type by its number; of a flexContainer or management object its root key, if `variant` tells which. */
const char *typename_of(int ty, const char *variant);
/* How a type is called here: "cnt"; of a variant its root key, "bat", "cod:color". */
const char *typename_short(const struct rtype *type);

#endif
