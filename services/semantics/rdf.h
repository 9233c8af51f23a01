/*
 * Descriptors to statements and back, with raptor; and the world of libraries that all of it needs. Nothing is fetched: neither
 * from the network nor from files, whatever a descriptor refers to.
 */
#ifndef SEMANTICS_RDF_H
#define SEMANTICS_RDF_H

#include "graph.h"
#include "rsc.h"

#include <raptor2.h>
#include <rasqal.h>

/* m2m:semanticFormat */
enum rdf_format {
    RDF_IRI = 1,
    RDF_FUNCTIONAL,
    RDF_OWL_XML,
    RDF_XML,
    RDF_TURTLE,
    RDF_MANCHESTER,
    RDF_JSON_LD,
};

struct rdf {
    rasqal_world *rasqal;
    raptor_world *raptor; /* rasqal's */
    raptor_uri *base;
    const char *label; /* in front of the ids of blank nodes while a descriptor is read */
    int blanks;        /* given so far */
    char problem[200]; /* the first one that a library told of */
};

struct rdf *rdf_new(void);
void rdf_free(struct rdf *rdf);
void rdf_clear(struct rdf *rdf); /* forgets the problem */

/*
 * Adds the statements of a descriptor. Its blank nodes get ids of their own, which begin with `label`. RSC_OK; 5001 for a format
 * that is not read here; 4000 with `why` if the text is not of its format. On failure some statements may have been added.
 */
enum rsc rdf_read(struct rdf *rdf, struct graph *g, int format, struct slice text, const char *label, char *why, size_t why_size);
/* The statements as text of a format. 0, or -1. */
int rdf_write(struct rdf *rdf, const struct graph *g, int format, struct str *out);

/* One statement of raptor as a line; the caller frees. NULL if it is none. */
char *rdf_line(struct rdf *rdf, const raptor_statement *statement);

#endif
