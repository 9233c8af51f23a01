/*
 * <transaction>, TS-0001 9.6.48 and 10.2.18, TS-0004 7.4.59: one request that its parent, the resource concerned, keeps until it
 * is committed. LOCK reserves the parent, EXECUTE looks what the request would lead to, COMMIT does it, in one with giving the
 * parent back. Until then nothing has been done that could be seen or would have to be undone.
 */
#include "trac.h"

#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "special.h"
#include "transactions.h"

static const char *const time_names[CONTROL_COUNT] = {
    [CONTROL_LOCK] = "tltm", [CONTROL_EXECUTE] = "text", [CONTROL_COMMIT] = "tct"};

void transaction_read_times(const json_t *a, struct transaction_times *times)
{
    *times = (struct transaction_times){0};
    for (int control = 0; control < CONTROL_COUNT; control++) {
        const char *text = time_names[control] ? json_str(a, time_names[control]) : NULL;

        if (text && clock_parse(text, &times->at[control]) < 0)
            times->at[control] = 0;
    }
}

enum rsc transaction_check_times(struct plan *plan, const json_t *a, int64_t *last)
{
    struct transaction_times times;
    int before = 0;

    *last = 0;
    transaction_read_times(a, &times);
    for (int control = 0; control < CONTROL_COUNT; control++) {
        if (times.at[control] == 0)
            continue;
        if (times.at[control] < *last)
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: earlier than %s", time_names[control], time_names[before]);
        *last = times.at[control];
        before = control;
    }
    return RSC_OK;
}

/* ---- CREATE ---- */

/* What a transaction can hold and take back; how the answer looks that it can keep. */
enum rsc transaction_check_request(struct plan *plan, const char *name, int op, int ty, int rcn)
{
    enum { AE = 2, REMOTE_CSE = 16, MOST = 3 };

    if (op == OP_NOTIFY)
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "%s.op: a notification cannot be taken back", name);
    if (op == OP_CREATE && (ty == AE || ty == REMOTE_CSE))
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "%s.ty: a registration is no part of a transaction", name);
    if (rcn > MOST || (op == OP_RETRIEVE && rcn >= 0 && rcn != 1))
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "%s.rcn: %d is not supported in a transaction", name, rcn);
    return RSC_OK;
}

enum rsc transaction_check_originator(struct plan *plan, const char *name, const char *fr)
{
    auto_free char *stem = fr ? address_originator(fr) : NULL;

    if (stem && strcmp(stem, plan->originator) != 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s.fr: must be %s, who asks for it", name, plan->originator);
    return RSC_OK;
}

/* The request is one to the parent, or to what stands for its instances. */
static enum rsc check_target(struct snapshot *snap, struct plan *plan, const char *to)
{
    const struct resource *r = NULL;
    struct address address;
    char why[WHY_SIZE] = "";
    bool fits;
    enum rsc rsc = RSC_OK;

    if (address_parse(&address, to, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rqp.to: %s", why);
    fits = address.virt == VIRTUAL_NONE || (address.virt == VIRTUAL_LATEST || address.virt == VIRTUAL_OLDEST);
    if (address.hosted)
        rsc = look_up(snap, address.local, &r);
    address_done(&address);
    if (rsc == PLAN_WAIT)
        return rsc;
    if (!r || strcmp(r->ri, plan->target->ri) != 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "rqp.to: not the parent of the transaction, %s", plan->target->ri);
    if (!fits)
        return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "rqp.to: such a virtual child is no part of a transaction");
    return RSC_OK;
}

/* Who may not do it now need not lock the resource for it. */
static enum rsc check_right(struct snapshot *snap, struct plan *plan, const struct resource *parent, const json_t *rqp)
{
    static const enum access_op rights[] = {
        [OP_CREATE] = ACCESS_CREATE, [OP_RETRIEVE] = ACCESS_RETRIEVE, [OP_UPDATE] = ACCESS_UPDATE, [OP_DELETE] = ACCESS_DELETE};
    int64_t op = json_int(rqp, "op", 0);

    return require_access(snap, plan, parent, rights[op], op == OP_CREATE ? (int)json_int(rqp, "ty", 0) : 0);
}

/* As long as it takes, if the request does not say. The lock ends with it. */
static void choose_life(const struct request *req, const struct snapshot *snap, const struct plan *plan, json_t *a, int64_t last)
{
    char why[WHY_SIZE];
    json_auto_t *asked = content_parse(req, plan->type, why, sizeof why);
    int64_t et, most = (last > snap->now ? last : snap->now) + plan_transaction_life_ms();

    if (!json_str(asked, "et") && json_str(a, "et") && clock_parse(json_str(a, "et"), &et) == 0 && most < et)
        json_object_set_new(a, "et", json_time(most));
}

enum rsc trac_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    json_t *rqp = json_object_get(a, "rqp");
    int64_t last;
    enum rsc rsc;

    if (plan->target->type->instance)
        return plan_refuse(plan, RSC_INVALID_CHILD_RESOURCE_TYPE, "a %s cannot be locked", plan->target->type->name);
    if ((rsc = transaction_check_request(plan, "rqp", (int)json_int(rqp, "op", 0), (int)json_int(rqp, "ty", 0),
                                         (int)json_int(rqp, "rcn", ABSENT))) != RSC_OK)
        return rsc;
    if ((rsc = transaction_check_originator(plan, "rqp", json_str(rqp, "fr"))) != RSC_OK)
        return rsc;
    if ((rsc = check_target(snap, plan, json_str(rqp, "to"))) != RSC_OK)
        return rsc;
    if ((rsc = check_right(snap, plan, plan->target, rqp)) != RSC_OK)
        return rsc;
    if ((rsc = transaction_check_times(plan, a, &last)) != RSC_OK)
        return rsc;
    choose_life(req, snap, plan, a, last);
    rqp = json_copy(rqp);
    json_object_set_new(rqp, "fr", json_string(plan->originator));
    json_object_set_new(a, "rqp", rqp);
    return RSC_OK;
}

/* ---- from state to state ---- */

static void add_mark(struct plan *plan, const char *ri, bool on)
{
    json_array_append_new(
        plan->ops, json_pack("{ss ss si si}", "op", "mark", "ri", ri, "on", on ? MARK_LOCKED : 0, "off", on ? 0 : MARK_LOCKED));
}

static void enter(json_t *set, int state)
{
    json_object_set_new(set, "trst", json_integer(state));
}

/* Two that lock at the same time must see each other: the version of the parent changes even if an old mark is left. */
static enum rsc lock(const struct request *req, struct snapshot *snap, struct plan *plan, const struct resource *parent,
                     json_t *set)
{
    bool locked, readable;
    enum rsc rsc = check_right(snap, plan, parent, json_object_get(plan->target->a, "rqp"));

    if (rsc == RSC_OK)
        rsc = find_lock(req, snap, parent, &locked, &readable);
    if (rsc != RSC_OK)
        return rsc;
    if (locked)
        return plan_refuse(plan, RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE, "%s is locked by another transaction", parent->ri);
    if (parent->subs & MARK_LOCKED)
        add_mark(plan, parent->ri, false);
    add_mark(plan, parent->ri, true);
    enter(set, STATE_LOCKED);
    return RSC_OK;
}

/* m2m:responsePrimitive */
static json_t *response_of(const struct resource *r, const struct provisional *p, int64_t now)
{
    const char *rqi = json_str(json_object_get(r->a, "rqp"), "rqi");
    json_t *rsp = json_pack("{ss ss so si}", "fr", cse_id(), "rqi", rqi ? rqi : r->ri, "ot", json_time(now), "rsc", p->rsc);

    if (p->pc)
        json_object_set(rsp, "pc", p->pc);
    return rsp;
}

/* EXECUTE finds out whether it can be done (and asks the targets of a subscription); COMMIT does it. */
static enum rsc carry_out(const struct request *req, struct snapshot *snap, struct plan *plan, const struct resource *parent,
                          int state, json_t *set)
{
    struct provisional p;
    enum rsc rsc = trac_plan(req, snap, plan->target, parent, &p);

    if (rsc != RSC_OK) {
        provisional_done(&p);
        return rsc;
    }
    json_object_set_new(set, "rsp", response_of(plan->target, &p, snap->now));
    enter(set, rsc_is_success(p.rsc) ? state : STATE_ERROR);
    if (state == STATE_COMMITTED || !rsc_is_success(p.rsc))
        add_mark(plan, parent->ri, false);
    if (rsc_is_success(p.rsc) && state == STATE_COMMITTED && p.ops)
        json_array_extend(plan->ops, p.ops);
    if (rsc_is_success(p.rsc) && state == STATE_EXECUTED && p.verify) {
        plan->verify = json_incref(p.verify);
        plan->sgn = json_incref(p.sgn);
    }
    provisional_done(&p);
    return RSC_OK;
}

/* Back to nothing. A response that was only provisional is none any more. */
static void release(struct plan *plan, const struct resource *parent, int state, json_t *set, json_t *del)
{
    const json_t *a = plan->target->a, *rsp = json_object_get(a, "rsp");

    enter(set, state);
    if (transaction_holds((int)json_int(a, "trst", 0)))
        add_mark(plan, parent->ri, false);
    if (rsp && (state == STATE_INITIAL || rsc_is_success((int)json_int(rsp, "rsc", 0))))
        json_array_append_new(del, json_string("rsp"));
}

static enum rsc obey(const struct request *req, struct snapshot *snap, struct plan *plan, int control, json_t *set, json_t *del)
{
    const struct resource *r = plan->target, *parent;
    int state = (int)json_int(r->a, "trst", STATE_INITIAL), next = (int)transaction_next(state, control);
    enum rsc rsc;

    if (next == STATE_NONE)
        return plan_refuse(plan, RSC_ILLEGAL_TRANSACTION_STATE_TRANSITION_ATTEMPTED, "tctl: no %s in the state %s",
                           transaction_control_name(control), transaction_state_name(state));
    json_object_set_new(set, "tctl", json_integer(control));
    if (next == state)
        return RSC_OK;
    if ((rsc = look_up(snap, r->pi, &parent)) != RSC_OK)
        return rsc == PLAN_WAIT ? rsc : plan_refuse(plan, rsc, "the parent of %s is gone", r->ri);
    plan->holds = parent->ri;
    if (control == CONTROL_LOCK)
        return lock(req, snap, plan, parent, set);
    if (control == CONTROL_EXECUTE || control == CONTROL_COMMIT)
        return carry_out(req, snap, plan, parent, next, set);
    release(plan, parent, next, set, del);
    return RSC_OK;
}

enum rsc trac_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    int control = (int)json_int(set, "tctl", CONTROL_NONE);

    return control ? obey(req, snap, plan, control, set, del) : RSC_OK;
}

/* ---- by the clock ---- */

/* The CSE itself looks after a transaction that has times (transactor.c): what is due is done; it hears when to come again. */
enum rsc trac_notify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    struct transaction_times times;
    int64_t wake;
    int control;
    json_t *set, *del;

    if (strcmp(plan->originator, cse_id()) != 0)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a transaction cannot be notified");
    transaction_read_times(r->a, &times);
    control = (int)transaction_due((int)json_int(r->a, "trst", 0), &times, snap->now, &wake);
    plan->rsc = RSC_OK;
    transaction_tell(plan, control ? snap->now : wake, false);
    if (!control)
        return RSC_OK;
    plan->kind = PLAN_COMMIT;
    set = json_object();
    del = json_array();
    plan->ops = json_pack("[{ss ss so so}]", "op", "update", "ri", r->ri, "set", set, "del", del);
    return obey(req, snap, plan, control, set, del);
}

void transaction_tell(struct plan *plan, int64_t wake, bool retry)
{
    str_reset(&plan->content);
    str_addf(&plan->content, "{\"m2m:tram\":{\"wake\":%lld,\"retry\":%s}}", (long long)wake, retry ? "true" : "false");
}

/* ---- DELETE ---- */

enum rsc trac_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    int state = (int)json_int(plan->target->a, "trst", 0);

    (void)req;
    (void)snap;
    if (!transaction_holds(state))
        return RSC_OK;
    return plan_refuse(plan, RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE, "%s is %s: it must be aborted first", plan->target->ri,
                       transaction_state_name(state));
}
