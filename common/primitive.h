/*
 * Request and response primitives, TS-0004 6.4 and 7.2.1: one struct each, read from and written to the bus through
 * one table of short names (primitive.c). Everything borrows from the envelope, or from whoever filled it in.
 */
#ifndef TESSERA_PRIMITIVE_H
#define TESSERA_PRIMITIVE_H

#include "envelope.h"
#include "rsc.h"

enum operation { OP_CREATE = 1, OP_RETRIEVE, OP_UPDATE, OP_DELETE, OP_NOTIFY };

#define ABSENT (-1) /* of an integer parameter */

struct request {
    /* envelope */
    const char *id; /* unique per request and kept by a redelivery: the idempotency key */
    const char *tenant;
    const char *trace;     /* W3C traceparent, or NULL */
    struct slice identity; /* {"by":"none"|"psk"|..., "name":..., "peer":"ip address"} */
    int64_t deadline;      /* ms since 1970 */
    const char *key;       /* another name under which its answer is noted, or NULL */
    const char *same;      /* perhaps the same as the one with this id or key, or NULL */
    const char *via;       /* CSE-ID of the next hop, in requests out, or NULL */
    bool again;            /* the broker delivered it before */
    bool untraced;         /* it came without a trace: the one it has begins here */
    bool inner;            /* asked for the sake of another request: profiles have been applied to that one */
    /* parameters, TS-0004 7.2.1.1; NULL, {NULL,0} or ABSENT when not given */
    int op;
    const char *to;
    const char *fr;
    const char *rqi;
    int ty;
    int rcn;
    int drt;
    int ec;
    int da, tqi, asi, auri, sqi; /* booleans: ABSENT, 0 or 1 */
    const char *rvi;
    const char *ot, *rqet, *rset, *oet, *rp;
    const char *gid, *vsi, *prpi;
    const char *msu;                                 /* M2M-Service-User */
    int gstn;                                        /* how many members of a group to ask */
    struct slice rt;                                 /* {"rtv":3,"nu":[...]} */
    struct slice fc;                                 /* filterCriteria object */
    struct slice rids, tkns, tids, ltids, grtm, aus; /* lists */
    struct slice pc;                                 /* content */
};

struct response {
    int rsc;
    const char *rqi, *rvi, *to, *fr;
    const char *ot, *rset, *vsi;
    int ec, cnst, cnot;
    struct slice ati, tqf;
    int asri;
    const char *loc; /* address of the created resource when it is in the content (HTTP Content-Location) */
    int retry;       /* seconds after which to try again (HTTP Retry-After), or ABSENT */
    struct slice pc;
};

void request_init(struct request *req);   /* everything absent */
void response_init(struct response *rsp); /* everything absent */

/* 0, or -1 with `why` filled in when a member has the wrong JSON type. `pc` is the envelope's body. */
int request_decode(struct request *req, const struct envelope *e, char *why, size_t why_size);
int response_decode(struct response *rsp, const struct envelope *e, char *why, size_t why_size);

/* Appends the head members of all that is present, except `id` and `deadline` (the bus writes them) and `pc` (it is line two). */
void request_encode(struct str *head, const struct request *req);
void response_encode(struct str *head, const struct response *rsp);

/*
 * The same between here and the outside, where only what the standard knows counts: what is written `tenant`, `identity`, `id`
 * there is nothing but an unknown member. Reading takes numbers for texts and the other way round, and a null for nothing.
 * -1 with `why` (the first mistake); what could be read is there all the same, so that an answer can be addressed.
 * primitive_json.h has the whole way.
 */
int request_decode_outside(struct request *req, const struct envelope *e, char *why, size_t why_size);
int response_decode_outside(struct response *rsp, const struct envelope *e, char *why, size_t why_size);
void request_encode_outside(struct str *head, const struct request *req);
void response_encode_outside(struct str *head, const struct response *rsp);

const char *primitive_operation(int op); /* "create"; "other" */

#endif
