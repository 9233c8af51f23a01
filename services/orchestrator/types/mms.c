/*
 * <multimediaSession>: an application offers session descriptions, the other one, told by its subscription, accepts some and
 * goes online. The media do not pass here.
 */
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

/* m2m:sessionState */
enum { OFFLINE = 1, ONLINE };

/* `a` as it will be, `was` as it is. */
static enum rsc check_state(struct plan *plan, const json_t *was, const json_t *a, const json_t *set)
{
    bool online = json_int(a, "sst", OFFLINE) == ONLINE;
    bool before = json_int(was, "sst", OFFLINE) == ONLINE;

    if (online && !json_object_get(a, "asd"))
        return plan_refuse(plan, RSC_BAD_REQUEST, "sst: online only with accepted session descriptions (asd)");
    if (online && before && json_object_get(set, "osd") && !json_object_get(set, "asd"))
        return plan_refuse(plan, RSC_BAD_REQUEST, "osd: other offers need other accepted descriptions (asd), or sst offline (1)");
    return RSC_OK;
}

enum rsc mms_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);

    (void)req;
    (void)snap;
    return check_state(plan, plan->target->a, a, set);
}
