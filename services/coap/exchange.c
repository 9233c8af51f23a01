#include "exchange.h"

#include "pdu.h"
#include "secure.h"
#include "server.h"
#include "submit.h"

#include <arpa/inet.h>

#include "mem.h"

#define HEADER_SIZE 20 /* of a message at most: token, length, payload marker */

void exchange_peer(const coap_session_t *session, char *address, size_t size)
{
    const coap_address_t *a = coap_session_get_addr_remote(session);
    int family = a ? a->addr.sa.sa_family : AF_UNSPEC;

    *address = '\0';
    if (family == AF_INET)
        inet_ntop(AF_INET, &a->addr.sin.sin_addr, address, (socklen_t)size);
    else if (family == AF_INET6)
        inet_ntop(AF_INET6, &a->addr.sin6.sin6_addr, address, (socklen_t)size);
}

void exchange_identity(const struct exchange *x, struct str *identity)
{
    char address[INET6_ADDRSTRLEN];

    exchange_peer(x->session, address, sizeof address);
    submit_identity(identity, x->by, *x->name ? x->name : NULL, *address ? address : NULL);
}

/* Address, port, protocol and identity as bytes. */
static void set_peer(struct exchange *x)
{
    char address[INET6_ADDRSTRLEN];
    int n;

    exchange_peer(x->session, address, sizeof address);
    n = snprintf(x->peer, sizeof x->peer, "%s %d %d %s", address, coap_address_get_port(coap_session_get_addr_remote(x->session)),
                 (int)coap_session_get_proto(x->session), x->name);
    x->peer_len = n < (int)sizeof x->peer ? (size_t)n : sizeof x->peer - 1;
}

bool exchange_begin(struct exchange *x, coap_session_t *session, const coap_pdu_t *pdu, const struct message *m, int64_t now)
{
    coap_bin_const_t token = coap_pdu_get_token(pdu);
    struct recent *before, *fresh = NULL;
    struct message answer;
    bool acknowledged;

    *x = (struct exchange){.session = coap_session_reference(session),
                           .mid = coap_pdu_get_mid(pdu),
                           .token_len = token.length <= sizeof x->token ? token.length : 0,
                           .confirmable = coap_pdu_get_type(pdu) == COAP_MESSAGE_CON,
                           .reliable = COAP_PROTO_RELIABLE(coap_session_get_proto(session))};
    memcpy(x->token, token.s, x->token_len);
    x->by = secure_who(session, &x->name);
    set_peer(x);
    if (x->reliable)
        return true;
    x->key = recent_key((struct slice){x->peer, x->peer_len}, (uint16_t)x->mid,
                        (struct slice){(const char *)x->token, x->token_len}, m);
    before = recent_find(x->key, now, &fresh);
    if (!before) {
        x->recent = fresh;
        return true;
    }
    if (recent_answered(before, &answer, &acknowledged) && !acknowledged)
        exchange_reply(x, &answer);
    else if (acknowledged)
        exchange_acknowledge(x); /* the answer is on its way, and repeated by itself */
    return false;
}

void exchange_done(struct exchange *x)
{
    if (x->session)
        coap_session_release(x->session);
    x->session = NULL;
}

static bool gone(const struct exchange *x)
{
    return coap_session_get_state(x->session) != COAP_SESSION_STATE_ESTABLISHED;
}

void exchange_acknowledge(struct exchange *x)
{
    coap_pdu_t *pdu;

    if (!x->confirmable || x->reliable || gone(x))
        return;
    pdu = coap_pdu_init(COAP_MESSAGE_ACK, COAP_EMPTY_CODE, x->mid, 0);
    if (!pdu || coap_send(x->session, pdu) == COAP_INVALID_MID)
        return;
    x->acknowledged = true;
    if (x->recent && recent_is(x->recent, x->key))
        recent_acknowledged(x->recent);
    server_touched();
}

size_t exchange_room(const struct exchange *x, const struct message *m)
{
    size_t most = coap_session_max_pdu_size(x->session), taken = HEADER_SIZE + message_options_size(m);

    return most > taken ? most - taken : 0;
}

bool exchange_reply(struct exchange *x, const struct message *m)
{
    bool piggybacked = x->confirmable && !x->acknowledged && !x->reliable;
    coap_pdu_type_t type = piggybacked ? COAP_MESSAGE_ACK : x->confirmable ? COAP_MESSAGE_CON : COAP_MESSAGE_NON;
    coap_pdu_t *pdu;

    if (gone(x))
        return false;
    pdu = coap_pdu_init(type, m->code, piggybacked ? x->mid : coap_new_message_id(x->session),
                        coap_session_max_pdu_size(x->session));
    if (!pdu)
        return false;
    if (!coap_add_token(pdu, x->token_len, x->token) || pdu_write(pdu, m) < 0) {
        coap_delete_pdu(pdu);
        return false;
    }
    if (x->recent && recent_is(x->recent, x->key))
        recent_answer(x->recent, m, x->acknowledged);
    server_touched();
    return coap_send(x->session, pdu) != COAP_INVALID_MID;
}
