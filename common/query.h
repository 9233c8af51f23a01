/* Query arguments to request parameters and filterCriteria and back, TS-0009 6.2.2.2: one table (query_rows.c). Pure. */
#ifndef TESSERA_QUERY_H
#define TESSERA_QUERY_H

#include "arena.h"
#include "primitive.h"

#define QUERY_MAX_ARGUMENTS 128

enum query_kind {
    QUERY_NUMBER,  /* not below `least` */
    QUERY_NUMBERS, /* a list, joined with '+' or repeated */
    QUERY_BOOLEAN, /* true, false, 1, 0 */
    QUERY_TEXT,    /* '+' stands for a blank */
    QUERY_TEXTS,   /* a list, joined with '+' or repeated */
    QUERY_REPEATS, /* a list, only repeated: '+' stands for a blank */
    QUERY_TIME,    /* m2m:timestamp */
    QUERY_VALUE,   /* any JSON value */
    QUERY_NAMES,   /* attribute names of a partial RETRIEVE */
    QUERY_RTV,     /* responseTypeValue; where the answers go is in X-M2M-RTU */
    QUERY_OWN,     /* never written so: attribute filters are name=value */
    QUERY_NEVER,   /* a parameter that this platform does not support */
};

struct query_row {
    const char *name; /* NULL behind the last row */
    enum query_kind kind;
    bool parameter; /* else a member of filterCriteria */
    size_t offset;  /* of a parameter in struct request */
    int64_t least;
};
extern const struct query_row query_rows[];
const struct query_row *query_row_find(const char *name); /* NULL: no such argument */

/* Attribute filters by the prefix of the argument's name; the longer prefixes come first. */
struct query_filter {
    const char *prefix, *member;
};
#define QUERY_FILTERS 3
extern const struct query_filter query_filters[QUERY_FILTERS];

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

/*
 * The inverse: appends the arguments of `req`, joined with '&', to `out`. `rtv` and `attributes` as query_map() gives them.
 * 0, or -1 with `why` for what an argument cannot say.
 */
int query_write(struct str *out, const struct request *req, const struct query *query, char *why, size_t why_size);

/*
 * What stands in the query although it is no parameter of its own: of m2m:responseTypeInfo the value, while its targets (`nu`, a
 * JSON list in the arena; untouched when there are none) go elsewhere; -1 when it is no object. And the names of a partial
 * RETRIEVE,
 * {"m2m:atrl":[...]}, which has no content then; false when it is none.
 */
int query_of_response_type(struct query *query, struct slice rt, struct slice *nu, struct arena *arena);
bool query_of_attributes(struct query *query, const struct request *req, struct arena *arena);

/*
 * The way back: a partial RETRIEVE of `names` is asked for by a content, TS-0004 7.3.3.10. RSC_OK (also without names), or
 * another with `why`. And m2m:responseTypeInfo of the value, or ABSENT, and of the targets joined with '&', or NULL: targets
 * alone go with the default, blockingRequest.
 */
enum rsc query_ask_attributes(struct request *req, struct slice names, struct arena *arena, char *why, size_t why_size);
void query_set_response_type(struct request *req, int rtv, const char *targets, struct arena *arena);

/* "a+b" (percent-encoded) as a JSON list of attribute names; {NULL, 0} when one of them is none. */
struct slice query_names(const char *text, size_t len, struct arena *arena);

#endif
