/* Responses that a service makes itself, instead of the receiver of the request: the parameters of TS-0004 7.2.1.2. */
#ifndef TESSERA_RESPOND_H
#define TESSERA_RESPOND_H

#include "clock.h"
#include "primitive.h"

/* Must not be moved: `rsp` borrows from the rest of it, and from the request. */
struct respond {
    struct response rsp;
    struct str content;
    char now[CLOCK_TEXT_SIZE];
};

/* What every response to `req` has, so far as that is known. Ended by respond_done(). */
void respond_init(struct respond *r, const struct request *req, int rsc);
/* With {"m2m:dbg":"..."} as its content; `retry` in seconds, or ABSENT. */
void respond_refuse(struct respond *r, const struct request *req, int rsc, const char *why, int retry);
void respond_done(struct respond *r);

#endif
