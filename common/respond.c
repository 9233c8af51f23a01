#include "respond.h"

#include "cse.h"

void respond_init(struct respond *r, const struct request *req, int rsc)
{
    struct response *rsp = &r->rsp;

    r->content = (struct str)STR_EMPTY;
    response_init(rsp);
    rsp->rsc = rsc;
    rsp->fr = cse_id();
    rsp->to = req->fr;
    rsp->rqi = req->rqi;
    rsp->rvi = cse_release_answered(req->rvi);
    rsp->vsi = req->vsi;
    rsp->ec = req->ec;
    if (req->ot) {
        clock_format(clock_now_ms(), r->now);
        rsp->ot = r->now;
    }
}

void respond_refuse(struct respond *r, const struct request *req, int rsc, const char *why, int retry)
{
    respond_init(r, req, rsc);
    r->rsp.retry = retry;
    str_puts(&r->content, "{\"m2m:dbg\":");
    str_json(&r->content, why);
    str_putc(&r->content, '}');
    r->rsp.pc = (struct slice){r->content.data, r->content.len};
}

void respond_done(struct respond *r)
{
    str_done(&r->content);
}
