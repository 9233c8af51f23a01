#include "egress.h"

#include "block.h"
#include "clock.h"
#include "compose.h"
#include "config.h"
#include "log.h"
#include "outbound.h"
#include "pdu.h"
#include "peer.h"
#include "secure.h"
#include "server.h"
#include "table.h"

#include "mem.h"

#define TOKEN_SIZE 8
#define RESERVE 64 /* bytes of a message beside its options and payload */

/* One request on its way. Its answer is found by the token, which is of one use only. */
struct out {
    struct outbound o; /* first */
    struct composed composed;
    coap_session_t *session; /* borrowed from its peer; NULL: not there yet */
    struct table_entry entry;
    char token[2 * TOKEN_SIZE + 1]; /* as text: the key */
    struct out *prev, *next;
    bool listed;
    unsigned szx;      /* of the blocks that the content goes in */
    size_t gone;       /* bytes of content that have arrived there */
    struct str answer; /* content that has come, without its last block */
};

static struct outbound_metrics metrics = OUTBOUND_METRICS("coap");
static struct table by_token;
static struct out *all;
static size_t max_answer;
static uint64_t next_token;

/* ---- who is out ---- */

static void list(struct out *out)
{
    unsigned char random[4];

    coap_prng(random, sizeof random);
    snprintf(out->token, sizeof out->token, "%02x%02x%02x%02x%08x", random[0], random[1], random[2], random[3],
             (unsigned)next_token++);
    out->entry.key = out->token;
    table_insert(&by_token, &out->entry);
    out->prev = NULL;
    out->next = all;
    if (all)
        all->prev = out;
    all = out;
    out->listed = true;
}

static void unlist(struct out *out)
{
    if (!out->listed)
        return;
    table_remove(&by_token, &out->entry);
    *(out->prev ? &out->prev->next : &all) = out->next;
    if (out->next)
        out->next->prev = out->prev;
    out->listed = false;
}

static void release(struct outbound *base)
{
    struct out *out = (struct out *)base;

    unlist(out);
    composed_done(&out->composed);
    str_done(&out->answer);
}

static void fail(struct out *out, const char *why)
{
    unlist(out);
    outbound_failed(&out->o, why);
}

static void token_bytes(const struct out *out, uint8_t bytes[TOKEN_SIZE])
{
    uint64_t value = strtoull(out->token, NULL, 16);

    for (int i = TOKEN_SIZE; i-- > 0; value >>= 8)
        bytes[i] = (uint8_t)value;
}

static struct out *find(const coap_pdu_t *pdu)
{
    coap_bin_const_t token = coap_pdu_get_token(pdu);
    char text[2 * TOKEN_SIZE + 1];
    struct table_entry *entry;

    if (token.length != TOKEN_SIZE)
        return NULL;
    for (size_t i = 0; i < TOKEN_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", token.s[i]);
    entry = table_find(&by_token, text);
    return entry ? (struct out *)(void *)((char *)entry - offsetof(struct out, entry)) : NULL;
}

/* ---- one message ---- */

/* Sends what `m` says as a confirmable request. */
static int transmit(struct out *out, const struct message *m)
{
    uint8_t token[TOKEN_SIZE];
    coap_pdu_t *pdu = coap_new_pdu(COAP_MESSAGE_CON, m->code, out->session);

    token_bytes(out, token);
    if (!pdu)
        return -1;
    if (!coap_add_token(pdu, TOKEN_SIZE, token) || pdu_write(pdu, m) < 0) {
        coap_delete_pdu(pdu);
        return -1;
    }
    out->o.sent = true;
    server_touched();
    return coap_send(out->session, pdu) == COAP_INVALID_MID ? -1 : 0;
}

/* All of the content, or the block of it that is next, RFC 7959 2.5. */
static int transmit_content(struct out *out)
{
    struct message m = out->composed.message;
    size_t most = coap_session_max_pdu_size(out->session), taken = RESERVE + message_options_size(&m);
    struct slice whole = m.payload;
    struct arena arena;
    int status;

    if (most <= taken + 16)
        return -1;
    arena_init(&arena);
    if (out->gone > 0 || whole.n > most - taken ||
        (whole.n > block_size(BLOCK_MAX_SZX) && most < 2 * block_size(BLOCK_MAX_SZX))) {
        struct block block = {0, false, out->szx};

        while (out->szx > 0 && block_size(out->szx) > most - taken)
            out->szx--;
        block.szx = out->szx;
        block.num = (uint32_t)(out->gone / block_size(out->szx));
        block.more = out->gone + block_size(out->szx) < whole.n;
        m.payload = (struct slice){whole.p + out->gone, block.more ? block_size(out->szx) : whole.n - out->gone};
        block_add(&m, &arena, OPTION_BLOCK1, &block);
        if (out->gone == 0)
            message_add_uint(&m, &arena, OPTION_SIZE1, (uint32_t)whole.n);
    }
    status = transmit(out, &m);
    arena_done(&arena);
    return status;
}

/* The next block of the answer, RFC 7959 2.4: the same request, without its content. */
static int ask_for_more(struct out *out, const struct block *last)
{
    struct message m = out->composed.message;
    struct block block = {last->num + 1, false, last->szx};
    struct arena arena;
    int status;

    m.payload = (struct slice){NULL, 0};
    arena_init(&arena);
    block_add(&m, &arena, OPTION_BLOCK2, &block);
    status = transmit(out, &m);
    arena_done(&arena);
    return status;
}

/* ---- outbound ---- */

static char *address_of(const struct outbound *o)
{
    return xasprintf("%.*s", (int)o->target.host, str_text(&o->target.url));
}

/* Everything that waits for this peer goes, or has failed. */
static void on_ready(const char *address, coap_session_t *session, const char *why)
{
    for (struct out *out = all, *next; out; out = next) {
        auto_free char *own = address_of(&out->o);

        next = out->next;
        if (out->session || strcmp(own, address) != 0)
            continue;
        out->session = session;
        if (!session || transmit_content(out) < 0)
            fail(out, session ? "the request does not fit into a message" : why);
    }
}

static int begin(struct outbound *base, int64_t left)
{
    struct out *out = (struct out *)base;
    auto_free char *address = address_of(base);
    const char *why;

    (void)left;
    out->szx = BLOCK_MAX_SZX;
    out->gone = 0;
    out->session = peer_find(address, on_ready, &why);
    if (!out->session && why) {
        snprintf(base->why, sizeof base->why, "%s", why);
        return -1;
    }
    list(out);
    if (!out->session || transmit_content(out) == 0)
        return 0;
    unlist(out);
    snprintf(base->why, sizeof base->why, "it cannot be sent");
    return -1;
}

static void expire(struct outbound *base)
{
    fail((struct out *)base, "no answer in time");
}

static int prepare(struct outbound *base, char *why, size_t why_size)
{
    struct out *out = (struct out *)base;

    composed_init(&out->composed);
    return compose_request(&out->composed, &base->req, &base->target, base->serialization, why, why_size);
}

/* ---- what comes back ---- */

static void complete(struct out *out, const struct message *m)
{
    struct response rsp;
    const char *st;
    char why[80];

    compose_response(&rsp, m, &out->answer, &out->composed.arena);
    st = compose_outcome(out->o.req.op, m, &rsp);
    snprintf(why, sizeof why, "CoAP code %d.%02d", MESSAGE_CLASS(m->code), m->code & 31);
    unlist(out);
    outbound_answered(&out->o, &rsp, st, strcmp(st, "ok") == 0 ? NULL : why);
}

static void too_large(struct out *out)
{
    struct response rsp;

    response_init(&rsp);
    rsp.rsc = RSC_NOT_ACCEPTABLE;
    unlist(out);
    outbound_answered(&out->o, &rsp, "refused", "the answer is too long");
}

/* The peer wants smaller blocks, or the next one. True: something was sent. */
static bool go_on_sending(struct out *out, const struct message *m)
{
    struct block block;
    bool known = block_read(m, OPTION_BLOCK1, &block) == 1;

    if (m->code == MESSAGE_CODE(413) && known && block.szx < out->szx && out->gone == 0) {
        out->szx = block.szx;
        return transmit_content(out) == 0;
    }
    if (m->code != MESSAGE_CODE(231) || !known)
        return false;
    out->gone += block_size(out->szx);
    if (block.szx < out->szx)
        out->szx = block.szx;
    if (out->gone >= out->composed.message.payload.n)
        return false;
    return transmit_content(out) == 0;
}

static coap_response_t on_response(coap_session_t *session, const coap_pdu_t *sent, const coap_pdu_t *received,
                                   const coap_mid_t mid)
{
    struct out *out = find(received);
    struct message m;
    struct block block;

    (void)sent, (void)mid;
    if (!out || out->session != session || pdu_read(&m, received) < 0)
        return COAP_RESPONSE_FAIL;
    if (go_on_sending(out, &m))
        return COAP_RESPONSE_OK;
    if (block_read(&m, OPTION_BLOCK2, &block) == 1) {
        if ((uint64_t)block.num * block_size(block.szx) != out->answer.len) {
            if ((uint64_t)block.num * block_size(block.szx) < out->answer.len)
                return COAP_RESPONSE_OK; /* once more what has come already */
            fail(out, "a block is missing");
            return COAP_RESPONSE_OK;
        }
    } else {
        str_reset(&out->answer);
        block.more = false;
    }
    if (out->answer.len + m.payload.n > max_answer) {
        too_large(out);
        return COAP_RESPONSE_OK;
    }
    str_add(&out->answer, m.payload.p, m.payload.n);
    if (!block.more)
        complete(out, &m);
    else if (m.payload.n != block_size(block.szx) || ask_for_more(out, &block) < 0)
        fail(out, "the next block cannot be asked for");
    return COAP_RESPONSE_OK;
}

void egress_lost(const coap_session_t *session)
{
    const char *why = secure_why(session);

    for (struct out *out = all, *next; out; out = next) {
        next = out->next;
        if (out->session == session)
            fail(out, why ? why : "the connection is gone");
    }
    peer_drop(session);
}

/* What was sent has not arrived, or was not understood. */
static void on_nack(coap_session_t *session, const coap_pdu_t *sent, const coap_nack_reason_t reason, const coap_mid_t mid)
{
    struct out *out = sent && coap_pdu_get_code(sent) < MESSAGE_CODE(200) ? find(sent) : NULL;

    (void)mid;
    if (coap_session_get_type(session) != COAP_SESSION_TYPE_CLIENT)
        return;
    if (reason == COAP_NACK_RST && out)
        fail(out, "it does not understand the message");
    else if (reason != COAP_NACK_RST)
        egress_lost(session);
}

void egress_start(void)
{
    static const char *const schemes[] = {"coap", "coaps", "coap+tcp", "coaps+tcp", NULL};
    static const struct outbound_binding binding = {
        .size = sizeof(struct out),
        .schemes = schemes,
        .metrics = &metrics,
        .prepare = prepare,
        .send = begin,
        .expire = expire,
        .release = release,
    };
    struct outbound_limits limits = {
        .total = (int)config_int("coap.egress.total"),
        .per_target = (int)config_int("coap.egress.per_target"),
        .per_cse = (int)config_int("coap.egress.per_cse"),
        .timeout = config_int("coap.egress.timeout"),
    };

    max_answer = (size_t)config_int("coap.egress.max_answer");
    peer_setup((int)config_int("coap.egress.peers"), (unsigned)(limits.per_target + limits.per_cse));
    coap_register_response_handler(server_context(), on_response);
    coap_register_nack_handler(server_context(), on_nack);
    outbound_start(&binding, &limits);
}

void egress_stop(void)
{
    if (outbound_idle())
        outbound_stop();
    peer_stop();
}
