/*
 * <backgroundDataTransfer>, TS-0001 9.6.60 and 10.2.20, TS-0004 7.4.59: the service `network` negotiates it with the underlying
 * network before it is stored; the window agreed upon becomes its desiredTimeWindow.
 */
#include "json.h"
#include "mem.h"
#include "network.h"
#include "rules.h"
#include "special.h"

/* What the network is told. */
static const char *const told[] = {"vpn", "non", "dtw", "tsg", "ggi"};

/* `a` is the resource as it will be. */
static enum rsc negotiate(struct plan *plan, json_t *a)
{
    if (!network_configured())
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "backgroundDataTransfer: %s", network_missing);
    if (!json_object_get(a, "dtw"))
        return plan_refuse(plan, RSC_BAD_REQUEST, "dtw: the network must be told when");
    plan->consult = json_pack("[{ss ss ss sO ss}]", "role", "events.network", "do", "negotiate", "about",
                              "backgroundDataTransfer", "body", a, "attr", "dtw");
    return RSC_OK;
}

enum rsc bdt_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    (void)req;
    (void)snap;
    return negotiate(plan, a);
}

enum rsc bdt_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);
    bool changes = false;

    (void)req;
    (void)snap;
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        changes = changes || json_object_get(set, told[i]) || update_deletes(del, told[i]);
    return changes ? negotiate(plan, a) : RSC_OK;
}
