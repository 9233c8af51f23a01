/* <remoteCSE>: registration of a CSE, TS-0004 7.4.4.2.1. Who may register was decided in identity.c. */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

/* The CSE that the resource stands for: the originator, or the one that this CSE or its administrator names. */
static enum rsc choose_csi(struct plan *plan, json_t *a)
{
    const char *csi = json_str(a, "csi");
    bool own = strcmp(plan->originator, cse_id()) == 0 || strcmp(plan->originator, cse_admin()) == 0;
    auto_free char *cse = NULL;

    if (!own && csi && strcmp(csi, plan->originator) != 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "csi: %.200s is not the originator's CSE-ID, %s", csi, plan->originator);
    if (!own) {
        json_object_set_new(a, "csi", json_string(plan->originator));
        return RSC_OK;
    }
    if (!csi)
        return plan_refuse(plan, RSC_BAD_REQUEST, "csi: mandatory, missing");
    cse = *csi == '/' ? cse_of_originator(csi) : NULL;
    if (!cse || strcmp(cse, csi) != 0 || strcmp(csi, cse_id()) == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "csi: must be the CSE-ID of the other CSE, like /id-mn");
    return RSC_OK;
}

enum rsc csr_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    const struct resource *known;
    bool named = strcmp(json_str(a, "rn"), json_str(a, "ri")) != 0; /* both are the generated id otherwise */
    enum rsc rsc = choose_csi(plan, a);
    const char *csi = json_str(a, "csi");

    (void)req;
    if (rsc != RSC_OK)
        return rsc;
    rsc = look_up(snap, csi, &known);
    if (rsc == RSC_OK && json_str(known->a, "csi") && strcmp(json_str(known->a, "csi"), csi) == 0)
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED, "%s is registered already", csi);
    if (rsc == PLAN_WAIT || csi[1] == '/') /* the id of a CSE of another service provider has too many slashes for a resource's */
        return rsc == PLAN_WAIT ? rsc : resident_create(snap, plan, a);
    json_object_set_new(a, "ri", json_string(csi + 1));
    if (!named && address_name_valid(csi + 1))
        json_object_set_new(a, "rn", json_string(csi + 1));
    rsc = prp_registered(snap, plan, csi + 1);
    return rsc == RSC_OK ? resident_create(snap, plan, a) : rsc;
}
