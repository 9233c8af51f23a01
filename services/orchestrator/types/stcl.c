/* <statsCollect> and <eventConfig>, TS-0001 9.6.24, 9.6.25. The service statistics does what they say. */
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { TY_EVENT_CONFIG = 7 };

/* m2m:eventType */
enum { DATA_OPERATION = 1, STORAGE_BASED, TIMER_BASED };

/* The event is one of this CSE: its eventID is its resource id. */
static enum rsc check_event(struct snapshot *snap, struct plan *plan, const json_t *a)
{
    const char *evi = json_str(a, "evi");
    const struct resource *event = NULL;
    enum rsc rsc = evi && *evi && !strchr(evi, '/') ? look_up(snap, evi, &event) : RSC_NOT_FOUND;

    if (!evi)
        return RSC_OK;
    if (rsc == RSC_NOT_FOUND || (rsc == RSC_OK && event->type->ty != TY_EVENT_CONFIG))
        return plan_refuse(plan, RSC_BAD_REQUEST, "evi: no eventConfig here has the eventID %.64s", evi);
    return rsc;
}

enum rsc stcl_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    (void)req;
    return check_event(snap, plan, a);
}

enum rsc stcl_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    (void)req;
    (void)del;
    return check_event(snap, plan, set);
}

/* Each type of event needs what makes it one. */
static enum rsc check_terms(struct plan *plan, const json_t *a)
{
    const char *evs = json_str(a, "evs"), *eve = json_str(a, "eve");
    int64_t start, end;

    if (json_int(a, "evt", DATA_OPERATION) == STORAGE_BASED && json_int(a, "ds", 0) == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "ds: mandatory with evt 2, and greater than 0");
    if (json_int(a, "evt", DATA_OPERATION) == TIMER_BASED && !eve)
        return plan_refuse(plan, RSC_BAD_REQUEST, "eve: mandatory with evt 3");
    if (evs && eve && clock_parse(evs, &start) == 0 && clock_parse(eve, &end) == 0 && end <= start)
        return plan_refuse(plan, RSC_BAD_REQUEST, "eve: not later than evs");
    return RSC_OK;
}

enum rsc evcg_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    (void)req;
    (void)snap;
    return check_terms(plan, a);
}

enum rsc evcg_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);

    (void)req;
    (void)snap;
    return check_terms(plan, a);
}
