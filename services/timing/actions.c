#include "actions.h"

#include "action.h"
#include "clock.h"
#include "criteria.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "primitive.h"
#include "processes.h"
#include "request.h"
#include "store.h"
#include "subjects.h"
#include "table.h"

enum { TIMER_MAX_MS = 86400000 };

struct act {
    struct table_entry entry; /* key = ri */
    char *ri, *pi;
    char *subject;
    json_t *a;
    struct run run;
    unsigned armed;           /* counts how often it began anew */
    struct loop_timer *timer; /* end of its period; NULL until it is first needed */
};

/* All actions of one subject that one change concerns, one after the other. Those of one subject follow each other. */
struct round {
    struct round *next;
    struct source *source;
    char *subject;
    int64_t seq;
    bool counters;
    json_t *a;    /* attributes of the subject; NULL = to be read */
    json_t *acts; /* list of ids, in the order of their priority */
    size_t index;
    unsigned armed;       /* of the action whose request is on its way */
    json_t *dependencies; /* list of attributes of the action's dependencies, while they are looked at */
};

struct queue {
    struct table_entry entry; /* key = subject */
    char *subject;
    struct round *first, *last; /* the first one is at work */
};

static struct table acts, queues;
static int64_t period, times, patience; /* settings */

static struct metric done_total =
    METRIC_COUNTER("tessera_timing_actions_total", "Actions carried out, by response status", "rsc");

static struct act *find(const char *ri)
{
    return (struct act *)table_find(&acts, ri);
}

/* ---- rounds --------------------------------------------------------------------------------------------------------- */

/* True when the round is at its end, false when it waits for something: then resume() follows. */
static bool begin_round(struct round *round);
static bool go_on(struct round *round);

static void round_free(struct round *round)
{
    source_release(round->source);
    json_decref(round->a);
    json_decref(round->acts);
    json_decref(round->dependencies);
    free(round->subject);
    free(round);
}

static void queue_free(struct queue *queue)
{
    table_remove(&queues, &queue->entry);
    free(queue->subject);
    free(queue);
}

/* Reading is enough once for all that have not begun to read. */
static bool joins(const struct queue *queue, const struct round *round)
{
    struct round *last = queue->last;

    if (round->a || !last || last == queue->first || last->a || last->counters != round->counters ||
        !json_equal(last->acts, round->acts))
        return false;
    if (round->seq > last->seq)
        last->seq = round->seq;
    return true;
}

static void drop_first(struct queue *queue)
{
    struct round *round = queue->first;

    queue->first = round->next;
    if (!queue->first)
        queue->last = NULL;
    round_free(round);
}

/* One after the other, until one has to wait. */
static void run_queue(struct queue *queue)
{
    while (queue->first && begin_round(queue->first))
        drop_first(queue);
    if (!queue->first)
        queue_free(queue);
}

static void add_round(struct round *round)
{
    struct queue *queue = (struct queue *)table_find(&queues, round->subject);

    if (!queue) {
        queue = xcalloc(1, sizeof *queue);
        queue->subject = xstrdup(round->subject);
        queue->entry.key = queue->subject;
        table_insert(&queues, &queue->entry);
    }
    if (joins(queue, round)) {
        round_free(round);
        return;
    }
    if (queue->last)
        queue->last->next = round;
    else
        queue->first = round;
    queue->last = round;
    if (queue->first == round)
        run_queue(queue);
}

static void resume(struct round *round)
{
    struct queue *queue = (struct queue *)table_find(&queues, round->subject);

    if (!go_on(round))
        return;
    drop_first(queue);
    run_queue(queue);
}

static void on_subject(void *context, enum store_status st, struct slice body)
{
    struct round *round = context;
    json_auto_t *list = NULL;

    if (st == STORE_FORGOTTEN) {
        round_free(round);
        return;
    }
    list = st == STORE_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    round->a = json_incref(json_object_get(json_array_get(list, 0), "a"));
    if (!round->a) /* it is gone */
        json_array_clear(round->acts);
    resume(round);
}

static bool begin_round(struct round *round)
{
    json_auto_t *addresses = NULL;

    if (round->a)
        return go_on(round);
    addresses = json_pack("[s]", round->subject);
    store_records(addresses, on_subject, round);
    return false;
}

static struct round *round_new(const char *subject, json_t *a, int64_t seq, bool counters, struct source *source)
{
    struct round *round = xcalloc(1, sizeof *round);

    round->subject = xstrdup(subject);
    round->a = json_incref(a);
    round->seq = seq;
    round->counters = counters;
    round->source = source_hold(source);
    round->acts = json_array();
    return round;
}

/* ---- one action's turn ---------------------------------------------------------------------------------------------- */

static void on_timer(void *context)
{
    const struct act *act = context;

    actions_wake(act->ri);
}

static void wake_at(struct act *act, int64_t when)
{
    int64_t wait = when - clock_now_ms();

    if (!act->timer)
        act->timer = loop_timer_new(on_timer, act);
    loop_timer_start(act->timer, wait < 0 ? 0 : wait > TIMER_MAX_MS ? TIMER_MAX_MS : wait, 0);
}

static enum turn turn_of(const struct act *act, int64_t *when)
{
    enum eval_mode evm = (enum eval_mode)json_int(act->a, "evm", EVAL_OFF);

    return action_turn(evm, json_int(act->a, "ecp", evm == EVAL_PERIODIC ? period : times), &act->run, clock_now_ms(), when);
}

/* Attributes that change without an UPDATE. */
static bool is_counter(const char *name)
{
    static const char *const counters[] = {"cni", "cbs", "st", "lt", "mdc", "mdlt"};

    for (size_t i = 0; name && i < ARRAY_LEN(counters); i++)
        if (strcmp(name, counters[i]) == 0)
            return true;
    return false;
}

/* Is it the action's turn, and does its own criterion hold? */
static bool may_act(struct round *round, struct act *act)
{
    const json_t *evc = json_object_get(act->a, "evc");
    int64_t when = 0;

    if (strcmp(act->subject, round->subject) != 0 || (round->seq > 0 && round->seq <= act->run.seq))
        return false;
    if (round->counters && !is_counter(json_str(evc, "sbjt")))
        return false;
    if (!processes_let(act->pi, act->ri))
        return false;
    switch (turn_of(act, &when)) {
    case TURN_NOW:
        break;
    case TURN_LATER:
        wake_at(act, when);
        return false;
    case TURN_NEVER:
        return false;
    }
    if (round->seq > act->run.seq)
        act->run.seq = round->seq;
    return criteria_hold(evc, round->a);
}

static void next_act(struct round *round)
{
    json_decref(round->dependencies);
    round->dependencies = NULL;
    round->index++;
    resume(round);
}

static const char *current(const struct round *round)
{
    return json_string_value(json_array_get(round->acts, round->index));
}

static json_t *kept(const struct act *act)
{
    return json_pack("{sI sI sI}", "count", act->run.count, "at", act->run.at, "seq", act->run.seq);
}

static void on_kept(void *context, enum store_status st, struct slice body)
{
    struct round *round = context;

    (void)body;
    if (st == STORE_FORGOTTEN)
        round_free(round);
    else
        next_act(round);
}

static void on_result(void *context, json_t *result)
{
    struct round *round = context;
    struct act *act = result ? find(current(round)) : NULL;
    char rsc[16];

    if (!result) {
        round_free(round);
        return;
    }
    snprintf(rsc, sizeof rsc, "%lld", (long long)json_int(result, "rsc", 0));
    metric_add(&done_total, 1, rsc);
    log_info("action.done", "action=%s subject=%s rsc=%s", current(round), round->subject, rsc);
    if (!act) {
        json_decref(result);
        next_act(round);
        return;
    }
    if (act->armed == round->armed) { /* else it has begun anew meanwhile: that was before */
        act->run.count++;
        act->run.at = clock_now_ms();
    }
    store_commit(
        json_pack("[{ss ss s{so}} o]", "op", "update", "ri", act->ri, "set", "air", result, store_keep_op(act->ri, kept(act))),
        NULL, on_kept, round);
}

/* The value that the request needs, as it is now. Without it nothing is sent. */
static void on_input(void *context, enum store_status st, struct slice body)
{
    struct round *round = context;
    const struct act *act = st == STORE_FORGOTTEN ? NULL : find(current(round));
    const json_t *ipu = act ? json_object_get(act->a, "ipu") : NULL, *value;
    json_auto_t *list = st == STORE_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    json_auto_t *apv = NULL;

    if (!ipu) {
        if (st == STORE_FORGOTTEN)
            round_free(round);
        else
            next_act(round);
        return;
    }
    value = json_object_get(json_object_get(json_array_get(list, 0), "a"), json_str(ipu, "raid"));
    if (!value) {
        on_result(round, request_failure(RSC_NOT_FOUND, ""));
        return;
    }
    apv = request_with_input(json_object_get(act->a, "apv"), json_str(ipu, "cstr"), value);
    request_send(apv, json_str(act->a, "orc"), patience, on_result, round);
}

static void act_now(struct round *round, const struct act *act)
{
    const char *rsid = json_str(json_object_get(act->a, "ipu"), "rsid");
    json_auto_t *addresses = NULL;

    round->armed = act->armed;
    if (rsid) {
        addresses = json_pack("[s]", rsid);
        store_records(addresses, on_input, round);
    } else {
        request_send(json_object_get(act->a, "apv"), json_str(act->a, "orc"), patience, on_result, round);
    }
}

/* ---- its dependencies ----------------------------------------------------------------------------------------------- */

/* The attributes of records, null where there is none. The caller owns the list. */
static json_t *attributes_of(struct slice body)
{
    json_auto_t *list = json_loadb(body.p, body.n, 0, NULL);
    json_t *attributes = json_array(), *record;
    size_t i;

    json_array_foreach(list, i, record)
    {
        json_t *a = json_object_get(record, "a");

        json_array_append_new(attributes, a ? json_incref(a) : json_null());
    }
    return attributes;
}

static void on_referenced(void *context, enum store_status st, struct slice body)
{
    struct round *round = context;
    json_auto_t *attributes = NULL;
    const struct act *act;

    if (st == STORE_FORGOTTEN) {
        round_free(round);
        return;
    }
    act = find(current(round));
    attributes = st == STORE_OK ? attributes_of(body) : json_array();
    if (act && criteria_dependencies(round->dependencies, attributes))
        act_now(round, act);
    else
        next_act(round);
}

static void on_dependencies(void *context, enum store_status st, struct slice body)
{
    struct round *round = context;
    json_auto_t *addresses = NULL;
    json_t *dependency;
    size_t i;

    if (st == STORE_FORGOTTEN) {
        round_free(round);
        return;
    }
    addresses = json_array();
    round->dependencies = st == STORE_OK ? attributes_of(body) : json_array();
    json_array_foreach(round->dependencies, i, dependency)
    {
        const char *rri = json_str(dependency, "rri");

        json_array_append_new(addresses, json_string(rri ? rri : "-")); /* no resource has that id */
    }
    store_records(addresses, on_referenced, round);
}

/* The current action, and those behind it. */
static bool go_on(struct round *round)
{
    const char *ri;

    for (; (ri = current(round)); round->index++) {
        struct act *act = find(ri);
        const json_t *dep = act ? json_object_get(act->a, "dep") : NULL;

        if (!act || !may_act(round, act))
            continue;
        if (json_array_size(dep) > 0)
            store_records(dep, on_dependencies, round);
        else
            act_now(round, act);
        return false;
    }
    return true;
}

/* ---- who has a turn ------------------------------------------------------------------------------------------------- */

static int by_priority(const void *left, const void *right)
{
    const struct act *a = *(struct act *const *)left, *b = *(struct act *const *)right;
    const char *ct = json_str(a->a, "ct"), *other = json_str(b->a, "ct");

    return action_order(json_int(a->a, "apy", 0), ct ? ct : "", json_int(b->a, "apy", 0), other ? other : "");
}

void actions_on_subject(const char *subject, const json_t *users, json_t *a, int64_t seq, bool counters, struct source *source)
{
    struct act **list = xcalloc(json_object_size(users) + 1, sizeof(struct act *));
    struct round *round;
    size_t count = 0;
    const char *id;
    json_t *value;

    json_object_foreach((json_t *)users, id, value)
    {
        if ((list[count] = find(id)))
            count++;
    }
    qsort(list, count, sizeof(struct act *), by_priority);
    if (count > 0) {
        round = round_new(subject, a, seq, counters, source);
        for (size_t i = 0; i < count; i++)
            json_array_append_new(round->acts, json_string(list[i]->ri));
        add_round(round);
    }
    free(list);
}

void actions_wake(const char *ri)
{
    const struct act *act = find(ri);
    struct round *round;

    if (!act)
        return;
    round = round_new(act->subject, NULL, 0, false, NULL);
    json_array_append_new(round->acts, json_string(ri));
    add_round(round);
}

/* ---- coming and going ----------------------------------------------------------------------------------------------- */

static void act_free(struct act *act)
{
    subjects_remove(act->subject, USER_ACTION, act->ri);
    table_remove(&acts, &act->entry);
    loop_timer_free(act->timer);
    json_decref(act->a);
    free(act->ri);
    free(act->pi);
    free(act->subject);
    free(act);
}

/* New attributes; where there are none given, the parent is its subject. */
static void set_attributes(struct act *act, const json_t *a)
{
    const char *sri = json_str(a, "sri");

    if (act->subject)
        subjects_remove(act->subject, USER_ACTION, act->ri);
    free(act->subject);
    act->subject = xstrdup(sri ? sri : act->pi);
    subjects_add(act->subject, USER_ACTION, act->ri);
    json_decref(act->a);
    act->a = json_incref((json_t *)a);
}

static struct act *act_get(const char *ri, const char *pi, const json_t *a)
{
    struct act *act = find(ri);

    if (!act) {
        act = xcalloc(1, sizeof *act);
        act->ri = xstrdup(ri);
        act->pi = xstrdup(pi);
        act->entry.key = act->ri;
        table_insert(&acts, &act->entry);
    }
    set_attributes(act, a);
    return act;
}

void actions_learn(const char *ri, const char *pi, const json_t *a, const json_t *value)
{
    struct act *act = act_get(ri, pi, a);
    int64_t when = 0;

    act->run.count = json_int(value, "count", 0);
    act->run.at = json_int(value, "at", 0);
    act->run.seq = json_int(value, "seq", 0);
    if (turn_of(act, &when) == TURN_LATER) /* something may have changed in its period */
        wake_at(act, when);
}

static void on_armed(void *context, enum store_status st, struct slice body)
{
    (void)st;
    (void)body;
    source_release(context);
}

static void arm(struct act *act, int64_t seq, struct source *source)
{
    act->run = (struct run){.seq = seq};
    act->armed++;
    store_commit(json_pack("[o]", store_keep_op(act->ri, kept(act))), NULL, on_armed, source_hold(source));
}

void actions_on_change(const struct change *change, struct source *source)
{
    struct act *act = find(change->ri);

    (void)source;
    if (change->op == OP_DELETE && act)
        act_free(act);
    else if (change->op != OP_DELETE)
        act_get(change->ri, change->pi, change->a);
}

void actions_on_armed(const struct change *change, struct source *source)
{
    struct act *act = find(change->ri);

    if (act && change->seq > act->run.seq)
        arm(act, change->seq, source);
}

const char *actions_subject(const char *ri)
{
    const struct act *act = find(ri);

    return act ? act->subject : NULL;
}

void actions_arm(const char *ri)
{
    struct act *act = find(ri);

    if (!act)
        return;
    arm(act, act->run.seq, NULL);
    actions_wake(ri);
}

static void free_act(struct table_entry *entry, void *context)
{
    (void)context;
    act_free((struct act *)entry);
}

/* The first round of each is with whoever has its context: it frees it. */
static void free_queue(struct table_entry *entry, void *context)
{
    struct queue *queue = (struct queue *)entry;

    (void)context;
    for (struct round *round = queue->first ? queue->first->next : NULL, *next; round; round = next) {
        next = round->next;
        round_free(round);
    }
    queue_free(queue);
}

void actions_forget(void)
{
    table_each(&queues, free_queue, NULL);
    table_each(&acts, free_act, NULL);
}

void actions_init(int64_t action_period, int64_t action_times, int64_t action_patience)
{
    period = action_period;
    times = action_times;
    patience = action_patience;
}
