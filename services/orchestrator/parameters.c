/* Checks of request parameters that need nothing but the request: TS-0004 7.2.2.2, steps 2 and 4 to 6. */
#include "attr.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"

#define BIT(n) (1U << (n))

enum { RCN_MAX = 12 };

static const char *op_name(int op)
{
    static const char *const names[] = {"?", "CREATE", "RETRIEVE", "UPDATE", "DELETE", "NOTIFY"};

    return names[op];
}

enum rsc check_mandatory(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    int64_t ignored;

    (void)snap;
    if (req->op < OP_CREATE || req->op > OP_NOTIFY)
        return plan_refuse(plan, RSC_BAD_REQUEST, "op: not 1 to 5");
    if (!req->to || !*req->to)
        return plan_refuse(plan, RSC_BAD_REQUEST, "to: mandatory, missing");
    if (!req->rqi || !*req->rqi)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rqi: mandatory, missing");
    if (req->ot && clock_parse(req->ot, &ignored) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "ot: not a timestamp (YYYYMMDDThhmmss)");
    if (req->drt != ABSENT && req->drt != 1 && req->drt != 2)
        return plan_refuse(plan, RSC_BAD_REQUEST, "drt: not 1 (structured) or 2 (unstructured)");
    if (req->ec != ABSENT && (req->ec < 2 || req->ec > 999 || (req->ec > 4 && req->ec < 100)))
        return plan_refuse(plan, RSC_BAD_REQUEST, "ec: not 2, 3, 4 or 100 to 999");
    return RSC_OK;
}

/* The moment a parameter means; relative values count from the reception. False, with a refusal, if it is none. */
static bool read_time(struct plan *plan, const char *name, const char *text, int64_t now, int64_t *ms)
{
    if (clock_parse_absrel(text, now, ms) == 0)
        return true;
    plan_refuse(plan, RSC_BAD_REQUEST, "%s: neither a timestamp nor a number of ms", name);
    return false;
}

enum rsc check_times(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    int64_t now = snap->now, rqet = 0, rset = 0, oet = 0;

    if ((req->rqet && !read_time(plan, "rqet", req->rqet, now, &rqet)) ||
        (req->rset && !read_time(plan, "rset", req->rset, now, &rset)) ||
        (req->oet && !read_time(plan, "oet", req->oet, now, &oet)))
        return RSC_BAD_REQUEST;
    if (req->rqet && rqet < now)
        return plan_refuse(plan, RSC_REQUEST_TIMEOUT, "rqet: the request has expired");
    if (req->rqet && req->rset && rset < rqet)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rset: earlier than rqet");
    if (req->rset && rset < now)
        return plan_refuse(plan, RSC_REQUEST_TIMEOUT, "rset: the result has expired");
    if (req->oet && req->rqet && oet > rqet)
        return plan_refuse(plan, RSC_BAD_REQUEST, "oet: later than rqet");
    return RSC_OK;
}

/* Reads `fc`; its form only. */
static enum rsc read_filter(const struct request *req, struct plan *plan)
{
    char why[WHY_SIZE] = "";

    if (!req->fc.p)
        return RSC_OK;
    if (req->op == OP_CREATE || req->op == OP_NOTIFY)
        return plan_refuse(plan, RSC_BAD_REQUEST, "fc: not permitted in %s", op_name(req->op));
    plan->fc = json_parse(req->fc.p, req->fc.n, why, sizeof why);
    if (!plan->fc || !attr_object_ok(filter_criteria, plan->fc, why, sizeof why) || !filter_check(plan->fc, why, sizeof why))
        return plan_refuse(plan, RSC_BAD_REQUEST, "fc: %s", why);
    plan->discover = json_int(plan->fc, "fu", 2) != 2;
    if (plan->discover && req->op != OP_RETRIEVE)
        return plan_refuse(plan, RSC_BAD_REQUEST, "fc.fu: discovery is a RETRIEVE");
    return RSC_OK;
}

/* m2m:resultContent, TS-0004 6.3.4.2.7 and TS-0001 8.1.2: which values an operation may have, and its default. */
static enum rsc choose_result_content(const struct request *req, struct plan *plan)
{
    static const struct {
        unsigned allowed;
        int standard;
    } rows[] = {
        [OP_CREATE] = {BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(9),                              1},
        [OP_RETRIEVE] = {BIT(1) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(10) | BIT(12), 1},
        [OP_UPDATE] = {BIT(0) | BIT(1) | BIT(9),                                                1},
        [OP_DELETE] = {BIT(0) | BIT(1) | BIT(4) | BIT(5) | BIT(6) | BIT(8),                     0},
        [OP_NOTIFY] = {0,                                                                       0},
    };
    unsigned allowed = plan->discover ? BIT(6) | BIT(11) : rows[req->op].allowed;
    int standard = plan->discover ? 11 : req->sqi == 1 ? RCN_SEMANTIC_CONTENT : rows[req->op].standard;

    plan->rcn = req->rcn == ABSENT ? standard : req->rcn;
    if (req->rcn != ABSENT && (req->rcn < 0 || req->rcn > RCN_MAX || !(allowed & BIT(req->rcn))))
        return plan_refuse(plan, RSC_BAD_REQUEST, "rcn: %d is not permitted in %s", req->rcn,
                           plan->discover ? "discovery" : op_name(req->op));
    return RSC_OK;
}

/* A semantic query, TS-0004 7.3.3.5: one SPARQL text, and nothing else that would restrict what it looks at. */
static enum rsc check_semantic_query(const struct request *req, struct plan *plan)
{
    const char *name;
    json_t *value;

    if (req->sqi != 1 && plan->rcn == RCN_SEMANTIC_CONTENT && req->op == OP_RETRIEVE)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rcn: 10 is the result of a semantic query, which takes sqi");
    if (req->sqi != 1)
        return RSC_OK;
    if (req->op != OP_RETRIEVE || plan->rcn != RCN_SEMANTIC_CONTENT)
        return plan_refuse(plan, RSC_BAD_REQUEST, "sqi: only in a RETRIEVE that is no discovery, with rcn 10");
    if (json_array_size(json_object_get(plan->fc, "smf")) != 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "fc.smf: a semantic query has one SPARQL text");
    json_object_foreach(plan->fc, name, value)
    {
        if (strcmp(name, "smf") != 0 && strcmp(name, "lvl") != 0 && strcmp(name, "fu") != 0)
            return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "fc.%s is not supported in a semantic query", name);
    }
    return RSC_OK;
}

enum rsc check_operation(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    enum rsc rsc;

    (void)snap;
    if (req->op == OP_CREATE && req->ty == ABSENT)
        return plan_refuse(plan, RSC_BAD_REQUEST, "ty: mandatory in CREATE, missing");
    if (req->op == OP_CREATE && !rtype_by_ty(req->ty))
        return plan_refuse(plan, RSC_BAD_REQUEST, "ty: %d is no resource type", req->ty);
    rsc = read_filter(req, plan);
    if (rsc == RSC_OK)
        rsc = choose_result_content(req, plan);
    return rsc == RSC_OK ? check_semantic_query(req, plan) : rsc;
}

enum rsc check_release(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    (void)snap;
    if (req->rvi && !cse_release_supported(req->rvi))
        return plan_refuse(plan, RSC_RELEASE_VERSION_NOT_SUPPORTED, "rvi: release %.16s is not supported", req->rvi);
    return RSC_OK;
}

/* m2m:responseTypeInfo. */
static enum rsc check_response_type(const struct request *req, struct plan *plan)
{
    enum { SYNCH = 1, ASYNCH, BLOCKING, FLEXIBLE, NONE };

    if (!req->rt.p)
        return RSC_OK;
    switch (request_response_type(req)) {
    case SYNCH:
    case ASYNCH:
    case BLOCKING:
    case FLEXIBLE: /* the CSE's choice: blocking */
    case NONE:
        return RSC_OK;
    default:
        return plan_refuse(plan, RSC_BAD_REQUEST, "rt: no response type 1 to 5 in rtv");
    }
}

enum rsc check_unsupported(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct {
        const char *name;
        bool given;
        const char *what;
    } rows[] = {
        {"aus",  req->aus.p,     "authorization signatures"   },
        {"asi",  req->asi == 1,  "authorization signatures"   },
        {"auri", req->auri == 1, "authorization relationships"},
    };
    enum rsc rsc = check_response_type(req, plan);

    (void)snap;
    if (rsc != RSC_OK)
        return rsc;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].given)
            return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "%s: %s are not supported", rows[i].name, rows[i].what);
    return RSC_OK;
}
