#include "processes.h"

#include "actions.h"
#include "json.h"
#include "log.h"
#include "machine.h"
#include "mem.h"
#include "primitive.h"
#include "store.h"
#include "subjects.h"
#include "table.h"

enum { TY_STATE = 64, STEPS_MAX = 32 /* for one change: a circle of transitions that all hold goes on with the next one */ };

/* Something that has changed. */
struct poke {
    struct poke *next;
    struct source *source;
    char *subject; /* NULL: the process itself */
    json_t *a;     /* attributes of the subject then; NULL = as they are now */
};

struct process {
    struct table_entry entry; /* key = ri */
    char *ri;
    int64_t status;  /* prst, as last seen */
    json_t *watched; /* addresses it is registered for: an object */
    struct poke *first, *last;
    int steps; /* for the first poke */
    bool busy;
    /* Of the step under way: */
    json_t *record, *states, *versions, *subjects;
    struct machine_step next;
};

/* What is to be known of states between steps. */
struct state {
    struct table_entry entry; /* key = ri */
    char *ri, *process, *action;
    bool active;
};

static struct table all, states;
static int busy;

static struct process *find(const char *ri)
{
    return (struct process *)table_find(&all, ri);
}

bool processes_busy(void)
{
    return busy > 0;
}

/* ---- states --------------------------------------------------------------------------------------------------------- */

static void state_free(struct state *state)
{
    table_remove(&states, &state->entry);
    free(state->ri);
    free(state->process);
    free(state->action);
    free(state);
}

void processes_learn_state(const char *ri, const char *pi, const json_t *a)
{
    struct state *state = (struct state *)table_find(&states, ri);
    const char *action = json_str(a, "stac");

    if (!state) {
        state = xcalloc(1, sizeof *state);
        state->ri = xstrdup(ri);
        state->process = xstrdup(pi);
        state->entry.key = state->ri;
        table_insert(&states, &state->entry);
    }
    free(state->action);
    state->action = action ? xstrdup(action) : NULL;
    state->active = json_is_true(json_object_get(a, "sact"));
}

void processes_on_state(const struct change *change, struct source *source)
{
    struct state *state = (struct state *)table_find(&states, change->ri);

    (void)source;
    if (change->op != OP_DELETE)
        processes_learn_state(change->ri, change->pi, change->a);
    else if (state)
        state_free(state);
}

bool processes_let(const char *parent, const char *action)
{
    const struct state *state = (struct state *)table_find(&states, parent);
    const struct process *process = state ? find(state->process) : NULL;

    if (!state)
        return true;
    return state->active && state->action && strcmp(state->action, action) == 0 && process &&
           process->status == PROCESS_ACTIVATED;
}

static void set_active(const char *ri, bool active)
{
    struct state *state = ri ? (struct state *)table_find(&states, ri) : NULL;

    if (state)
        state->active = active;
}

/* ---- what a process looks at ---------------------------------------------------------------------------------------- */

static void unwatch(struct process *p)
{
    const char *ri;
    json_t *value;

    json_object_foreach(p->watched, ri, value)
    {
        subjects_remove(ri, USER_PROCESS, p->ri);
    }
    json_object_clear(p->watched);
}

static bool runs(int64_t status)
{
    return status == PROCESS_ENABLED || status == PROCESS_ACTIVATED || status == PROCESS_PAUSED;
}

/* From enabling to its end it is registered for all that it may ever have to look at. */
static void watch(struct process *p)
{
    const struct machine machine = {json_object_get(p->record, "a"), p->states, NULL};
    const char *ri;
    json_t *value;

    p->status = json_int(machine.a, "prst", PROCESS_DISABLED);
    if (!runs(p->status)) {
        unwatch(p);
        return;
    }
    if (json_object_size(p->watched) > 0)
        return;
    machine_all_subjects(&machine, p->watched);
    json_object_foreach(p->watched, ri, value)
    {
        subjects_add(ri, USER_PROCESS, p->ri);
    }
}

/* ---- a step --------------------------------------------------------------------------------------------------------- */

static void step(struct process *p);

static void step_done(struct process *p)
{
    json_decref(p->record);
    json_decref(p->states);
    json_decref(p->versions);
    json_decref(p->subjects);
    p->record = p->states = p->versions = p->subjects = NULL;
}

static void poke_free(struct poke *poke)
{
    source_release(poke->source);
    json_decref(poke->a);
    free(poke->subject);
    free(poke);
}

static void process_free(struct process *p)
{
    unwatch(p);
    step_done(p);
    while (p->first) {
        struct poke *poke = p->first;

        p->first = poke->next;
        poke_free(poke);
    }
    busy -= p->busy;
    table_remove(&all, &p->entry);
    json_decref(p->watched);
    free(p->ri);
    free(p);
}

/* Nothing more follows from the first poke. */
static void rest(struct process *p)
{
    struct poke *poke = p->first;

    p->first = poke->next;
    if (!p->first)
        p->last = NULL;
    poke_free(poke);
    step_done(p);
    p->steps = 0;
    p->busy = p->first != NULL;
    busy -= !p->busy;
    if (p->busy)
        step(p);
}

/* Whose step storage answers to: its context is a copy of the id. NULL: it is gone, or all is forgotten. */
static struct process *answered(char *ri, enum store_status st)
{
    struct process *p = st == STORE_FORGOTTEN ? NULL : find(ri);

    free(ri);
    return p && p->busy ? p : NULL;
}

static json_t *update_op(const char *ri, json_t *set)
{
    return json_pack("{ss ss so}", "op", "update", "ri", ri, "set", set);
}

static void on_stepped(void *context, enum store_status st, struct slice body)
{
    struct process *p = answered(context, st);

    (void)body;
    if (!p)
        return;
    step_done(p);
    step(p); /* what follows from that; or, if it was changed meanwhile, once more */
}

static const json_t *state_attributes(const struct process *p, const char *ri)
{
    const json_t *state;
    size_t i;

    json_array_foreach(p->states, i, state)
    {
        if (strcmp(json_str(state, "ri"), ri) == 0)
            return state;
    }
    return NULL;
}

/* A state that was entered: its action has its turn. */
static void entered(const struct process *p, const char *ri)
{
    const char *action = json_str(state_attributes(p, ri), "stac");

    set_active(ri, true);
    if (action)
        actions_arm(action);
}

static void on_entered(void *context, enum store_status st, struct slice body)
{
    struct process *p = find(context);

    if (st == STORE_OK && p && p->busy) {
        p->status = p->next.status;
        set_active(p->next.left, false);
        if (p->next.entered)
            entered(p, p->next.entered);
    }
    on_stepped(context, st, body);
}

static void carry_out(struct process *p, const struct machine_step *next)
{
    json_t *set = json_pack("{si}", "prst", (int)next->status), *ops = json_array();

    p->next = *next;
    if (next->entered)
        json_object_set_new(set, "cust", json_string(next->entered));
    json_array_append_new(ops, update_op(p->ri, set));
    if (next->left && (!next->entered || strcmp(next->left, next->entered) != 0))
        json_array_append_new(ops, update_op(next->left, json_pack("{sb}", "sact", 0)));
    if (next->entered)
        json_array_append_new(ops, update_op(next->entered, json_pack("{sb}", "sact", 1)));
    log_info("process.step", "process=%s status=%d left=%s entered=%s", p->ri, (int)next->status, next->left, next->entered);
    store_commit(ops, json_incref(p->versions), on_entered, xstrdup(p->ri));
}

static void decide(struct process *p)
{
    const struct machine machine = {json_object_get(p->record, "a"), p->states, p->subjects};
    struct machine_step next;

    machine_next(&machine, &next);
    if (!next.status || ++p->steps > STEPS_MAX)
        rest(p);
    else
        carry_out(p, &next);
}

/* What the poke says about its subject counts more than what is there now. */
static void override(struct process *p)
{
    const struct poke *poke = p->first;

    if (poke->a && json_object_get(p->subjects, poke->subject))
        json_object_set(p->subjects, poke->subject, poke->a);
}

static void on_subjects(void *context, enum store_status st, struct slice body)
{
    struct process *p = answered(context, st);
    json_auto_t *list = p && st == STORE_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    const char *ri;
    json_t *value;
    size_t i = 0;
    void *next;

    if (!p)
        return;
    json_object_foreach_safe(p->subjects, next, ri, value)
    {
        json_t *a = json_object_get(json_array_get(list, i++), "a");

        if (a)
            json_object_set(p->subjects, ri, a);
    }
    override(p);
    decide(p);
}

static void ask_subjects(struct process *p)
{
    const struct machine machine = {json_object_get(p->record, "a"), p->states, NULL};
    json_auto_t *addresses = json_array();
    const char *ri;
    json_t *value;

    p->subjects = json_object();
    machine_subjects(&machine, p->subjects);
    json_object_foreach(p->subjects, ri, value)
    {
        json_array_append_new(addresses, json_string(ri));
    }
    if (json_array_size(addresses) == 0)
        decide(p);
    else
        store_records(addresses, on_subjects, xstrdup(p->ri));
}

static void add_state(struct process *p, const struct row *row)
{
    const char *action = json_str(row->a, "stac"), *subject = action ? actions_subject(action) : NULL;

    processes_learn_state(row->ri, p->ri, row->a);
    if (subject)
        json_object_set_new(row->a, STATE_SUBJECT, json_string(subject));
    json_array_append(p->states, row->a);
    json_object_set_new(p->versions, row->ri, json_integer(row->v));
}

static void on_states(void *context, enum store_status st, struct slice body)
{
    struct process *p = answered(context, st);
    struct rows rows = {
        {NULL, 0},
        NULL
    };
    struct row row;

    if (!p)
        return;
    if (st == STORE_OK && rows_open(&rows, body)) {
        while (rows_next(&rows, &row)) {
            if (row.ri && json_str(row.a, "ri"))
                add_state(p, &row);
            row_done(&row);
        }
    }
    if (rows.more) {
        store_query(p->ri, TY_STATE, 1, 0, rows.more, on_states, xstrdup(p->ri));
    } else {
        watch(p);
        ask_subjects(p);
    }
    rows_done(&rows);
}

static void on_record(void *context, enum store_status st, struct slice body)
{
    struct process *p = answered(context, st);
    json_auto_t *list = p && st == STORE_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    json_t *record = json_array_get(list, 0);

    if (!p)
        return;
    if (!json_is_object(record)) { /* deleted: its event is on the way */
        rest(p);
        return;
    }
    p->record = json_incref(record);
    p->states = json_array();
    p->versions = json_pack("{sI}", p->ri, json_int(record, "v", 0));
    store_query(p->ri, TY_STATE, 1, 0, NULL, on_states, xstrdup(p->ri));
}

static void step(struct process *p)
{
    json_auto_t *addresses = json_pack("[s]", p->ri);

    store_records(addresses, on_record, xstrdup(p->ri));
}

static void poke(struct process *p, const char *subject, json_t *a, struct source *source)
{
    struct poke *poke = xcalloc(1, sizeof *poke);

    poke->subject = subject ? xstrdup(subject) : NULL;
    poke->a = json_incref(a);
    poke->source = source_hold(source);
    if (p->last)
        p->last->next = poke;
    else
        p->first = poke;
    p->last = poke;
    if (p->busy)
        return;
    p->busy = true;
    busy++;
    step(p);
}

/* ---- coming and going ----------------------------------------------------------------------------------------------- */

void processes_learn(const char *ri)
{
    struct process *p = find(ri);

    if (p)
        return;
    p = xcalloc(1, sizeof *p);
    p->ri = xstrdup(ri);
    p->watched = json_object();
    p->entry.key = p->ri;
    table_insert(&all, &p->entry);
}

void processes_on_change(const struct change *change, struct source *source)
{
    static const char *const control[] = {"prct", NULL}; /* what else changes, changes by a step */
    const struct state *state;
    struct process *p = find(change->ri);
    const char *current = json_str(change->a, "cust");

    if (change->op == OP_DELETE) {
        if (p)
            process_free(p);
        return;
    }
    processes_learn(change->ri);
    if (change->op != OP_UPDATE || !change_touches(change, control))
        return;
    p = find(change->ri);
    p->status = json_int(change->a, "prst", PROCESS_DISABLED);
    poke(p, NULL, NULL, source);
    state = current ? (struct state *)table_find(&states, current) : NULL;
    if (p->status == PROCESS_ACTIVATED && state && state->action) /* the pause is over */
        actions_wake(state->action);
}

void processes_on_subject(const char *id, const char *subject, json_t *a, struct source *source)
{
    struct process *p = find(id);

    if (p)
        poke(p, subject, a, source);
}

static void begin_one(struct table_entry *entry, void *context)
{
    (void)context;
    poke((struct process *)entry, NULL, NULL, NULL);
}

void processes_begin(void)
{
    table_each(&all, begin_one, NULL);
}

static void free_process(struct table_entry *entry, void *context)
{
    (void)context;
    process_free((struct process *)entry);
}

static void free_state(struct table_entry *entry, void *context)
{
    (void)context;
    state_free((struct state *)entry);
}

void processes_forget(void)
{
    table_each(&all, free_process, NULL);
    table_each(&states, free_state, NULL);
}
