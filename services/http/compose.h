/*
 * A request primitive as an HTTP request to the next hop, and what comes back as a response primitive: map.h and render.h
 * the other way round, with the same tables. TS-0009 clause 6. Pure.
 */
#ifndef TESSERA_HTTP_COMPOSE_H
#define TESSERA_HTTP_COMPOSE_H

#include "arena.h"
#include "headers.h"
#include "outbound.h"
#include "render.h"

/* Borrows from the primitive; owns the rest. */
struct http_call {
    struct arena arena;
    const char *method;
    const char *url;
    struct http_header headers[RENDER_MAX_HEADERS]; /* values may be empty */
    int count;
    struct slice body;
    struct str own; /* the body where it had to be made */
};

/* Initialised before anything is composed, so that it can be ended in any case; must not be moved afterwards. */
void http_call_init(struct http_call *call);
void http_call_done(struct http_call *call);

/*
 * The request for `req` to `base`, a URL without fragment, its content written in `serialization`. The path is made from `to`:
 * "/~/..." for an SP-relative and "/_/..." for an absolute address, otherwise "/" and the address. But a NOTIFY to no address of
 * another CSE goes to the URL itself. 0, or -1 with `why`: the primitive cannot be written in HTTP.
 */
int compose_request(struct http_call *call, const struct request *req, const char *base, enum serialization serialization,
                    char *why, size_t why_size);

/* An HTTP response as it came. */
struct http_answer {
    long status;                      /* 0: none came */
    const char *header[HEADER_COUNT]; /* without blanks around; NULL when absent */
    struct str body;                  /* rewritten in place: CBOR becomes JSON, line ends become blanks */
};

/*
 * The response primitive; borrows from `answer` and `arena`. A content that is neither JSON nor CBOR is left out. Without
 * X-M2M-RSC the status code is made up: 2000 or 4000.
 */
void compose_response(struct response *rsp, struct http_answer *answer, struct arena *arena);

/*
 * What that means for whoever sent the request of operation `op`: "ok", "refused", or "unreachable", which is to be tried
 * again. A CSE's own answer with X-M2M-RSC counts as one, unless it says itself that it did not reach the target.
 */
const char *compose_outcome(int op, const struct http_answer *answer, const struct response *rsp);

#endif
