/*
 * A set of RDF statements. Each is one line of N-Triples without its line feed: terms and the dot separated by single blanks,
 * so that equal statements are equal texts. Pure.
 */
#ifndef SEMANTICS_GRAPH_H
#define SEMANTICS_GRAPH_H

#include "str.h"

struct graph {
    char **lines;
    size_t count, room;
};

#define GRAPH_EMPTY                                                                                                              \
    {                                                                                                                            \
        NULL, 0, 0                                                                                                               \
    }

void graph_done(struct graph *g);
void graph_take(struct graph *g, char *line);                   /* g owns it now; it may be there already */
void graph_add_all(struct graph *g, const struct graph *other); /* copies */
void graph_settle(struct graph *g);                             /* sorts, and drops what is there twice */
bool graph_has(const struct graph *g, const char *line);        /* of a settled graph */
void graph_remove_all(struct graph *g, struct graph *other);    /* both settled */
void graph_relabel(struct graph *g);                            /* gives blank nodes short ids: b1, b2, ... */
void graph_write(const struct graph *g, struct str *out);       /* as N-Triples */

/* The three terms of a statement; they borrow from the line. */
struct statement {
    struct slice subject, predicate, object;
};
struct statement graph_statement(const char *line);

#endif
