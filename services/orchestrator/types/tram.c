/*
 * <transactionMgmt>, TS-0001 9.6.47 and 10.2.18, TS-0004 7.4.58: requests to several resources, here or on other CSEs, that are
 * carried out together or not at all. What it does on its way is in tram_step.c.
 */
#include "transactions.h"

#include "clock.h"
#include "json.h"
#include "mem.h"
#include "special.h"

enum { REQUESTS_MAX = 100, CREATOR_CONTROLLED = 2 };

/* An address of this CSE without what all of them have in common. The caller frees. */
static char *plain(const char *to)
{
    struct address address;
    char *local, why[WHY_SIZE];

    if (address_parse(&address, to, why, sizeof why) < 0)
        return xstrdup(to);
    local = address.hosted ? xstrdup(address.local) : xstrndup(to, address_parent_length(to, &address.virt));
    address_done(&address);
    return local;
}

static enum rsc check_requests(struct plan *plan, const json_t *list)
{
    json_auto_t *seen = json_object();
    const json_t *one;
    size_t i;
    enum rsc rsc;

    if (json_array_size(list) > REQUESTS_MAX)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rqps: more than %d requests", REQUESTS_MAX);
    json_array_foreach((json_t *)list, i, one)
    {
        const json_t *mi = json_object_get(one, "mi");
        auto_free char *to = plain(json_str(one, "to"));

        rsc = transaction_check_originator(plan, "rqps", json_str(one, "fr"));
        if (rsc == RSC_OK)
            rsc = transaction_check_request(plan, "rqps", (int)json_int(one, "op", 0), (int)json_int(mi, "ty", 0),
                                            (int)json_int(mi, "rcn", ABSENT));
        if (rsc != RSC_OK)
            return rsc;
        if (json_object_get(seen, to))
            return plan_refuse(plan, RSC_BAD_REQUEST, "rqps: two requests to %.200s, which would wait for each other", to);
        json_object_set_new(seen, to, json_true());
    }
    return RSC_OK;
}

/* transactionExpirationTime, as given or as the CSE chooses: never later than the resource's own. */
static enum rsc give_end(const struct snapshot *snap, struct plan *plan, json_t *a, int64_t last)
{
    const char *given = json_str(a, "tept"), *et = json_str(a, "et");
    int64_t end = (last > snap->now ? last : snap->now) + plan_transaction_life_ms(), most;

    if (given && (clock_parse(given, &end) < 0 || end <= snap->now || end < last))
        return plan_refuse(plan, RSC_BAD_REQUEST, "tept: %s is over before the transaction could be", given);
    if (et && clock_parse(et, &most) == 0 && most < end)
        json_object_set_new(a, "tept", json_time(most));
    else if (!given)
        json_object_set_new(a, "tept", json_time(end));
    return RSC_OK;
}

enum rsc tram_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    int64_t last;
    enum rsc rsc = check_requests(plan, json_object_get(json_object_get(a, "rqps"), "req"));

    (void)req;
    if (rsc == RSC_OK)
        rsc = transaction_check_times(plan, a, &last);
    if (rsc == RSC_OK)
        rsc = give_end(snap, plan, a, last);
    if (rsc == RSC_OK)
        json_object_set_new(a, "tctl", json_integer(CONTROL_INITIAL));
    return rsc;
}

/* Its creator leads it on, one state after the other, and may abort it as long as it has not been decided. */
static enum rsc check_control(struct plan *plan, const json_t *a, int control)
{
    int state = (int)json_int(a, "trst", STATE_INITIAL), before = (int)json_int(a, "tctl", CONTROL_INITIAL);
    bool under_way = (int)transaction_next(state, before) != state;

    if (control != CONTROL_ABORT && json_int(a, "tmd", 0) != CREATOR_CONTROLLED)
        return plan_refuse(plan, RSC_BAD_REQUEST, "tctl: only ABORT, as tmd is CSE_CONTROLLED");
    if (control == before)
        return RSC_OK;
    if (before == CONTROL_COMMIT && state == STATE_EXECUTED)
        return plan_refuse(plan, RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE, "tctl: it is being committed");
    if (control != CONTROL_ABORT && under_way)
        return plan_refuse(plan, RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE, "tctl: %s has not been reached yet",
                           transaction_control_name(before));
    if (control == CONTROL_INITIAL || (state == STATE_ERROR && before == CONTROL_COMMIT) || !transaction_next(state, control))
        return plan_refuse(plan, RSC_ILLEGAL_TRANSACTION_STATE_TRANSITION_ATTEMPTED, "tctl: no %s in the state %s",
                           transaction_control_name(control), transaction_state_name(state));
    return RSC_OK;
}

enum rsc tram_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    int control = (int)json_int(set, "tctl", CONTROL_NONE);

    (void)req;
    (void)snap;
    if (update_deletes(del, "tctl"))
        return plan_refuse(plan, RSC_BAD_REQUEST, "tctl: cannot be removed");
    return control ? check_control(plan, plan->target->a, control) : RSC_OK;
}

/* Its <transaction>s follow it, when its event comes (transactor.c). */
enum rsc tram_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const json_t *a = plan->target->a;

    (void)req;
    (void)snap;
    if (json_int(a, "trst", 0) != STATE_EXECUTED || json_int(a, "tctl", 0) != CONTROL_COMMIT)
        return RSC_OK;
    return plan_refuse(plan, RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE, "%s is being committed", plan->target->ri);
}
