/*
 * <timeSeries>, TS-0004 7.4.38: which intervals go together, and when the list of missing data begins anew. That list (mdlt,
 * mdc) is kept by who watches the times, with storage's `count`.
 */
#include "criteria.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { TOLERANCE = 10 /* the part of the interval that the CSE chooses as its tolerance */ };

/* What the detection rests on. */
static const char *const intervals[] = {"pei", "peid", "mdt", "mdn"};

static bool detects(const json_t *a)
{
    return json_is_true(json_object_get(a, "mdd"));
}

/* periodicIntervalDelta, if there is an interval and nobody says how far off a time may be; NULL otherwise. */
static json_t *chosen_tolerance(const json_t *a)
{
    int64_t pei = json_int(a, "pei", -1), mdt = json_int(a, "mdt", INT64_MAX), chosen = pei / TOLERANCE;

    if (pei < 0 || json_object_get(a, "peid"))
        return NULL;
    return json_integer(chosen < mdt ? chosen : mdt - 1);
}

/* `a` as it will be. */
static enum rsc check_intervals(struct plan *plan, const json_t *a)
{
    int64_t pei = json_int(a, "pei", -1), peid = json_int(a, "peid", 0), mdt = json_int(a, "mdt", -1);

    if (pei >= 0 && peid > pei / 2)
        return plan_refuse(plan, RSC_BAD_REQUEST, "peid: %lld is more than half of pei, %lld", (long long)peid, (long long)pei);
    if (!detects(a))
        return RSC_OK;
    if (mdt < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "mdd: missing data are not detected without mdt");
    if (mdt <= peid)
        return plan_refuse(plan, RSC_BAD_REQUEST, "mdt: %lld is not more than peid, %lld", (long long)mdt, (long long)peid);
    return RSC_OK;
}

enum rsc ts_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    json_t *tolerance = chosen_tolerance(a);

    (void)req;
    (void)snap;
    if (tolerance)
        json_object_set_new(a, "peid", tolerance);
    if (detects(a))
        plan_mark(plan, json_str(a, "ri"), MARK_MEASURED, true);
    return check_intervals(plan, a);
}

/* The intervals change only while nothing is detected, and not together with the detection. */
static enum rsc check_changes(struct plan *plan, const json_t *set, const json_t *del)
{
    bool switches = json_object_get(set, "mdd") || update_deletes(del, "mdd");

    for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
        if (!json_object_get(set, intervals[i]) && !update_deletes(del, intervals[i]))
            continue;
        if (switches)
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: not in one UPDATE with mdd", intervals[i]);
        if (detects(plan->target->a))
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: cannot change while mdd is true", intervals[i]);
    }
    return RSC_OK;
}

enum rsc ts_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    json_auto_t *a = update_result(plan->target, set, del);
    json_t *tolerance = chosen_tolerance(a);
    enum rsc rsc = check_changes(plan, set, del);

    (void)req;
    (void)snap;
    if (tolerance) {
        json_object_set(set, "peid", tolerance);
        json_object_set_new(a, "peid", tolerance);
        update_keeps(del, "peid");
    }
    if (rsc == RSC_OK)
        rsc = check_intervals(plan, a);
    if (rsc == RSC_OK && detects(a) && !detects(plan->target->a)) {
        json_object_set_new(set, "mdc", json_integer(0));
        json_array_append_new(del, json_string("mdlt"));
    }
    if (rsc == RSC_OK && detects(a) != detects(plan->target->a))
        plan_mark(plan, plan->target->ri, MARK_MEASURED, detects(a));
    return rsc;
}
