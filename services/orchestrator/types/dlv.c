/*
 * <delivery>, TS-0001 9.6.11, 10.2.5: requests that another CSE hands over together. Those for this CSE are kept as <request>s in
 * the same transaction, and carried out as these are; those for a further one as the request to hand them on.
 */
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { ASYNCH = 2, TY_DELIVERY = 6 };

/* Only CSEs hand over what others ask for; whose requests pass through them is their word. */
static enum rsc check_source(struct plan *plan, const json_t *a)
{
    auto_free char *source = cse_of_originator(plan->originator);

    if (strcmp(plan->originator, cse_admin()) == 0 || strcmp(plan->originator, cse_id()) == 0)
        return RSC_OK;
    if (!source || strcmp(source, plan->originator) != 0)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "fr: requests are delivered by CSEs, %s is none", plan->originator);
    if (strcmp(json_str(a, "sr"), cse_id()) == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "sr: this CSE, but the delivery came from %s", plan->originator);
    return RSC_OK;
}

/* A request of an AE here, or of this CSE, has no need to come from elsewhere. */
static enum rsc check_request(struct plan *plan, const json_t *request)
{
    auto_free char *fr = address_originator(json_str(request, "fr"));
    struct address to;
    char why[WHY_SIZE];

    if (address_parse(&to, json_str(request, "to"), why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "arq.req.to: %s", why);
    address_done(&to);
    if ((*fr == '/' && strcmp(fr, cse_id()) != 0) || strcmp(plan->originator, cse_admin()) == 0)
        return RSC_OK;
    return plan_refuse(plan, RSC_BAD_REQUEST, "arq.req.fr: %s is no entity of another CSE", json_str(request, "fr"));
}

/* Nobody is told of its result. */
static json_t *meta_information(const json_t *request)
{
    json_t *mi = json_deep_copy(json_object_get(request, "mi"));

    if (!mi)
        mi = json_object();
    json_object_set_new(mi, "rt", json_pack("{si s[]}", "rtv", ASYNCH, "nu"));
    json_object_del(mi, "da");
    if (!json_object_get(mi, "rvi"))
        json_object_set_new(mi, "rvi", json_string("3"));
    return mi;
}

/* Keeps one, unless the source has handed it over before. */
static enum rsc keep_request(struct snapshot *snap, struct plan *plan, const json_t *a, const json_t *request)
{
    auto_free char *name = xasprintf("%s %s", json_str(a, "sr"), json_str(request, "rqi"));
    const struct resource *before;
    struct kept kept = {.op = (int)json_int(request, "op", 0),
                        .to = json_str(request, "to"),
                        .rqi = json_str(request, "rqi"),
                        .identity = plan->req->identity,
                        .pc = json_object_get(request, "pc")};
    auto_free char *fr = address_originator(json_str(request, "fr"));
    char ri[ID_SIZE];
    int64_t et;
    enum rsc rsc;

    id_derived("req", name, ri);
    rsc = look_up(snap, ri, &before);
    if (rsc != RSC_NOT_FOUND)
        return rsc;
    if (clock_parse(json_str(a, "ls"), &et) < 0)
        et = snap->now + plan_result_life_ms();
    kept.ri = ri;
    kept.org = fr;
    kept.et = et;
    kept.mi = meta_information(request);
    if (!plan->ops)
        plan->ops = json_array();
    json_array_append_new(plan->ops, request_create_op(&kept, fr, snap->now));
    return RSC_OK;
}

static enum rsc take_requests(struct snapshot *snap, struct plan *plan, const json_t *a)
{
    const json_t *list = json_object_get(json_object_get(a, "arq"), "req"), *request;
    enum rsc rsc = RSC_OK, each;
    size_t i;

    json_array_foreach(list, i, request)
    {
        if ((each = check_request(plan, request)) != RSC_OK)
            return each;
        if ((each = keep_request(snap, plan, a, request)) != RSC_OK)
            rsc = each; /* what is to be loaded is loaded together */
    }
    return rsc;
}

/* For a further CSE: the same delivery, there. */
static enum rsc hand_on(struct snapshot *snap, struct plan *plan, const json_t *a)
{
    static const char *const same[] = {"sr", "tg", "ls", "ec", "dmd", "arq"};
    json_t *attributes = json_object(), *content = json_pack("{so}", "m2m:dlv", attributes);
    json_auto_t *request = json_pack("{si ss ss ss so s{si si}}", "op", OP_CREATE, "to", json_str(a, "tg"), "fr", cse_id(), "rqi",
                                     json_str(a, "ri"), "pc", content, "mi", "ty", TY_DELIVERY, "rcn", 0);

    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (json_object_get(a, same[i]))
            json_object_set(attributes, same[i], json_object_get(a, same[i]));
    return keep_request(snap, plan, a, request);
}

enum rsc dlv_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc = check_source(plan, a);
    struct address target;
    char why[WHY_SIZE];
    int64_t ls = 0, et;
    bool here;

    (void)req;
    if (rsc != RSC_OK)
        return rsc;
    if (clock_parse(json_str(a, "ls"), &ls) == 0 && ls <= snap->now)
        return plan_refuse(plan, RSC_BAD_REQUEST, "ls: in the past");
    if (address_parse(&target, json_str(a, "tg"), why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "tg: %s", why);
    if (clock_parse(json_str(a, "et"), &et) == 0 && ls < et)
        json_object_set(a, "et", json_object_get(a, "ls"));
    here = target.hosted;
    address_done(&target);
    if (!json_object_get(a, "arq"))
        return RSC_OK;
    return here ? take_requests(snap, plan, a) : hand_on(snap, plan, a);
}
