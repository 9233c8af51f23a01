/*
 * An HTTP request to a request primitive and a response primitive to an HTTP response, TS-0009 clause 6. Pure: plain
 * structs in, plain structs out; no sockets, no clock, no settings.
 */
#ifndef TESSERA_HTTP_MAP_H
#define TESSERA_HTTP_MAP_H

#include "arena.h"
#include "headers.h"
#include "media.h"
#include "primitive.h"
#include "trace.h"

#define MAP_MAX_TARGET 8192 /* bytes of a request target */

/* A request as it came. The mapping borrows from it: it must live as long as the mapping does. */
struct http_in {
    const char *method;
    const char *target; /* as in the request line: not decoded */
    size_t target_len;
    const char *header[HEADER_COUNT]; /* without blanks around; NULL when absent */
    struct str *body;                 /* rewritten in place: CBOR becomes JSON, line ends become blanks */
    struct slice identity;            /* JSON object for the envelope */
    int64_t now;                      /* ms since 1970 */
    const char *origins;              /* setting http.cors.origins */
    const char *release;              /* of answers that name none themselves */
};

struct mapping {
    struct arena arena;
    struct request req;         /* borrows from the arena and from http_in */
    const struct media *answer; /* what the answer is written in; never NULL after map_request() */
    int status;                 /* the HTTP status of a refusal that differs from its RSC's, or 0 */
    char trace[TRACE_SIZE];
    char why[240];
};

void mapping_init(struct mapping *m); /* must not be moved afterwards */
void mapping_done(struct mapping *m);

/* RSC_OK with `m->req` complete, or a refusal with `m->why` and perhaps `m->status`. */
enum rsc map_request(struct http_in *in, struct mapping *m);

/* The methods with their operations; a NOTIFY is a POST without `ty`. The first one of an operation is the one to be sent. */
struct map_method {
    const char *name; /* NULL behind the last */
    int op;
};
extern const struct map_method map_methods[];

/* The bus separates primitives by line feeds: between the tokens of JSON a blank is as good. */
void map_blank_line_ends(struct str *body);

#endif
