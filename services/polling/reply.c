#include "reply.h"

#include "mem.h"
#include "primitive_json.h"
#include "respond.h"

/* The envelope was looked at when it came: it is a request primitive. */
static void read_request(struct request *req, const struct bus_delivery *delivery)
{
    char why[128];

    if (request_decode(req, &delivery->envelope, why, sizeof why) < 0)
        request_init(req);
}

void reply_write_request(struct str *out, const struct bus_delivery *delivery)
{
    struct request req;

    read_request(&req, delivery);
    primitive_write_request(out, &req);
}

static void send(struct bus_delivery *delivery, const struct str *head, struct slice content)
{
    bus_reply(delivery, head, content.n > 0 ? content.p : "", content.n);
}

static void respond_with(struct bus_delivery *delivery, const struct response *rsp)
{
    auto_str struct str head = STR_EMPTY;

    response_encode(&head, rsp);
    send(delivery, &head, rsp->pc);
}

void reply_respond(struct bus_delivery *delivery, int rsc, struct slice content)
{
    struct request req;
    struct respond r;

    read_request(&req, delivery);
    respond_init(&r, &req, rsc);
    r.rsp.pc = content;
    respond_with(delivery, &r.rsp);
    respond_done(&r);
}

void reply_refuse(struct bus_delivery *delivery, int rsc, const char *format, ...)
{
    auto_str struct str why = STR_EMPTY;
    struct request req;
    struct respond r;
    va_list args;

    va_start(args, format);
    str_vaddf(&why, format, args);
    va_end(args);
    read_request(&req, delivery);
    respond_refuse(&r, &req, rsc, str_text(&why), rsc == RSC_TARGET_NOT_REACHABLE ? 1 : ABSENT);
    respond_with(delivery, &r.rsp);
    respond_done(&r);
}

/*
 * The reply of an egress role and, for those who were passed on, the response primitive itself: docs/contracts.md. `rsp` may
 * be changed.
 */
static void settle(struct bus_delivery *delivery, const char *st, bool handed, const char *why, const struct response *rsp)
{
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "st", st);
    head_str(&head, "why", why);
    if (handed)
        head_bool(&head, "sent", true);
    response_encode(&head, rsp);
    send(delivery, &head, rsp->pc);
}

void reply_answered(struct bus_delivery *delivery, const struct response *owner)
{
    struct request req;
    struct respond r;
    bool ok = rsc_is_success(owner->rsc);

    read_request(&req, delivery);
    respond_init(&r, &req, owner->rsc);
    r.rsp.rset = owner->rset;
    r.rsp.cnst = owner->cnst;
    r.rsp.cnot = owner->cnot;
    r.rsp.ati = owner->ati;
    r.rsp.tqf = owner->tqf;
    r.rsp.asri = owner->asri;
    r.rsp.pc = owner->pc;
    settle(delivery, ok ? "ok" : "refused", true, ok ? NULL : "the owner of the polling channel said no", &r.rsp);
    respond_done(&r);
}

static void fail(struct bus_delivery *delivery, const char *st, int rsc, bool handed, const char *why)
{
    struct request req;
    struct respond r;

    read_request(&req, delivery);
    respond_refuse(&r, &req, rsc, why, ABSENT);
    settle(delivery, st, handed, why, &r.rsp);
    respond_done(&r);
}

void reply_unreachable(struct bus_delivery *delivery, bool handed, const char *why)
{
    fail(delivery, "unreachable", RSC_TARGET_NOT_REACHABLE, handed, why);
}

void reply_malformed(struct bus_delivery *delivery, const char *why)
{
    fail(delivery, "refused", RSC_BAD_REQUEST, false, why);
}
