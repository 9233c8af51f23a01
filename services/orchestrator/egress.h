/* Sending requests out of the CSE, over the service for the address's protocol. docs/contracts.md, "To egress.http". */
#ifndef TESSERA_EGRESS_H
#define TESSERA_EGRESS_H

#include "bus.h"
#include "json.h"
#include "primitive.h"

struct egress_notify {
    const char *url;
    const char *to; /* resource id of the target, or NULL */
    const char *fr;
    const char *rqi;
    const char *rvi;
    int ec;            /* or ABSENT */
    const json_t *csz; /* or NULL */
    struct slice content;
};

/* -1: nothing was sent, on_reply will not be called. */
int egress_send(const struct request *req, const struct egress_notify *n, int64_t deadline, bus_reply_fn *on_reply,
                void *context);

/* In words: why BUS_NOBODY came back. Static text. */
const char *egress_nobody(const char *url);

/*
 * By when something sent to an address is to be answered. It may take all of the time: where there are other addresses to be
 * tried after it, they get their half.
 */
int64_t egress_deadline(bool others, int64_t deadline);

/*
 * Sends the whole of `req` on to another CSE, whose points of access `poa` (a list of URLs) are tried in turn; a CREATE that may
 * have been carried out is not tried again. `done` is called once, perhaps before this returns: with the response, which lives
 * during the call, its `loc` as seen from here; or with NULL and `why` when the other CSE could not be reached. `req` and what it
 * borrows are needed until then; `csz` (or NULL) is what the other CSE prefers. `deadline` in ms since 1970.
 */
typedef void egress_response_fn(void *context, const struct response *rsp, const char *why);
void egress_forward(const struct request *req, const json_t *poa, const json_t *csz, int64_t deadline, egress_response_fn *done,
                    void *context);

#endif
