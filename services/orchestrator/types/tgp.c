/*
 * NOTIFY to the <CSEBase>: a trigger that the underlying network has brought for an AE here (m2m:tgp, TS-0004 8.2.6). It is told
 * to the subscriptions of the AE with notificationEventType 6, TS-0001 9.6.8.
 */
#include "attr.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"
#include "types/types.h"

enum { TY_AE = 2, NET_TRIGGER = 6 };

/* m2m:triggerPayload. Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr payload[] = {
    {"tpe",  ENUM,          OPT, M,  O,  NA, enum_trigger_purpose, NULL                },
    {"tia",  URI,           OPT, O,  O,  NA, NULL,                 NULL                },
    {"tio",  ENUM,          OPT, O,  O,  NA, enum_operation,       NULL                },
    {"tirt", ENUM,          OPT, O,  O,  NA, enum_resource_type,   NULL                },
    {"tiae", ID,            OPT, O,  O,  NA, NULL,                 NULL                },
    {"tipa", LIST | STRING, OPT, O,  O,  NA, NULL,                 check_poa           },
    {"tist", LIST | STRING, OPT, O,  O,  NA, NULL,                 check_serializations},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,                 NULL                },
};

static enum rsc find_ae(struct snapshot *snap, struct plan *plan, const char *tiae, const struct resource **ae)
{
    auto_free char *stem = tiae ? address_originator(tiae) : NULL;
    enum rsc rsc;

    if (!tiae)
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "tiae: missing, and triggers for the CSE itself are not acted upon");
    rsc = look_up(snap, stem, ae);
    if (rsc == RSC_NOT_FOUND || (rsc == RSC_OK && (*ae)->type->ty != TY_AE))
        return plan_refuse(plan, RSC_NOT_FOUND, "tiae: %.200s is no AE here", tiae);
    return rsc;
}

enum rsc cb_trigger(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    char why[WHY_SIZE] = "";
    json_auto_t *content = req->pc.n > 0 ? json_parse(req->pc.p, req->pc.n, why, sizeof why) : NULL;
    const json_t *tgp = json_object_get(content, "m2m:tgp");
    const struct resource *ae = NULL;
    enum rsc rsc;

    if (json_object_size(content) != 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: %s", content ? "not an object with one member" : why);
    if ((rsc = require_access(snap, plan, plan->target, ACCESS_NOTIFY, 0)) != RSC_OK)
        return rsc;
    if (!attr_object_ok(payload, tgp, why, sizeof why))
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    if ((rsc = find_ae(snap, plan, json_str(tgp, "tiae"), &ae)) != RSC_OK || !ae)
        return rsc;
    plan->rsc = RSC_OK;
    if (!(ae->subs & 1U << NET_TRIGGER)) {
        plan->kind = PLAN_ANSWER; /* nobody wants to know */
        return RSC_OK;
    }
    plan->kind = PLAN_COMMIT;
    plan->ops = json_pack("[{ss ss ss sO}]", "op", "report", "ri", ae->ri, "event", "trigger", "rep", content);
    return RSC_OK;
}
