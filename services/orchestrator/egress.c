#include "egress.h"

#include "clock.h"
#include "delivery.h"
#include "mem.h"

#include <assert.h>

const char *egress_nobody(const char *url)
{
    const char *binding = "";

    if (!delivery_is_url(url) && delivery_role(url, &binding) && strcmp(binding, "websocket") == 0)
        return "it has no polling channel and no connection here, and no point of access, or its rr is false";
    return "no service for its protocol can be reached";
}

int egress_send(const struct request *req, const struct egress_notify *n, int64_t deadline, bus_reply_fn *on_reply, void *context)
{
    const char *role = delivery_role(n->url, NULL);
    auto_str struct str head = STR_EMPTY;
    auto_str struct str csz = STR_EMPTY;

    if (!role)
        return -1;
    head_str(&head, "tenant", req->tenant);
    head_str(&head, "trace", req->trace);
    head_str(&head, "url", n->url);
    if (strcmp(role, "egress.poll") != 0) /* an owner that does not answer one request holds up no other */
        head_str(&head, "lane", n->url);
    head_int(&head, "op", OP_NOTIFY);
    head_str(&head, "to", n->to);
    head_str(&head, "fr", n->fr);
    head_str(&head, "rqi", n->rqi);
    head_str(&head, "rvi", n->rvi);
    if (n->ec != ABSENT)
        head_int(&head, "ec", n->ec);
    if (json_array_size(n->csz) > 0) {
        json_write(&csz, n->csz);
        head_raw(&head, "csz", csz.data, csz.len);
    }
    return bus_send(role, &head, n->content.p, n->content.n, deadline, on_reply, context);
}

int64_t egress_deadline(bool others, int64_t deadline)
{
    int64_t now = clock_now_ms();

    return others && deadline > now ? now + (deadline - now) / 2 : deadline;
}

/* ---- whole requests ---- */

struct forward {
    const struct request *req;
    json_t *poa, *csz;
    size_t next;
    int64_t deadline;
    egress_response_fn *done;
    void *context;
};

static void forward_end(struct forward *f, const struct response *rsp, const char *why)
{
    f->done(f->context, rsp, why);
    json_decref(f->poa);
    json_decref(f->csz);
    free(f);
}

/* An address that the other CSE gave in CSE-relative form is put behind the CSE-ID in the request's `to`. The caller frees. */
static char *address_from_here(const char *to, const char *loc)
{
    const char *cse = to + strspn(to, "/");
    size_t skip = to[0] == '/' && to[1] == '/' ? strcspn(cse, "/") + 1 : 0;

    if (*loc == '/' || *to != '/')
        return xstrdup(loc);
    skip += strcspn(cse + skip, "/");
    return xasprintf("%.*s/%s", (int)(cse + skip - to), to, loc);
}

static void forward_answered(struct forward *f, const struct envelope *reply)
{
    struct response rsp;
    auto_free char *loc = NULL;
    char why[120];

    if (response_decode(&rsp, reply, why, sizeof(why)) < 0) {
        forward_end(f, NULL, why);
        return;
    }
    if (rsp.loc) {
        loc = address_from_here(f->req->to, rsp.loc);
        rsp.loc = loc;
    }
    forward_end(f, &rsp, envelope_str(reply, "why"));
}

static void try_next(struct forward *f, const char *why);

/* Does the other CSE answer for good? One that was not reached may explain itself, too: that is for the end. */
static bool is_final(const struct envelope *reply, bool last)
{
    const char *st = envelope_str(reply, "st");

    if (st && (strcmp(st, "ok") == 0 || strcmp(st, "refused") == 0))
        return true;
    return last && envelope_find(reply, "rsc") && reply->body_len > 0;
}

static void on_forwarded(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct forward *f = context;
    const char *why = reply                    ? envelope_str(reply, "why")
                      : failure == BUS_TIMEOUT ? "no answer in time"
                      : failure == BUS_NOBODY  ? egress_nobody(json_string_value(json_array_get(f->poa, f->next - 1)))
                                               : NULL;
    /* It was sent, but nobody knows whether it was carried out. */
    bool open = failure != BUS_NOBODY && (!reply || (envelope_bool(reply, "sent", false) && !envelope_find(reply, "rsc")));
    bool last = f->next >= json_array_size(f->poa) || (open && f->req->op == OP_CREATE);

    if (reply && is_final(reply, last))
        forward_answered(f, reply);
    else if (!last)
        try_next(f, why);
    else
        forward_end(f, NULL, why ? why : "it cannot be reached");
}

static void try_next(struct forward *f, const char *why)
{
    struct request req = *f->req;

    req.identity = (struct slice){NULL, 0}; /* of no use outside */
    while (f->next < json_array_size(f->poa)) {
        const char *url = json_string_value(json_array_get(f->poa, f->next++));
        const char *role = url ? delivery_role(url, NULL) : NULL;
        auto_str struct str head = STR_EMPTY;
        auto_str struct str csz = STR_EMPTY;

        if (!role) {
            why = "no service for its protocol can be reached";
            continue;
        }
        request_encode(&head, &req);
        head_str(&head, "url", url);
        if (json_array_size(f->csz) > 0) {
            json_write(&csz, f->csz);
            head_raw(&head, "csz", csz.data, csz.len);
        }
        if (bus_send(role, &head, req.pc.n > 0 ? req.pc.p : "", req.pc.n,
                     egress_deadline(f->next < json_array_size(f->poa), f->deadline), on_forwarded, f) == 0)
            return;
        why = "the broker takes nothing now";
    }
    forward_end(f, NULL, why ? why : "it has no point of access");
}

void egress_forward(const struct request *req, const json_t *poa, const json_t *csz, int64_t deadline, egress_response_fn *done,
                    void *context)
{
    struct forward *f = xcalloc(1, sizeof(*f));

    assert(req->to);
    *f = (struct forward){
        .req = req,
        .poa = json_incref((json_t *)poa),
        .csz = json_incref((json_t *)csz),
        .deadline = deadline,
        .done = done,
        .context = context,
    };
    try_next(f, NULL);
}
