/* Sending a NOTIFY out of the CSE, over the service for the address's protocol. docs/contracts.md. */
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

#endif
