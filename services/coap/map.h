/*
 * A CoAP request to a request primitive and a response primitive to a CoAP response, TS-0008 clause 6. Pure: no sockets, no
 * clock, no settings.
 */
#ifndef TESSERA_COAP_MAP_H
#define TESSERA_COAP_MAP_H

#include "media.h"
#include "message.h"
#include "primitive.h"
#include "trace.h"

/* A request as it came, block-wise transfer already undone. The mapping borrows from it. */
struct coap_in {
    const struct message *message;
    struct str *body;      /* rewritten in place: CBOR becomes JSON, line ends become blanks */
    struct slice identity; /* JSON object for the envelope */
    int64_t now;           /* ms since 1970 */
    const char *release;   /* of answers that name none themselves; may be NULL */
};

struct mapping {
    struct arena arena;
    struct request req;         /* borrows from the arena and from coap_in */
    const struct media *answer; /* what the answer is written in; never NULL */
    bool early;                 /* the requester uses the early option numbers */
    char trace[TRACE_SIZE];
    char why[240];
    struct str own; /* of the answer: its content in CBOR */
};

void mapping_init(struct mapping *m); /* must not be moved afterwards */
void mapping_done(struct mapping *m);

/* RSC_OK with `m->req` complete, or a refusal with `m->why`. submit_prepare() is left to the caller. */
enum rsc map_request(struct coap_in *in, struct mapping *m);

/* The response; borrows from the mapping, `rsp` and `in`. */
void map_response(struct message *out, const struct coap_in *in, struct mapping *m, const struct response *rsp);

/* The bus separates primitives by line feeds: between the tokens of JSON a blank is as good. */
void map_blank_line_ends(struct str *body);

#endif
