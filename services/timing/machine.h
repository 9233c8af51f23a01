/*
 * The state machine of <processManagement>, TS-0001 <processManagement> and <state>. Pure. What an UPDATE of processControl does
 * is decided by the orchestrator; here is what follows from the resources that conditions look at.
 */
#ifndef TIMING_MACHINE_H
#define TIMING_MACHINE_H

#include <jansson.h>

/* m2m:processStatus */
enum process_status {
    PROCESS_DISABLED = 1,
    PROCESS_ENABLED,
    PROCESS_ACTIVATED,
    PROCESS_PAUSED,
    PROCESS_COMPLETED,
    PROCESS_ABORTED
};

/* What is there: attributes of the processManagement, of its states, and of whatever conditions name. All borrowed. */
struct machine {
    const json_t *a;
    const json_t *states;   /* list */
    const json_t *subjects; /* address as in the condition -> attributes, null = gone */
};

/* What must change. */
struct machine_step {
    enum process_status status; /* 0: nothing changes */
    const char *left;           /* ri of the state that is no longer active, or NULL; borrows from the machine */
    const char *entered;        /* ri of the state that becomes active, or NULL */
};

/*
 * One step. A process that is enabled is activated when all activateConditions hold, and enters its initial state; an activated
 * one ends when it has endConditions and all hold, or else goes over the first transition of its state whose criterion holds.
 * A transition without nextState ends it; one to a state that is gone aborts it.
 */
void machine_next(const struct machine *machine, struct machine_step *step);

/* The addresses that the next step looks at, added to the object `subjects` as members that are null. */
void machine_subjects(const struct machine *machine, json_t *subjects);

/* Likewise all that it may ever look at. */
void machine_all_subjects(const struct machine *machine, json_t *subjects);

/*
 * Member of a state's attributes put there by whoever gathered them: the address of the resource that its transitions look at if
 * they have no `sri` of their own, which is the subject of the state's action.
 */
#define STATE_SUBJECT "_subject"

#endif
