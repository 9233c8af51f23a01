/*
 * Whole primitives as one text, TS-0004 8.3 and 8.4: `{"op":1,"to":"...","rqi":"12","pc":{...}}`, bare as MQTT (TS-0010 6.4)
 * and WebSocket (TS-0020 6.2) have it, or as the only member of {"m2m:rqp":...} or {"m2m:rsp":...}, as polling channels and
 * notifications carry it. In JSON or CBOR. One pass over the text checks it and takes it apart; the content stays text.
 */
#ifndef TESSERA_PRIMITIVE_JSON_H
#define TESSERA_PRIMITIVE_JSON_H

#include "primitive.h"

enum primitive_kind { PRIMITIVE_NONE, PRIMITIVE_REQUEST, PRIMITIVE_RESPONSE };

#define PRIMITIVE_MAX_MEMBERS 64

struct primitive {
    enum primitive_kind kind;
    bool wrapped; /* below m2m:rqp or m2m:rsp; read, and written likewise */
    union {
        struct request req;
        struct response rsp;
    };
};

/*
 * Reads a message, which is rewritten in place (what was CBOR is JSON then) and lends its memory to `p` as long as that is used.
 * Its size is the caller's to bound. The kind is that of the wrapper, or else told by `op` or `rsc`. No primitive is without
 * `op`, `to`, `rqi` or `rsc`, `rqi`; everything else, and what the values mean, is the receiver's to check. Numbers and texts are
 * taken for each other where no doubt is possible: {"rsc":"2000","rqi":7}. 0, or -1 with `why`, for a 4000: then `kind` and the
 * parameters are what could be read, perhaps nothing.
 */
int primitive_read(struct primitive *p, struct str *message, bool cbor, char *why, size_t why_size);

/* Appends the primitive as a bare JSON object, with `pc` and without what only the platform needs. */
void primitive_write_request(struct str *out, const struct request *req);
void primitive_write_response(struct str *out, const struct response *rsp);
/* Likewise, `out` being the whole message. -1 with `why` when CBOR cannot say it (a number beyond 64 bits): `out` is empty then.
 */
int primitive_serialize(struct str *out, const struct primitive *p, bool cbor, char *why, size_t why_size);

#endif
