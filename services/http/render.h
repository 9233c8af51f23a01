/* A response primitive as an HTTP response, TS-0009 6.3 and 6.4. Pure. */
#ifndef TESSERA_HTTP_RENDER_H
#define TESSERA_HTTP_RENDER_H

#include "map.h"

#define RENDER_MAX_HEADERS 28

struct http_header {
    const char *name, *value;
};

/* Borrows from the request, its mapping and the response primitive; owns `own`. */
struct http_out {
    int status;
    int rsc;
    struct http_header headers[RENDER_MAX_HEADERS];
    int count;
    struct slice body;
    struct str own; /* the body where it had to be made */
};

void render_init(struct http_out *out);
void render_done(struct http_out *out);

void render_response(struct http_out *out, const struct http_in *in, struct mapping *m, const struct response *rsp);

/* An answer of this service itself: `why` goes into the content as m2m:dbg. `retry` in seconds, or ABSENT. */
void render_refusal(struct http_out *out, const struct http_in *in, struct mapping *m, enum rsc rsc, const char *why, int retry);

void render_header(struct http_out *out, const char *name, const char *value);

/* Strong entity tag of a representation, with its quotes, RFC 9110 8.8.3; 20 bytes with the NUL. */
#define RENDER_ETAG_SIZE 20
void render_etag(const char *type, struct slice body, char out[RENDER_ETAG_SIZE]);
/* True when If-None-Match names it, RFC 9110 13.1.2 (weak comparison). */
bool render_etag_matches(const char *if_none_match, const char *etag);

#endif
