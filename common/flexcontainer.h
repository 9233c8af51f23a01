/*
 * Specializations of <flexContainer>, TS-0001 9.6.35: variants of the resource type that are made of JSON files at start.
 * Those of TS-0023 and of generic interworking are part of the program (common/types/flexcontainers/); an operator adds
 * others in the directory of the setting cse.flexcontainers. A file is an object, by root key:
 *
 *     {"ex:lamp": {"cnd": "org.example.lamp", "attributes": {"pow": "power boolean 1", "col": "colour string"}}}
 *
 * An attribute is described by "LONG-NAME KIND [MULTIPLICITY [CREATE UPDATE]]": multiplicity 1 or 0..1 (which is meant when it
 * is left out), M, O or NP in the request, by default as the multiplicity says. Without `cnd` any containerDefinition that
 * belongs to no other will do, and no <flexContainerInstance> is kept.
 */
#ifndef TESSERA_FLEXCONTAINER_H
#define TESSERA_FLEXCONTAINER_H

#include "rtype.h"

/* Registers all of them, once. Ends the process with the file's name and the reason when one cannot be read. */
void flexcontainer_start(void);

/*
 * Registers those in `text`: one object, or several in a row. Returns how many, or -1 with `why`; those before the bad one
 * are registered then.
 */
int flexcontainer_load(const char *text, size_t len, char *why, size_t why_size);

/* An attribute that the specialization adds to those of every flexContainer. */
bool flexcontainer_custom(const char *name);

#endif
