/* The steps of a decision in their order, and the plan they fill. */
#include "plan.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "token.h"

static bool verify_urls, subscription_needed;
static size_t group_members = 10000;
static int64_t result_life = INT64_C(86400000);
static int64_t transaction_life = INT64_C(600000);

void plan_configure(bool urls)
{
    verify_urls = urls;
}

bool plan_verifies_urls(void)
{
    return verify_urls;
}

void plan_set_result_life(int64_t ms)
{
    result_life = ms;
}

int64_t plan_result_life_ms(void)
{
    return result_life;
}

void plan_set_subscription_needed(bool needed)
{
    subscription_needed = needed;
}

bool plan_subscription_needed(void)
{
    return subscription_needed;
}

void plan_set_group_members(size_t count)
{
    group_members = count;
}

size_t plan_group_members(void)
{
    return group_members;
}

void plan_set_transaction_life(int64_t ms)
{
    transaction_life = ms;
}

int64_t plan_transaction_life_ms(void)
{
    return transaction_life;
}

void plan_init(struct plan *plan)
{
    *plan = (struct plan){.kind = PLAN_ANSWER, .rsc = RSC_INTERNAL_SERVER_ERROR};
}

void plan_done(struct plan *plan)
{
    json_t *const owned[] = {plan->attributes, plan->descriptors, plan->fc,      plan->limits, plan->then, plan->ops,
                             plan->along,      plan->verify,      plan->consult, plan->sgn,    plan->poa,  plan->csz,
                             plan->via,        plan->roles,       plan->answers, plan->ati,    plan->tqf,  plan->readable};

    for (size_t i = 0; i < ARRAY_LEN(owned); i++)
        json_decref(owned[i]);
    token_list_free(plan->tokens);
    str_done(&plan->tokens_why);
    str_done(&plan->text);
    str_done(&plan->content);
    str_done(&plan->given);
    address_done(&plan->address);
    free(plan->originator);
    free(plan->peer);
    free(plan->rn);
    free(plan->from_outside);
    free(plan->channel);
    free(plan->profiled);
    free(plan->to);
    *plan = (struct plan){0};
}

enum rsc plan_refuse(struct plan *plan, enum rsc rsc, const char *format, ...)
{
    va_list args;

    plan->kind = PLAN_ANSWER;
    plan->rsc = (int)rsc;
    str_reset(&plan->text);
    va_start(args, format);
    str_vaddf(&plan->text, format, args);
    va_end(args);
    if (plan->text.len > 0)
        json_ascii(plan->text.data);
    return rsc;
}

const struct plan_type *plan_type_of(int ty)
{
    static const struct plan_type nothing = {0};

    for (const struct plan_type *type = plan_types; type->ty; type++)
        if (type->ty == ty)
            return type;
    return &nothing;
}

const struct plan_virtual *plan_virtual_of(enum address_virtual virt)
{
    const struct plan_virtual *row = plan_virtuals;

    while (row->virt != VIRTUAL_NONE && row->virt != virt)
        row++;
    return row;
}

static enum rsc plan_operation(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    static plan_step *const operations[] = {
        [OP_CREATE] = plan_create, [OP_RETRIEVE] = plan_retrieve, [OP_UPDATE] = plan_update,
        [OP_DELETE] = plan_delete, [OP_NOTIFY] = plan_notify,
    };

    plan_step *virtual_step = plan_virtual_of(plan->address.virt)->plan;
    enum rsc rsc = check_lock(req, snap, plan);

    if (rsc == RSC_OK)
        rsc = virtual_step ? virtual_step(req, snap, plan) : operations[req->op](req, snap, plan);
    return rsc == RSC_OK ? check_follow(req, snap, plan) : rsc;
}

/* The steps, until one ends it. */
static enum rsc run_steps(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    static plan_step *const steps[] = {
        check_mandatory, check_times, identify,    retarget,   apply_profiles, check_operation, check_release, check_unsupported,
        defer_request,   find_roles,  find_tokens, find_place, find_target,    check_group,     check_filter,  plan_operation,
    };
    enum rsc rsc = RSC_OK;

    plan->req = req;
    ask_drop_new(snap);
    json_object_clear(snap->uses);
    for (size_t i = 0; i < ARRAY_LEN(steps) && rsc == RSC_OK && plan->kind != PLAN_FORWARD; i++)
        rsc = steps[i](plan->req, snap, plan);
    return rsc;
}

/*
 * A refusal counts only if nothing before it is still unknown: what is missing goes first. Where the originator is is looked for
 * only when a rule turns out to ask for it.
 */
void plan_request(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    bool located = snap->wants_place;
    enum rsc rsc = run_steps(req, snap, plan);

    if (snap->wants_place && !located) {
        plan_done(plan);
        plan_init(plan);
        rsc = run_steps(req, snap, plan);
    }
    if (snap->too_many) {
        plan_refuse(plan, RSC_NOT_IMPLEMENTED, "the request refers to more than %d resources", SNAPSHOT_MAX);
    } else if (snap->missing_count > 0 || rsc == PLAN_WAIT) {
        plan_done(plan);
        plan_init(plan);
        plan->kind = PLAN_NEED;
    }
}
