/* SPARQL on statements, with rasqal. A query reads the statements it is given and nothing else (scan.h). */
#ifndef SEMANTICS_SPARQL_H
#define SEMANTICS_SPARQL_H

#include "rdf.h"

#define SPARQL_RESULT_MAX (1 << 20) /* bytes of an answer */

/* All: RSC_OK, 4143 for a text that is no query that can be answered here, 5212 if it cannot be carried out; both with `why`. */

/* The form of a query only. */
enum rsc sparql_check(struct rdf *rdf, struct slice query, char *why, size_t why_size);
/* Does the query have a solution? ASK: is it true. */
enum rsc sparql_match(struct rdf *rdf, struct slice query, const struct graph *g, bool *yes, char *why, size_t why_size);
/*
 * The result as JSON: of SELECT and ASK as in SPARQL 1.1 Query Results JSON Format, of CONSTRUCT a text in Turtle (in quotes).
 */
enum rsc sparql_answer(struct rdf *rdf, struct slice query, const struct graph *g, struct str *json, char *why, size_t why_size);
/* SPARQL 1.1 Update, INSERT and DELETE of the default graph: changes `g`, which stays settled. On failure it is as it was. */
enum rsc sparql_update(struct rdf *rdf, struct slice update, struct graph *g, char *why, size_t why_size);

#endif
