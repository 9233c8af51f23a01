/*
 * Does a descriptor agree with its ontologies? TS-0001 10.2.14: what it uses of them must be there, object properties lead to
 * resources and datatype properties to literals, domains and ranges hold, functional properties have one value, and nothing is of
 * two disjoint classes; subclasses and subproperties count as what is above them. Pure.
 */
#ifndef SEMANTICS_VALIDATE_H
#define SEMANTICS_VALIDATE_H

#include "graph.h"

/* Both settled. False with `why`. */
bool validate(const struct graph *descriptor, const struct graph *ontology, char *why, size_t why_size);

#endif
