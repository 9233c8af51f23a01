/* The way back of one request: to whom, and in what kind of message, RFC 7252 5.2. */
#ifndef TESSERA_COAP_EXCHANGE_H
#define TESSERA_COAP_EXCHANGE_H

#include "lib.h"
#include "message.h"
#include "recent.h"

#define EXCHANGE_PEER 256

struct exchange {
    coap_session_t *session; /* referenced */
    coap_mid_t mid;
    unsigned char token[8];
    size_t token_len;
    bool confirmable, reliable; /* reliable: TCP or TLS, without acknowledgements */
    bool acknowledged;          /* the answer goes in a message of its own */
    struct recent *recent;      /* where the answer is kept for when the request comes again; NULL: nowhere */
    struct recent_key key;
    const char *by, *name;    /* who it is, secure_who(); `by` NULL: he is refused */
    char peer[EXCHANGE_PEER]; /* address, protocol and identity: who may go on with a block-wise transfer */
    size_t peer_len;
};

/* Takes a request. False: it was here before; it is answered as it was then, or is being worked on. */
bool exchange_begin(struct exchange *x, coap_session_t *session, const coap_pdu_t *pdu, const struct message *m, int64_t now);
void exchange_done(struct exchange *x);

/* Tells the peer that the answer takes a while: it need not send the request again. */
void exchange_acknowledge(struct exchange *x);
/* Sends the answer, which fits into one message. False: it does not, or the peer is gone. */
bool exchange_reply(struct exchange *x, const struct message *m);
/* Bytes of payload that a message with these options may have. */
size_t exchange_room(const struct exchange *x, const struct message *m);

/* The peer's numeric address, NULL when there is none, and who it is: "none", or how it was authenticated, with its name. */
void exchange_peer(const coap_session_t *session, char *address, size_t size);
void exchange_identity(const struct exchange *x, struct str *identity);

#endif
