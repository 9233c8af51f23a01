#include "call.h"

#include "block.h"
#include "clock.h"
#include "config.h"
#include "cse.h"
#include "exchange.h"
#include "log.h"
#include "loop.h"
#include "map.h"
#include "options.h"
#include "pdu.h"
#include "respond.h"
#include "server.h"
#include "submit.h"

#include "mem.h"

#define TICK_MS 100 /* how late an acknowledgement may be noticed to be due */

SUBMIT_METRICS("coap");

/* One request that is being carried out. */
struct call {
    struct submission submission; /* first */
    struct call *prev, *next;
    struct exchange x;
    struct mapping map;
    struct coap_in in;
    struct message message; /* of the request; only what the mapping copied is valid later */
    struct str body, identity, key;
    struct block block1, block2; /* of the request */
    bool has_block1, has_block2;
    int64_t started; /* clock_mono_us() */
    size_t received;
};

static struct call *all;
static int count;
static struct loop_timer *ticker;
static struct {
    int64_t acknowledge; /* ms */
    int inflight;
    size_t max_content;
} settings;

static void on_tick(void *unused);

void call_setup(void)
{
    settings.acknowledge = config_int("coap.acknowledge");
    settings.inflight = (int)config_int("coap.inflight");
    settings.max_content = (size_t)config_int("coap.max_content");
    submit_begin_counting(&metrics);
    submit_setup(&(struct submit_limits){.lifetime = cse_request_lifetime_ms(),
                                         .poll_lifetime = config_int("coap.poll.lifetime"),
                                         .polls = config_int("coap.poll.max")});
    block_setup(&(struct block_limits){settings.max_content, (size_t)config_int("coap.blocks"), config_int("coap.patience")});
    recent_setup((int)config_int("coap.recent"), config_int("coap.recent_lifetime"));
    ticker = loop_timer_new(on_tick, NULL);
}

static struct call *call_new(void)
{
    struct call *call = xcalloc(1, sizeof *call);

    mapping_init(&call->map);
    call->started = clock_mono_us();
    call->next = all;
    if (all)
        all->prev = call;
    else
        loop_timer_start(ticker, TICK_MS, TICK_MS);
    all = call;
    count++;
    return call;
}

static void call_done(struct call *call)
{
    *(call->prev ? &call->prev->next : &all) = call->next;
    if (call->next)
        call->next->prev = call->prev;
    count--;
    if (!all)
        loop_timer_stop(ticker);
    submission_done(&call->submission);
    mapping_done(&call->map);
    exchange_done(&call->x);
    str_done(&call->body);
    str_done(&call->identity);
    str_done(&call->key);
    free(call);
}

/* Who would send the request again is told that it has come; and blocks that nobody asks for are forgotten. */
static void on_tick(void *unused)
{
    int64_t now = clock_mono_us();

    (void)unused;
    for (struct call *call = all; call; call = call->next)
        if (!call->x.acknowledged && now - call->started > settings.acknowledge * 1000)
            exchange_acknowledge(&call->x);
}

void call_leave(const coap_session_t *session)
{
    for (const struct call *call = all; call; call = call->next)
        if (!session || call->x.session == session)
            submission_leave(&call->submission);
}

bool call_idle(void)
{
    return count == 0;
}

void call_stop(void)
{
    while (all)
        call_done(all);
    block_forget();
    recent_forget();
    loop_timer_free(ticker);
}

/* ---- answers ---- */

/* The largest block that fits, and is no larger than the one asked for. */
static unsigned fitting(const struct call *call, const struct message *m, unsigned most)
{
    size_t room = exchange_room(&call->x, m) - 16; /* for the options of the block itself */
    unsigned szx = most;

    while (szx > 0 && block_size(szx) > room)
        szx--;
    return szx;
}

static bool whole_fits(const struct call *call, const struct message *m)
{
    size_t most = exchange_room(&call->x, m);

    if (!call->x.reliable && most > block_size(BLOCK_MAX_SZX))
        most = block_size(BLOCK_MAX_SZX);
    return m->payload.n <= most && (!call->has_block2 || m->payload.n <= block_size(call->block2.szx));
}

/* All of the answer, or its first block: the rest is kept for who asks for it. */
static void say(struct call *call, struct message *m)
{
    struct block block = {0, false, BLOCK_MAX_SZX};

    if (!whole_fits(call, m)) {
        if (call->has_block2)
            block = call->block2;
        block.szx = fitting(call, m, block.szx);
        block_keep((struct slice){call->key.data, call->key.len}, m, &call->map.arena, clock_now_ms());
        if (!block_cut(m, &call->map.arena, &block)) {
            message_init(m, MESSAGE_CODE(402));
        }
    }
    if (call->has_block1) {
        call->block1.more = false;
        block_add(m, &call->map.arena, OPTION_BLOCK1, &call->block1);
    }
    if (!exchange_reply(&call->x, m))
        log_debug("coap.unsent", "rqi=%s why=%s", call->map.req.rqi, "the peer is gone");
}

static void answer(struct call *call, const struct response *rsp)
{
    struct message m;

    map_response(&m, &call->in, &call->map, rsp);
    submit_count(&metrics, &call->submission, &call->map.req, rsp->rsc, call->started, call->received, m.payload.n, NULL);
    say(call, &m);
}

static void refuse(struct call *call, enum rsc rsc, const char *why, int retry)
{
    struct respond r;

    respond_refuse(&r, &call->map.req, (int)rsc, why, retry);
    answer(call, &r.rsp);
    respond_done(&r);
}

static void on_response(struct submission *submission, const struct response *rsp, const struct submit_failure *failure)
{
    struct call *call = (struct call *)submission;

    if (failure) {
        metric_add(&metrics.refused, 1, failure->reason);
        refuse(call, failure->rsc, failure->why, failure->retry);
    } else {
        answer(call, rsp);
    }
    call_done(call);
}

/* ---- requests ---- */

static void carry_out(struct call *call)
{
    struct request *req = &call->map.req;
    const struct submit_failure *failure = NULL;
    enum rsc rsc;

    call->in = (struct coap_in){
        &call->message, &call->body, {call->identity.data, call->identity.len},
          clock_now_ms(), NULL
    };
    call->received = call->body.len;
    rsc = map_request(&call->in, &call->map);
    if (rsc == RSC_OK)
        rsc = submit_prepare(req, call->in.now, call->map.why, sizeof call->map.why);
    if (rsc != RSC_OK) {
        if (rsc == RSC_BAD_REQUEST)
            metric_add(&metrics.refused, 1, "malformed");
        refuse(call, rsc, call->map.why, ABSENT);
    } else if (count > settings.inflight || server_draining()) {
        metric_add(&metrics.refused, 1, server_draining() ? "draining" : "inflight");
        refuse(call, RSC_TARGET_NOT_REACHABLE, "too much is being done already", 1);
        rsc = RSC_TARGET_NOT_REACHABLE;
    } else if ((failure = submit(&call->submission, req, on_response))) {
        metric_add(&metrics.refused, 1, failure->reason);
        refuse(call, failure->rsc, failure->why, failure->retry);
    }
    if (rsc != RSC_OK || failure)
        call_done(call);
}

/* What the blocks of one content have in common: the peer, the method, and all options but those of the blocks. */
static void set_key(struct call *call, bool request_identifier)
{
    static const unsigned left_out[] = {OPTION_BLOCK1, OPTION_BLOCK2, OPTION_SIZE1, OPTION_SIZE2, OPTION_ETAG};

    str_reset(&call->key);
    str_add(&call->key, call->x.peer, call->x.peer_len);
    str_putc(&call->key, (char)call->message.code);
    for (int i = 0; i < call->message.count; i++) {
        const struct option *o = &call->message.options[i];
        bool skip = !request_identifier && (o->number == OPTION_RQI || o->number == EARLY_RQI);

        for (size_t k = 0; k < ARRAY_LEN(left_out); k++)
            skip = skip || o->number == left_out[k];
        if (skip)
            continue;
        str_add(&call->key, &o->number, sizeof o->number);
        str_add(&call->key, &o->value.n, sizeof o->value.n);
        str_add(&call->key, o->value.p, o->value.n);
    }
}

static void say_code(struct call *call, int code)
{
    struct message m;

    message_init(&m, MESSAGE_CODE(code));
    if (call->has_block1)
        block_add(&m, &call->map.arena, OPTION_BLOCK1, &call->block1);
    if (code == 413)
        message_add_uint(&m, &call->map.arena, OPTION_SIZE1, (uint32_t)settings.max_content);
    exchange_reply(&call->x, &m);
}

/* The next block of an answer that was too large. False: it is not kept (any more). */
static bool say_kept(struct call *call)
{
    struct message m;
    bool kept = block_kept((struct slice){call->key.data, call->key.len}, &m, clock_now_ms());

    if (!kept)
        return false;
    if (block_cut(&m, &call->map.arena, &call->block2))
        exchange_reply(&call->x, &m);
    else
        say_code(call, 402);
    return true;
}

/* True: the content is there, and the request can be carried out. */
static bool gather(struct call *call)
{
    uint32_t size;
    int code = 0;

    if (!call->has_block1) {
        if (call->message.payload.n > settings.max_content)
            code = 413;
        else
            str_add(&call->body, call->message.payload.p, call->message.payload.n);
    } else if (message_uint(&call->message, OPTION_SIZE1, &size) && size > settings.max_content) {
        code = 413;
    } else {
        set_key(call, true);
        code = block_receive((struct slice){call->key.data, call->key.len}, &call->block1, call->message.payload, clock_now_ms(),
                             &call->body);
    }
    if (code != 0)
        say_code(call, code);
    return code == 0;
}

void call_take(coap_session_t *session, const coap_pdu_t *pdu)
{
    struct call *call = call_new();
    int one, two;

    if (pdu_read(&call->message, pdu) < 0) {
        call->message.count = 0;
        if (exchange_begin(&call->x, session, pdu, &call->message, clock_now_ms()))
            say_code(call, 402);
        call_done(call);
        return;
    }
    if (!exchange_begin(&call->x, session, pdu, &call->message, clock_now_ms())) {
        call_done(call);
        return;
    }
    if (!call->x.by) {
        metric_add(&metrics.refused, 1, "unauthenticated");
        say_code(call, 401);
        call_done(call);
        return;
    }
    one = block_read(&call->message, OPTION_BLOCK1, &call->block1);
    two = block_read(&call->message, OPTION_BLOCK2, &call->block2);
    call->has_block1 = one > 0;
    call->has_block2 = two > 0;
    set_key(call, false);
    if (one < 0 || two < 0)
        say_code(call, 402);
    else if (call->has_block2 && call->block2.num > 0 && say_kept(call))
        ;
    else if (call->has_block2 && call->block2.num > 0 && call->message.code != CODE_GET)
        say_code(call, 408); /* it is not carried out twice for the sake of its answer */
    else if (gather(call)) {
        if (call->has_block1) /* it had the identifier */
            set_key(call, false);
        exchange_identity(&call->x, &call->identity);
        carry_out(call);
        return;
    }
    call_done(call);
}
