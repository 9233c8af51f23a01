#include "egress.h"

#include "delivery.h"

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
