/*
 * Non-blocking requests, TS-0004 7.3.2 and TS-0001 8.2.2: what asks for it is kept as a <request> and acknowledged; its event
 * has it carried out later (deferred.c, types/req.c).
 */
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { SYNCH = 1, ASYNCH = 2, NO_RESPONSE = 5, TY_AE = 2, TY_REMOTE_CSE = 16, TY_REQUEST = 17, PENDING = 3 };

int request_response_type(const struct request *req)
{
    json_auto_t *rt = req->rt.p ? json_loadb(req->rt.p, req->rt.n, 0, NULL) : NULL;

    return (int)json_int(rt, "rtv", 0);
}

bool request_is_deferred(const struct request *req)
{
    int rtv = request_response_type(req);

    return rtv == SYNCH || rtv == ASYNCH;
}

static void set_time(json_t *mi, const char *name, const char *given, int64_t now)
{
    char text[CLOCK_TEXT_SIZE];
    int64_t ms;

    if (!given || clock_parse_absrel(given, now, &ms) < 0)
        return;
    clock_format(ms, text);
    json_object_set_new(mi, name, json_string(text));
}

/* m2m:metaInformation, TS-0004 6.3.5.4: the optional parameters; those that count from the reception become moments. */
static json_t *meta_information_of(const struct request *req, int64_t now)
{
    static const char *const kept[] = {"ty",   "ot",  "rt",  "rcn",  "ec",  "da",  "gid",  "fc",   "drt",  "rids", "tqi",
                                       "grtm", "sqi", "asi", "auri", "vsi", "msu", "gstn", "tkns", "tids", "ltids"};
    auto_str struct str head = STR_EMPTY;
    json_auto_t *all = NULL;
    json_t *mi = json_object();

    request_encode(&head, req);
    if (head.len > 0)
        head.data[0] = '{'; /* it begins with a comma */
    str_putc(&head, '}');
    all = json_loadb(head.data, head.len, 0, NULL);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (json_object_get(all, kept[i]))
            json_object_set(mi, kept[i], json_object_get(all, kept[i]));
    set_time(mi, "rqet", req->rqet, now);
    set_time(mi, "rset", req->rset, now);
    set_time(mi, "oet", req->oet, now);
    set_time(mi, "rp", req->rp, now);
    json_object_set_new(mi, "rvi", json_string(req->rvi ? req->rvi : "3"));
    return mi;
}

/* How long the result is kept: resultPersistence, else the result's own expiry, else the setting. */
static int64_t expiry(const struct request *req, int64_t now)
{
    const char *const given[] = {req->rp, req->rset};
    int64_t ms;

    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        if (given[i] && clock_parse_absrel(given[i], now, &ms) == 0)
            return ms;
    return now + plan_result_life_ms();
}

json_t *request_create_op(const struct kept *kept, const char *by, int64_t now)
{
    json_t *a = json_pack("{ss si ss ss so so si ss ss ss so}", "rn", kept->ri, "ty", TY_REQUEST, "ri", kept->ri, "pi", cse_ri(),
                          "ct", json_time(now), "et", json_time(kept->et), "op", kept->op, "tg", kept->to, "org", kept->org,
                          "rid", kept->rqi, "mi", kept->mi);

    if (kept->pc)
        json_object_set(a, "pc", kept->pc);
    if (kept->identity.p) /* from where it came, and who was authenticated: rules ask for it later */
        json_object_set_new(a, REQUEST_IDENTITY, json_loadb(kept->identity.p, kept->identity.n, 0, NULL));
    json_object_set_new(a, "rs", json_integer(PENDING));
    json_object_set_new(a, "ors", json_pack("{si ss}", "rsc", RSC_ACCEPTED, "rqi", kept->rqi));
    return json_pack("{ss s{ss ss si so ss so}}", "op", "create", "r", "ri", kept->ri, "pi", cse_ri(), "ty", TY_REQUEST, "path",
                     json_sprintf("%s/%s", cse_name(), kept->ri), "by", by, "a", a);
}

/* The target, if it is here, must be there and be none of the <request>s themselves. */
static enum rsc check_target(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    struct address address;
    const struct resource *r = NULL;
    char why[WHY_SIZE] = "";
    enum rsc rsc = RSC_OK;

    if (address_parse(&address, req->to, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    if (address.hosted)
        rsc = look_up(snap, address.local, &r);
    if (rsc == RSC_NOT_FOUND)
        plan_refuse(plan, rsc, "to: %s does not exist", address.local);
    else if (r && r->type->ty == TY_REQUEST)
        rsc = plan_refuse(plan, RSC_BAD_REQUEST, "rt: requests on a request must be blocking");
    address_done(&address);
    return rsc;
}

/*
 * Nobody wants to know what becomes of it (responseType 5): accepted, and carried out once that is said. Bindings that can be
 * silent need not say it.
 */
static enum rsc accept_silently(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    struct request question = *req;

    if (req->op == OP_CREATE && (req->ty == TY_AE || req->ty == TY_REMOTE_CSE))
        return plan_refuse(plan, RSC_BAD_REQUEST, "rt: a registration has a response");
    question.fr = plan->originator;
    question.rt = (struct slice){NULL, 0};
    snapshot_ask(snap, req, "silent", &question, ASK_AFTER);
    plan->kind = PLAN_ANSWER;
    plan->rsc = RSC_ACCEPTED;
    return RSC_ACCEPTED_NON_BLOCKING_REQUEST_ASYNCH; /* the end of planning; RSC_ACCEPTED would be PLAN_WAIT */
}

enum rsc defer_request(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    bool synch = request_response_type(req) == SYNCH;
    json_auto_t *content = NULL;
    struct kept kept;
    char ri[ID_SIZE];
    enum rsc rsc;

    if (request_response_type(req) == NO_RESPONSE)
        return accept_silently(req, snap, plan);
    if (!request_is_deferred(req))
        return RSC_OK;
    if ((rsc = check_target(req, snap, plan)) != RSC_OK)
        return rsc;
    if (expiry(req, snap->now) <= snap->now)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rp: in the past");
    if (req->pc.n > 0)
        content = json_loadb(req->pc.p, req->pc.n, JSON_DECODE_ANY, NULL);
    id_random("req", ri);
    kept = (struct kept){.ri = ri,
                         .op = req->op,
                         .to = req->to,
                         .org = plan->originator,
                         .rqi = req->rqi,
                         .identity = req->identity,
                         .et = expiry(req, snap->now),
                         .mi = meta_information_of(req, snap->now),
                         .pc = content};
    plan->kind = PLAN_COMMIT;
    plan->deferred = true;
    plan->rsc = synch ? RSC_ACCEPTED_NON_BLOCKING_REQUEST_SYNCH : RSC_ACCEPTED_NON_BLOCKING_REQUEST_ASYNCH;
    plan->ops = json_pack("[o]", request_create_op(&kept, plan->originator, snap->now));
    return (enum rsc)plan->rsc;
}
