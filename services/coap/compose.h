/*
 * A request primitive as a CoAP request to the next hop, and what comes back as a response primitive: map.h the other way round,
 * with the same tables. TS-0008 clause 6. Pure.
 */
#ifndef TESSERA_COAP_COMPOSE_H
#define TESSERA_COAP_COMPOSE_H

#include "message.h"
#include "outbound.h"

/* Initialised before anything is composed, so that it can be ended in any case; must not be moved afterwards. */
struct composed {
    struct arena arena;
    struct message message; /* borrows from the primitive, the arena and `own`; the payload is all of the content */
    struct str own;         /* the content where it had to be made */
};
void composed_init(struct composed *c);
void composed_done(struct composed *c);

/*
 * The request for `req` to `base`. The path is made from `to`: "~/..." for an SP-relative and "_/..." for an absolute address,
 * behind the path of `base`. But a NOTIFY to no address of another CSE goes to the URL itself. 0, or -1 with `why`.
 */
int compose_request(struct composed *c, const struct request *req, const struct target_url *base,
                    enum serialization serialization, char *why, size_t why_size);

/*
 * The response primitive of what came back, `body` being its content, rewritten in place. Borrows from both and the arena.
 * Without oneM2M-RSC the status code is made up: 2000 or 4000.
 */
void compose_response(struct response *rsp, const struct message *m, struct str *body, struct arena *arena);
/* What that means for whoever sent the request of operation `op`: "ok", "refused", or "unreachable", which is to be tried again.
 */
const char *compose_outcome(int op, const struct message *m, const struct response *rsp);

#endif
