/* <timeSyncBeacon>, a resource type of release 4. The service timing sends the beacons. */
#include "criteria.h"
#include "json.h"
#include "mem.h"
#include "special.h"

/* m2m:beaconCriteria */
enum { PERIODIC = 1, LOSS_OF_SYNCHRONIZATION };

/* Columns: attribute, the criteria it is for, what the CSE chooses if it is not given (NULL: it must be). */
static const struct {
    const char *name;
    int criteria;
    const char *standard;
} rows[] = {
    {"bcni", PERIODIC,                "PT1H" },
    {"bcnt", LOSS_OF_SYNCHRONIZATION, "PT10S"},
    {"bcnr", LOSS_OF_SYNCHRONIZATION, NULL   },
};

/* `a` as it will be; what the CSE chooses goes to `out`, too. */
static enum rsc check_combination(struct plan *plan, json_t *a, json_t *out)
{
    int64_t criteria = json_int(a, "bcnc", 0);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *name = rows[i].name;
        bool given = json_object_get(a, name) != NULL;

        if (given && criteria != rows[i].criteria)
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: not with bcnc %lld", name, (long long)criteria);
        if (given || criteria != rows[i].criteria)
            continue;
        if (!rows[i].standard)
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: mandatory with bcnc %lld", name, (long long)criteria);
        json_object_set_new(out, name, json_string(rows[i].standard));
    }
    return RSC_OK;
}

/* The entity whose clock is watched must be registered here: its requests are looked at. */
static enum rsc mark_requester(struct snapshot *snap, struct plan *plan, const json_t *a)
{
    const char *requester = json_str(a, "bcnr");
    auto_free char *stem = requester ? address_originator(requester) : NULL;
    const struct resource *entity;
    enum rsc rsc;

    if (!stem)
        return RSC_OK;
    rsc = look_up(snap, stem, &entity);
    if (rsc == RSC_NOT_FOUND)
        return plan_refuse(plan, RSC_BAD_REQUEST, "bcnr: %s is not registered here", requester);
    if (rsc == RSC_OK)
        plan_mark(plan, entity->ri, MARK_CLOCK, true);
    return rsc;
}

enum rsc tsb_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc = check_combination(plan, a, a);

    (void)req;
    return rsc == RSC_OK ? mark_requester(snap, plan, a) : rsc;
}

enum rsc tsb_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);
    enum rsc rsc = check_combination(plan, a, set);

    (void)req;
    (void)snap;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (json_object_get(set, rows[i].name))
            update_keeps(del, rows[i].name);
    return rsc;
}
