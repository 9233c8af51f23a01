/* What an ontology says of classes and properties, with simple RDFS reasoning: what is above them. Graphs are settled. Pure. */
#ifndef SEMANTICS_SCHEMA_H
#define SEMANTICS_SCHEMA_H

#include "graph.h"

#define RDF_TYPE "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
#define RDFS_NS "http://www.w3.org/2000/01/rdf-schema#"
#define OWL_NS "http://www.w3.org/2002/07/owl#"
#define XSD_NS "http://www.w3.org/2001/XMLSchema#"

/* Where the statements of a subject begin, and whether one is of it. */
size_t schema_first(const struct graph *g, struct slice subject);
bool schema_is_of(const struct graph *g, size_t place, struct slice subject);

enum { ABOVE_MAX = 256 };

/* A term and all that is above it, each once; the slices borrow from the ontology (the first is the term itself). */
struct above {
    struct slice terms[ABOVE_MAX];
    size_t count;
};
void schema_classes_above(const struct graph *ontology, struct slice class, struct above *above);
void schema_properties_above(const struct graph *ontology, struct slice property, struct above *above);

/* Does a value break what the ontology says of the property's domain, range or functionality? NULL, or what is wrong. */
const char *schema_problem(const struct graph *descriptor, const struct graph *ontology, size_t place);
/* Is the subject of two classes that the ontology says are disjoint, or are classes above them? `type` is one of its classes. */
bool schema_is_disjoint(const struct graph *descriptor, const struct graph *ontology, struct slice subject, struct slice type);

#endif
