#include "machine.h"

#include "criteria.h"
#include "json.h"
#include "mem.h"

static const json_t *state_by_ri(const struct machine *machine, const char *ri)
{
    const json_t *state;
    size_t i;

    json_array_foreach(machine->states, i, state)
    {
        const char *own = json_str(state, "ri");

        if (ri && own && strcmp(own, ri) == 0)
            return state;
    }
    return NULL;
}

static const json_t *current_state(const struct machine *machine)
{
    return state_by_ri(machine, json_str(machine->a, "cust"));
}

static const char *transition_subject(const json_t *state, const json_t *transition)
{
    const char *sri = json_str(transition, "sri");

    return sri ? sri : json_str(state, STATE_SUBJECT);
}

static void enter(const struct machine *machine, const char *next, const json_t *from, struct machine_step *step)
{
    const json_t *state = state_by_ri(machine, next);

    step->left = from ? json_str(from, "ri") : NULL;
    step->entered = state ? json_str(state, "ri") : NULL;
    step->status = state ? PROCESS_ACTIVATED : PROCESS_ABORTED;
}

static void end(const json_t *state, struct machine_step *step)
{
    step->status = PROCESS_COMPLETED;
    step->left = state ? json_str(state, "ri") : NULL;
}

static void next_transition(const struct machine *machine, const json_t *state, struct machine_step *step)
{
    const json_t *transition;
    size_t i;

    json_array_foreach(json_object_get(state, "sttrs"), i, transition)
    {
        const char *subject = transition_subject(state, transition), *next = json_str(transition, "nxst");

        if (!subject || !criteria_hold(json_object_get(transition, "evc"), json_object_get(machine->subjects, subject)))
            continue;
        if (next)
            enter(machine, next, state, step);
        else
            end(state, step);
        return;
    }
}

void machine_next(const struct machine *machine, struct machine_step *step)
{
    const json_t *encos = json_object_get(machine->a, "encos"), *state = current_state(machine);

    *step = (struct machine_step){0};
    switch (json_int(machine->a, "prst", PROCESS_DISABLED)) {
    case PROCESS_ENABLED:
        if (criteria_conditions(json_object_get(machine->a, "atcos"), machine->subjects))
            enter(machine, json_str(machine->a, "inst"), NULL, step);
        break;
    case PROCESS_ACTIVATED:
        if (json_array_size(encos) > 0 && criteria_conditions(encos, machine->subjects))
            end(state, step);
        else if (state)
            next_transition(machine, state, step);
        else
            step->status = PROCESS_ABORTED;
        break;
    default:
        break;
    }
}

static void add_subject(json_t *subjects, const char *address)
{
    if (address && !json_object_get(subjects, address))
        json_object_set_new(subjects, address, json_null());
}

static void add_conditions(json_t *subjects, const json_t *conditions)
{
    const json_t *condition;
    size_t i;

    json_array_foreach(conditions, i, condition)
    {
        add_subject(subjects, json_str(condition, "sri"));
    }
}

static void add_transitions(json_t *subjects, const json_t *state)
{
    const json_t *transition;
    size_t i;

    json_array_foreach(json_object_get(state, "sttrs"), i, transition)
    {
        add_subject(subjects, transition_subject(state, transition));
    }
}

void machine_subjects(const struct machine *machine, json_t *subjects)
{
    switch (json_int(machine->a, "prst", PROCESS_DISABLED)) {
    case PROCESS_ENABLED:
        add_conditions(subjects, json_object_get(machine->a, "atcos"));
        break;
    case PROCESS_ACTIVATED:
        add_conditions(subjects, json_object_get(machine->a, "encos"));
        add_transitions(subjects, current_state(machine));
        break;
    default:
        break;
    }
}

void machine_all_subjects(const struct machine *machine, json_t *subjects)
{
    const json_t *state;
    size_t i;

    add_conditions(subjects, json_object_get(machine->a, "atcos"));
    add_conditions(subjects, json_object_get(machine->a, "encos"));
    json_array_foreach(machine->states, i, state)
    {
        add_transitions(subjects, state);
    }
}
