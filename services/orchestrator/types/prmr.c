/*
 * <processManagement> and <state>, resource types of release 4. An UPDATE of processControl leads from one processStatus to
 * another here; what conditions bring about is done by the service timing.
 */
#include "criteria.h"
#include "json.h"
#include "mem.h"
#include "special.h"

/* m2m:processStatus */
enum { DISABLED = 1, ENABLED, ACTIVATED, PAUSED, STATUSES = 6 };

enum { TY_PROCESS = 63, TY_STATE = 64, TY_ACTION = 65 };

#define BIT(n) (1U << (n))
#define WRONG RSC_INVALID_PROCESS_CONFIGURATION

/* By m2m:processControl. Columns: in words, statuses it is for (bits), the next one. */
static const struct {
    const char *name;
    unsigned from;
    int to;
} controls[] = {
    [1] = {"enable",     BIT(DISABLED),                            ENABLED  },
    [2] = {"disable",    (BIT(STATUSES + 1) - 1) & ~BIT(DISABLED), DISABLED },
    [3] = {"pause",      BIT(ACTIVATED),                           PAUSED   },
    [4] = {"reactivate", BIT(PAUSED),                              ACTIVATED},
};

static int64_t status_of(const struct resource *process)
{
    return json_int(process->a, "prst", DISABLED);
}

static const struct resource *process_of(struct snapshot *snap, const char *pi, enum rsc *rsc)
{
    const struct resource *process = NULL;

    *rsc = look_up(snap, pi, &process);
    return process;
}

static enum rsc require_disabled(struct plan *plan, const struct resource *process, const char *what)
{
    if (status_of(process) == DISABLED)
        return RSC_OK;
    return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "%s: only while the process is disabled; its prst is %lld", what,
                       (long long)status_of(process));
}

/* ---- the conditions of a process ------------------------------------------------------------------------------------ */

static enum rsc check_conditions(struct snapshot *snap, struct plan *plan, const char *name, json_t *set)
{
    json_t *conditions = json_object_get(set, name);
    const struct resource *subject;
    enum rsc rsc = RSC_OK;

    for (size_t i = 0; i < json_array_size(conditions) && rsc == RSC_OK; i++) {
        json_t *condition = json_array_get(conditions, i);

        rsc = find_reference(snap, plan, name, json_str(condition, "sri"), WRONG, &subject);
        if (rsc == RSC_OK)
            rsc = check_criterion(plan, name, json_object_get(condition, "evc"), subject, WRONG);
        if (rsc == RSC_OK)
            json_object_set_new(condition, "sri", json_string(subject->ri));
    }
    return rsc;
}

static enum rsc check_settings(struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    static const char *const names[] = {"inst", "atcos", "encos"};
    const char *inst = json_str(set, "inst");
    const struct resource *state;
    enum rsc rsc = RSC_OK;

    for (size_t i = 0; i < ARRAY_LEN(names) && rsc == RSC_OK; i++)
        if (update_touches(set, del, names[i]))
            rsc = require_disabled(plan, plan->target, names[i]);
    if (rsc == RSC_OK)
        rsc = check_conditions(snap, plan, "atcos", set);
    if (rsc == RSC_OK)
        rsc = check_conditions(snap, plan, "encos", set);
    if (rsc != RSC_OK || !inst)
        return rsc;
    rsc = find_child(snap, plan, "inst", inst, TY_STATE, plan->target->ri, WRONG, &state);
    if (rsc == RSC_OK)
        json_object_set_new(set, "inst", json_string(state->ri));
    return rsc;
}

/* ---- enabling: all that the process may come to must be there ------------------------------------------------------- */

/* What has been found on the way. */
struct walk {
    json_t *states;   /* ids, in the order of coming */
    json_t *subjects; /* an object whose members are ids */
};

static void add_state(struct walk *walk, const char *ri)
{
    for (size_t i = 0; i < json_array_size(walk->states); i++)
        if (strcmp(json_string_value(json_array_get(walk->states, i)), ri) == 0)
            return;
    json_array_append_new(walk->states, json_string(ri));
}

/* What the transitions of a state look at unless they say so themselves: the subject of its action. NULL: nothing. */
static enum rsc default_subject(struct snapshot *snap, struct plan *plan, const struct resource *state, const char **subject)
{
    const char *stac = json_str(state->a, "stac");
    const struct resource *action;
    enum rsc rsc;

    *subject = NULL;
    if (!stac)
        return RSC_OK;
    rsc = find_child(snap, plan, "stac", stac, TY_ACTION, state->ri, WRONG, &action);
    if (rsc == RSC_OK)
        *subject = json_str(action->a, "sri") ? json_str(action->a, "sri") : action->pi;
    return rsc;
}

static enum rsc walk_transition(struct snapshot *snap, struct plan *plan, const json_t *transition, const char *standard,
                                struct walk *walk)
{
    const char *sri = json_str(transition, "sri") ? json_str(transition, "sri") : standard, *next = json_str(transition, "nxst");
    const struct resource *subject;
    enum rsc rsc;

    if (!sri)
        return plan_refuse(plan, WRONG, "sttrs: neither sri nor an action says what is looked at");
    rsc = find_reference(snap, plan, "sttrs.sri", sri, WRONG, &subject);
    if (rsc == RSC_OK)
        rsc = check_criterion(plan, "sttrs.evc", json_object_get(transition, "evc"), subject, WRONG);
    if (rsc != RSC_OK)
        return rsc;
    json_object_set_new(walk->subjects, subject->ri, json_true());
    if (next)
        add_state(walk, next);
    return RSC_OK;
}

static enum rsc walk_state(struct snapshot *snap, struct plan *plan, const char *ri, struct walk *walk)
{
    const struct resource *state;
    const json_t *transitions;
    const char *standard;
    enum rsc rsc = find_child(snap, plan, "state", ri, TY_STATE, plan->target->ri, WRONG, &state);

    if (rsc == RSC_OK)
        rsc = default_subject(snap, plan, state, &standard);
    if (rsc != RSC_OK)
        return rsc;
    transitions = json_object_get(state->a, "sttrs");
    for (size_t i = 0; i < json_array_size(transitions) && rsc == RSC_OK; i++)
        rsc = walk_transition(snap, plan, json_array_get(transitions, i), standard, walk);
    return rsc;
}

static enum rsc walk_conditions(struct snapshot *snap, struct plan *plan, const json_t *a, const char *name, struct walk *walk)
{
    const json_t *conditions = json_object_get(a, name);
    const struct resource *subject;
    enum rsc rsc = RSC_OK;

    for (size_t i = 0; i < json_array_size(conditions) && rsc == RSC_OK; i++) {
        rsc = find_reference(snap, plan, name, json_str(json_array_get(conditions, i), "sri"), WRONG, &subject);
        if (rsc == RSC_OK)
            json_object_set_new(walk->subjects, subject->ri, json_true());
    }
    return rsc;
}

/* `a`: as the process will be. */
static enum rsc check_configuration(struct snapshot *snap, struct plan *plan, const json_t *a)
{
    struct walk walk = {json_array(), json_object()};
    const char *inst = json_str(a, "inst"), *ri;
    enum rsc rsc = RSC_OK;
    json_t *value;

    if (inst)
        add_state(&walk, inst);
    else
        rsc = plan_refuse(plan, WRONG, "inst: missing, no process runs without an initial state");
    for (size_t i = 0; i < json_array_size(walk.states) && rsc == RSC_OK; i++)
        rsc = walk_state(snap, plan, json_string_value(json_array_get(walk.states, i)), &walk);
    if (rsc == RSC_OK)
        rsc = walk_conditions(snap, plan, a, "atcos", &walk);
    if (rsc == RSC_OK)
        rsc = walk_conditions(snap, plan, a, "encos", &walk);
    if (rsc == RSC_OK) {
        json_object_foreach(walk.subjects, ri, value)
        {
            plan_mark(plan, ri, MARK_ACTED, true);
        }
    }
    json_decref(walk.states);
    json_decref(walk.subjects);
    return rsc;
}

/* ---- processControl ------------------------------------------------------------------------------------------------- */

/* No state is the current one any more. */
static enum rsc leave(struct snapshot *snap, struct plan *plan, json_t *del)
{
    const char *cust = json_str(plan->target->a, "cust");
    const struct resource *state;
    enum rsc rsc = cust ? look_up(snap, cust, &state) : RSC_NOT_FOUND;

    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc == RSC_OK)
        json_array_append_new(plan->ops, json_pack("{ss ss s{sb}}", "op", "update", "ri", state->ri, "set", "sact", 0));
    if (cust)
        json_array_append_new(del, json_string("cust"));
    return RSC_OK;
}

enum rsc prmr_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    int64_t control = json_int(set, "prct", 0), status = status_of(plan->target);
    enum rsc rsc = check_settings(snap, plan, set, del);
    json_auto_t *a = NULL;

    (void)req;
    if (rsc != RSC_OK || control < 1 || control >= (int64_t)ARRAY_LEN(controls))
        return rsc;
    if (!(controls[control].from & BIT(status)))
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "prct: prst is %lld, that is nothing to %s", (long long)status,
                           controls[control].name);
    json_object_set_new(set, "prst", json_integer(controls[control].to));
    a = update_result(plan->target, set, del);
    if (controls[control].to == ENABLED)
        return check_configuration(snap, plan, a);
    return controls[control].to == DISABLED ? leave(snap, plan, del) : RSC_OK;
}

/* ---- <state> -------------------------------------------------------------------------------------------------------- */

/* What transitions look at by default is known when the process is enabled. */
static enum rsc check_transitions(struct snapshot *snap, struct plan *plan, json_t *attrs, const char *process)
{
    json_t *transitions = json_object_get(attrs, "sttrs");
    const struct resource *r;
    enum rsc rsc = RSC_OK;

    for (size_t i = 0; i < json_array_size(transitions) && rsc == RSC_OK; i++) {
        json_t *transition = json_array_get(transitions, i);
        const char *sri = json_str(transition, "sri"), *next = json_str(transition, "nxst");

        if (sri)
            rsc = find_reference(snap, plan, "sttrs.sri", sri, WRONG, &r);
        if (sri && rsc == RSC_OK)
            rsc = check_criterion(plan, "sttrs.evc", json_object_get(transition, "evc"), r, WRONG);
        if (sri && rsc == RSC_OK)
            json_object_set_new(transition, "sri", json_string(r->ri));
        if (next && rsc == RSC_OK)
            rsc = find_child(snap, plan, "sttrs.nxst", next, TY_STATE, process, WRONG, &r);
        if (next && rsc == RSC_OK)
            json_object_set_new(transition, "nxst", json_string(r->ri));
    }
    return rsc;
}

enum rsc stte_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    enum rsc rsc = require_disabled(plan, plan->target, "a state is created");

    (void)req;
    return rsc == RSC_OK ? check_transitions(snap, plan, a, plan->target->ri) : rsc;
}

enum rsc stte_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const char *stac = json_str(set, "stac");
    const struct resource *action, *process;
    enum rsc rsc;

    (void)req;
    (void)del;
    process = process_of(snap, plan->target->pi, &rsc);
    if (rsc == RSC_OK)
        rsc = require_disabled(plan, process, "a state is updated");
    if (rsc == RSC_OK && stac) {
        rsc = find_child(snap, plan, "stac", stac, TY_ACTION, plan->target->ri, WRONG, &action);
        if (rsc == RSC_OK)
            json_object_set_new(set, "stac", json_string(action->ri));
    }
    return rsc == RSC_OK ? check_transitions(snap, plan, set, plan->target->pi) : rsc;
}

enum rsc stte_remove(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *process;
    enum rsc rsc;

    (void)req;
    process = process_of(snap, plan->target->pi, &rsc);
    return rsc == RSC_OK ? require_disabled(plan, process, "a state is deleted") : rsc == RSC_NOT_FOUND ? RSC_OK : rsc;
}
