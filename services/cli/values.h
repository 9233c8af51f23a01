/* Attributes from words of the command line: `name=value`, typed by the attribute's kind. Pure. */
#ifndef TESSERA_CLI_VALUES_H
#define TESSERA_CLI_VALUES_H

#include "rtype.h"

/*
 * Sets one attribute of `attrs`. The forms: `mni=5`, `lbl=a,b` (lists), `enc.net=1,3` (a member of an object), `name:=JSON` (as
 * it stands), `name=` (on UPDATE: null, which removes it). 0, or -1 with `why`, which names the attribute and the rule.
 */
int values_set(const struct rtype *type, bool update, json_t *attrs, const char *word, char *why, size_t why_size);

/*
 * The representation {"m2m:cnt":{...}} of words: one JSON text (with or without the root key) or none, then name=value. The
 * caller owns it. NULL with `why`.
 */
json_t *values_representation(const struct rtype *type, bool update, const char *json, size_t len, char *const *words, char *why,
                              size_t why_size);

#endif
