/* Query arguments to request parameters and filterCriteria, TS-0009 6.2.2.2: one table. Pure. */
#ifndef TESSERA_HTTP_QUERY_H
#define TESSERA_HTTP_QUERY_H

#include "arena.h"
#include "primitive.h"

#define QUERY_MAX_ARGUMENTS 128

struct query {
    int rtv;                 /* responseTypeValue, or ABSENT */
    struct slice attributes; /* JSON list of the names of a partial RETRIEVE (atrl), or {NULL, 0} */
};

/*
 * Reads `text`, what stands between '?' and '#', still percent-encoded. Fills in parameters of `req`, whose texts are in
 * the arena, and `query`. RSC_OK, or another with `why`.
 */
enum rsc query_map(const char *text, size_t len, struct arena *arena, struct request *req, struct query *query, char *why,
                   size_t why_size);

/* "a+b" (percent-encoded) as a JSON list of attribute names; {NULL, 0} when one of them is none. */
struct slice query_names(const char *text, size_t len, struct arena *arena);

#endif
