#include "reply.h"

#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"

enum { MAX_MEMBERS = 64 };

/* The envelope was looked at when it came: it is a request primitive. */
static void read_request(struct request *req, const struct bus_delivery *delivery)
{
    char why[128];

    if (request_decode(req, &delivery->envelope, why, sizeof why) < 0)
        request_init(req);
}

void reply_write_request(struct str *out, const struct bus_delivery *delivery)
{
    static struct str head;
    struct request req;

    read_request(&req, delivery);
    req.tenant = req.trace = NULL;
    req.identity = (struct slice){NULL, 0};
    str_reset(&head);
    request_encode(&head, &req);
    head_raw(&head, "pc", req.pc.p, req.pc.n);
    str_putc(out, '{');
    if (head.len > 0)
        str_add(out, head.data + 1, head.len - 1); /* without the comma that it begins with */
    str_putc(out, '}');
}

bool reply_read_answer(struct slice content, struct str *text, struct envelope *e, struct response *rsp, char *why,
                       size_t why_size)
{
    struct json_member root, members[MAX_MEMBERS];
    struct slice pc = {"", 0};
    int count = -1;
    char separator = '{';

    if (json_members(content.p, content.n, &root, 1) == 1 && slice_is(root.name, "m2m:rsp"))
        count = json_members(root.value.p, root.value.n, members, MAX_MEMBERS);
    if (count < 0) {
        snprintf(why, why_size, "pc: not an object with one member m2m:rsp, itself an object");
        return false;
    }
    str_reset(text);
    for (int i = 0; i < count; i++) {
        if (slice_is(members[i].name, "pc")) {
            pc = members[i].value;
            continue;
        }
        str_addf(text, "%c\"%.*s\":", separator, (int)members[i].name.n, members[i].name.p);
        str_add(text, members[i].value.p, members[i].value.n);
        separator = ',';
    }
    str_puts(text, separator == '{' ? "{}\n" : "}\n");
    str_add(text, pc.p, pc.n);
    str_putc(text, '\n');
    snprintf(why, why_size, "m2m:rsp: malformed");
    if (envelope_parse(e, text->data, text->len) < 0 || response_decode(rsp, e, why, why_size) < 0)
        return false;
    if (rsp->rsc > 0 && rsp->rqi)
        return true;
    snprintf(why, why_size, "m2m:rsp: %s mandatory, missing", rsp->rqi ? "rsc" : "rqi");
    return false;
}

/* The parameters that every response has. `now` lends its memory to it. */
static void fill(struct response *rsp, const struct request *req, int rsc, char now[CLOCK_TEXT_SIZE])
{
    response_init(rsp);
    rsp->rsc = rsc;
    rsp->fr = cse_id();
    rsp->to = req->fr;
    rsp->rqi = req->rqi;
    rsp->rvi = cse_release_answered(req->rvi);
    rsp->vsi = req->vsi;
    rsp->ec = req->ec;
    if (req->ot) {
        clock_format(clock_now_ms(), now);
        rsp->ot = now;
    }
}

static void send(struct bus_delivery *delivery, const struct str *head, struct slice content)
{
    bus_reply(delivery, head, content.n > 0 ? content.p : "", content.n);
}

void reply_respond(struct bus_delivery *delivery, int rsc, struct slice content)
{
    auto_str struct str head = STR_EMPTY;
    struct request req;
    struct response rsp;
    char now[CLOCK_TEXT_SIZE];

    read_request(&req, delivery);
    fill(&rsp, &req, rsc, now);
    if (rsc == RSC_TARGET_NOT_REACHABLE)
        rsp.retry = 1;
    response_encode(&head, &rsp);
    send(delivery, &head, content);
}

static void write_debug(struct str *out, const char *why)
{
    str_puts(out, "{\"m2m:dbg\":");
    str_json(out, why);
    str_putc(out, '}');
}

void reply_refuse(struct bus_delivery *delivery, int rsc, const char *format, ...)
{
    auto_str struct str why = STR_EMPTY, content = STR_EMPTY;
    va_list args;

    va_start(args, format);
    str_vaddf(&why, format, args);
    va_end(args);
    write_debug(&content, str_text(&why));
    reply_respond(delivery, rsc, (struct slice){content.data, content.len});
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
    struct response rsp;
    char now[CLOCK_TEXT_SIZE];
    bool ok = rsc_is_success(owner->rsc);

    read_request(&req, delivery);
    fill(&rsp, &req, owner->rsc, now);
    rsp.rset = owner->rset;
    rsp.cnst = owner->cnst;
    rsp.cnot = owner->cnot;
    rsp.ati = owner->ati;
    rsp.tqf = owner->tqf;
    rsp.asri = owner->asri;
    rsp.pc = owner->pc;
    settle(delivery, ok ? "ok" : "refused", true, ok ? NULL : "the owner of the polling channel said no", &rsp);
}

static void fail(struct bus_delivery *delivery, const char *st, int rsc, bool handed, const char *why)
{
    auto_str struct str content = STR_EMPTY;
    struct request req;
    struct response rsp;
    char now[CLOCK_TEXT_SIZE];

    read_request(&req, delivery);
    fill(&rsp, &req, rsc, now);
    write_debug(&content, why);
    rsp.pc = (struct slice){content.data, content.len};
    settle(delivery, st, handed, why, &rsp);
}

void reply_unreachable(struct bus_delivery *delivery, bool handed, const char *why)
{
    fail(delivery, "unreachable", RSC_TARGET_NOT_REACHABLE, handed, why);
}

void reply_malformed(struct bus_delivery *delivery, const char *why)
{
    fail(delivery, "refused", RSC_BAD_REQUEST, false, why);
}
