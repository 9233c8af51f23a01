/*
 * JSON-LD (JSON-LD 1.0, and what 1.1 writes differently without new keywords) to statements and back. Contexts are inside the
 * document: one given by its address is refused, nothing is fetched. So are named graphs: a descriptor is one graph.
 */
#ifndef SEMANTICS_JSONLD_H
#define SEMANTICS_JSONLD_H

#include "rdf.h"

/* As rdf_read(): blank nodes get ids that begin with `label`. RSC_OK, or 4000 with `why`. */
enum rsc jsonld_read(struct rdf *rdf, struct graph *g, struct slice text, const char *label, char *why, size_t why_size);

/* Statements as one flat document in expanded form. */
struct jsonld_writer;
struct jsonld_writer *jsonld_writer_new(void);
void jsonld_add(void *writer, raptor_statement *statement);     /* a raptor_statement_handler */
void jsonld_end(struct jsonld_writer *writer, struct str *out); /* frees the writer */

#endif
