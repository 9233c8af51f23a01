/* What the targets of a crossResourceSubscription notify, TS-0001 10.2.10.22: counted, and passed on when all have. */
#include "clock.h"
#include "crs.h"
#include "crs_window.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "special.h"

/* The number of the source that `sur` names; -1 if it is none. */
static int find_source(const struct resource *r, const char *sur)
{
    const json_t *sources = json_object_get(r->a, CRS_SOURCES);
    auto_free char *plain = crs_plain_address(sur);

    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *names = json_array_get(sources, i);

        for (size_t k = 0; k < json_array_size(names); k++)
            if (strcmp(json_string_value(json_array_get(names, k)), plain) == 0)
                return (int)i;
    }
    return -1;
}

/* To another CSE the creator is called as it is known there. */
static char *notification(const struct resource *r, const char *to, bool deleted)
{
    const char *cr = json_str(r->a, "cr");
    auto_free char *sur = xasprintf("%s/%s", cse_id(), r->path);
    auto_free char *outside = cr && *to == '/' ? originator_outside(cr, to) : NULL;
    json_auto_t *pc = json_pack("{s{ss ss*}}", "m2m:sgn", "sur", sur, "cr", outside ? outside : cr);
    struct str text = STR_EMPTY;

    if (deleted)
        json_object_set_new(json_object_get(pc, "m2m:sgn"), "sud", json_true());
    json_write(&text, pc);
    return str_take(&text);
}

static const struct asked *tell(const struct request *req, struct snapshot *snap, const struct resource *r, const char *key,
                                const char *to, bool deleted, int flags)
{
    auto_free char *pc = notification(r, to, deleted);
    struct request question;

    request_init(&question);
    question.op = OP_NOTIFY;
    question.to = to;
    question.fr = cse_id();
    question.ec = (int)json_int(r->a, "nec", ABSENT);
    question.pc = (struct slice){pc, strlen(pc)};
    return snapshot_ask(snap, req, key, &question, flags);
}

static bool not_reached(const struct asked *answer)
{
    return answer->rsc == RSC_TARGET_NOT_REACHABLE || answer->rsc == RSC_REQUEST_TIMEOUT || answer->late;
}

/* Is the notificationSchedule below it open now? What falls outside of it is not told, unless it is immediate. As a step. */
static enum rsc check_schedule(struct snapshot *snap, const struct resource *r, bool *open)
{
    enum { IMMEDIATE = 2 };
    auto_free char *path = xasprintf("%s/notificationSchedule", r->path);
    const struct resource *schedule = NULL;
    const json_t *entries;
    enum rsc rsc = look_up(snap, path, &schedule);

    *open = rsc != RSC_OK || json_int(r->a, "nec", 0) == IMMEDIATE;
    if (rsc != RSC_OK)
        return rsc == PLAN_WAIT ? rsc : RSC_OK;
    entries = json_object_get(json_object_get(schedule->a, "se"), "sce");
    for (size_t i = 0; i < json_array_size(entries) && !*open; i++)
        *open = clock_schedule_matches(json_string_value(json_array_get(entries, i)), snap->now);
    return RSC_OK;
}

/* RSC_OK when all targets have been told; whoever brought the last notification tries again if one is out of reach. */
static enum rsc tell_all(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const json_t *nu = json_object_get(plan->target->a, "nu");
    const char *missed = NULL;
    enum rsc result = RSC_OK;

    for (size_t i = 0; i < json_array_size(nu); i++) {
        const char *to = json_string_value(json_array_get(nu, i));
        auto_free char *key = xasprintf("nu.%zu", i);
        const struct asked *answer = tell(req, snap, plan->target, key, to, false, 0);

        if (!answer)
            result = PLAN_WAIT;
        else if (not_reached(answer))
            missed = to;
    }
    if (result == RSC_OK && missed)
        return plan_refuse(plan, RSC_TARGET_NOT_REACHABLE, "nu: %.200s cannot be reached", missed);
    return result;
}

/* notificationStatsInfo: one entry per target, TS-0004 6.3.5.81. */
static json_t *statistics(const json_t *a)
{
    const json_t *nu = json_object_get(a, "nu"), *old = json_object_get(a, "nsi");
    json_t *list = json_array();

    for (size_t i = 0; i < json_array_size(nu); i++) {
        const json_t *entry = json_array_get(old, i);
        bool same = json_equal(json_object_get(entry, "tg"), json_array_get(nu, i));

        json_array_append_new(
            list, json_pack("{sO sI sI sI}", "tg", json_array_get(nu, i), "rqs", same ? json_int(entry, "rqs", 0) + 1 : 1, "rsr",
                            same ? json_int(entry, "rsr", 0) + 1 : 1, "noec", same ? json_int(entry, "noec", 0) + 1 : 1));
    }
    return list;
}

static enum rsc remove_self(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *r = plan->target;
    const char *su = json_str(r->a, "su");

    if (crs_detach(req, snap, r) == PLAN_WAIT)
        return PLAN_WAIT;
    if (su)
        tell(req, snap, r, "su", su, true, ASK_AFTER);
    plan->kind = PLAN_COMMIT;
    plan->rsc = RSC_OK;
    plan->ops = json_pack("[{ss ss}]", "op", "delete", "ri", r->ri);
    return RSC_OK;
}

static void set_state(struct plan *plan, json_t *set, bool window)
{
    plan->kind = PLAN_COMMIT;
    plan->rsc = RSC_OK;
    plan->ops =
        json_pack("[{ss ss so s[s*]}]", "op", "update", "ri", plan->target->ri, "set", set, "del", window ? NULL : CRS_WINDOW);
}

static struct window window_of(const json_t *a)
{
    struct window w = {.type = (enum window_type)json_int(a, "twt", WINDOW_PERIODIC)};

    clock_parse_duration(json_str(a, "tws"), &w.size);
    clock_parse(json_str(a, "ct"), &w.origin);
    if (w.size <= 0)
        w.size = 1;
    return w;
}

/* A window was worth a notification. What counts them counts only those that are sent. */
static enum rsc notify(const struct request *req, struct snapshot *snap, struct plan *plan, const json_t *state)
{
    const json_t *a = plan->target->a;
    int64_t exc = json_int(a, "exc", 0);
    json_t *set;
    bool open;
    enum rsc rsc = check_schedule(snap, plan->target, &open);

    if (rsc == RSC_OK && open)
        rsc = tell_all(req, snap, plan);
    if (rsc != RSC_OK)
        return rsc;
    if (open && exc == 1)
        return remove_self(req, snap, plan);
    set = json_object();
    if (open && exc > 1)
        json_object_set_new(set, "exc", json_integer(exc - 1));
    if (open && json_is_true(json_object_get(a, "nse")))
        json_object_set_new(set, "nsi", statistics(a));
    if (json_object_size(state) > 0)
        json_object_set(set, CRS_WINDOW, (json_t *)state);
    set_state(plan, set, json_object_size(state) > 0);
    return RSC_OK;
}

static json_t *state_of(const json_t *a)
{
    return json_object_get(a, CRS_WINDOW) ? json_deep_copy(json_object_get(a, CRS_WINDOW)) : json_object();
}

/*
 * One of them has notified. A window that has ended before, and that nobody has looked at yet, is looked at first.
 */
static bool add_source(const struct window *w, json_t *state, enum window_mode mode, size_t source, size_t sources, int64_t now)
{
    int64_t end = window_end(w, state);
    bool worth;

    if (mode == MODE_SOME_PRESENT)
        return window_first(w, state, source, now);
    if (!window_waits(mode))
        return window_add(w, state, source, sources, now);
    worth = end > 0 && end <= now && window_close(w, state, mode, sources, end);
    window_add(w, state, source, SIZE_MAX, now);
    return worth;
}

static enum rsc count(const struct request *req, struct snapshot *snap, struct plan *plan, size_t source)
{
    const json_t *a = plan->target->a;
    json_auto_t *state = state_of(a);
    struct window w = window_of(a);
    enum window_mode mode = (enum window_mode)json_int(a, "eem", MODE_ALL_PRESENT);

    if (add_source(&w, state, mode, source, json_array_size(json_object_get(a, CRS_SOURCES)), snap->now))
        return notify(req, snap, plan, state);
    set_state(plan, json_pack("{sO}", CRS_WINDOW, state), true);
    return RSC_OK;
}

/* NOTIFY by the CSE itself, {"m2m:window":{}}: the time of a window is over. */
static enum rsc look_at_window(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const json_t *a = plan->target->a;
    json_auto_t *state = state_of(a);
    struct window w = window_of(a);
    enum window_mode mode = (enum window_mode)json_int(a, "eem", MODE_ALL_PRESENT);
    int64_t end = w.type == WINDOW_PERIODIC ? window_last(&w, snap->now) : window_end(&w, state);

    plan->kind = PLAN_ANSWER;
    plan->rsc = RSC_OK;
    if (!window_waits(mode) || end == 0 || end > snap->now || json_int(state, "upto", 0) >= end)
        return RSC_OK;
    if (window_close(&w, state, mode, json_array_size(json_object_get(a, CRS_SOURCES)), end))
        return notify(req, snap, plan, state);
    set_state(plan, json_pack("{sO}", CRS_WINDOW, state), true);
    return RSC_OK;
}

static enum rsc done(struct plan *plan)
{
    plan->kind = PLAN_ANSWER;
    plan->rsc = RSC_OK;
    return RSC_OK;
}

enum rsc crs_notify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    json_auto_t *pc = req->pc.n > 0 ? json_loadb(req->pc.p, req->pc.n, 0, NULL) : NULL;
    const json_t *sgn = json_object_get(pc, "m2m:sgn");
    const char *sur = json_str(sgn, "sur");
    int source;

    if (plan->originator[0] != '/')
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "only CSEs notify a %s", plan->target->type->name);
    if (json_object_get(pc, "m2m:window") && strcmp(plan->originator, cse_id()) == 0)
        return look_at_window(req, snap, plan);
    if (!sur)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: no m2m:sgn with a sur");
    if (json_is_true(json_object_get(sgn, "vrq")))
        return done(plan);
    source = find_source(plan->target, sur);
    if (source < 0)
        return plan_refuse(plan, RSC_NOT_FOUND, "sur: %.200s is no target of %s", sur, plan->target->ri);
    if (json_is_true(json_object_get(sgn, "sud")))
        return remove_self(req, snap, plan);
    return count(req, snap, plan, (size_t)source);
}
