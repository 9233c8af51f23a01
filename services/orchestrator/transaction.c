#include "transaction.h"

#include "rsc.h"

const char *transaction_state_name(int state)
{
    static const char *const names[STATE_COUNT] = {"", "INITIAL", "LOCKED", "EXECUTED", "COMMITTED", "ERROR", "ABORTED"};

    return state > 0 && state < STATE_COUNT ? names[state] : "";
}

const char *transaction_control_name(int control)
{
    static const char *const names[CONTROL_COUNT] = {"", "INITIAL", "LOCK", "EXECUTE", "COMMIT", "ABORT"};

    return control > 0 && control < CONTROL_COUNT ? names[control] : "";
}

/* Rows: state. Columns: control. */
static const enum transaction_state transitions[STATE_COUNT][CONTROL_COUNT] = {
    [STATE_INITIAL] = {[CONTROL_INITIAL] = STATE_INITIAL,   [CONTROL_LOCK] = STATE_LOCKED,      [CONTROL_ABORT] = STATE_ABORTED},
    [STATE_LOCKED] = {[CONTROL_LOCK] = STATE_LOCKED,                                   [CONTROL_EXECUTE] = STATE_EXECUTED,                                         [CONTROL_ABORT] = STATE_ABORTED},
    [STATE_EXECUTED] = {[CONTROL_EXECUTE] = STATE_EXECUTED,    [CONTROL_COMMIT] = STATE_COMMITTED,[CONTROL_ABORT] = STATE_ABORTED},
    [STATE_COMMITTED] = {[CONTROL_COMMIT] = STATE_COMMITTED},
    [STATE_ERROR] = {[CONTROL_INITIAL] = STATE_INITIAL,  [CONTROL_ABORT] = STATE_ABORTED   },
    [STATE_ABORTED] = {[CONTROL_INITIAL] = STATE_INITIAL,   [CONTROL_ABORT] = STATE_ABORTED                                      },
};

enum transaction_state transaction_next(int state, int control)
{
    if (state <= 0 || state >= STATE_COUNT || control <= 0 || control >= CONTROL_COUNT)
        return STATE_NONE;
    return transitions[state][control];
}

bool transaction_holds(int state)
{
    return state == STATE_LOCKED || state == STATE_EXECUTED;
}

/* The control that leads on from a state. */
static enum transaction_control onward(int state)
{
    static const enum transaction_control rows[STATE_COUNT] = {
        [STATE_INITIAL] = CONTROL_LOCK, [STATE_LOCKED] = CONTROL_EXECUTE, [STATE_EXECUTED] = CONTROL_COMMIT};

    return state > 0 && state < STATE_COUNT ? rows[state] : CONTROL_NONE;
}

enum transaction_control transaction_due(int state, const struct transaction_times *times, int64_t now, int64_t *wake)
{
    enum transaction_control control = onward(state);
    int64_t at = control ? times->at[control] : 0;

    *wake = at > now ? at : 0;
    return at > 0 && at <= now ? control : CONTROL_NONE;
}

/* ---- coordination ---- */

static struct coordination_step wait_until(int64_t a, int64_t b)
{
    return (struct coordination_step){.act = ACT_WAIT, .wake = a < b ? a : b};
}

static struct coordination_step step(enum coordination_act act, int control)
{
    return (struct coordination_step){.act = act, .control = control};
}

/* On the way from one state to the next; `control` is the one that leads there. */
static struct coordination_step go_on(const struct coordination *c, int control, int64_t now)
{
    if (c->by_creator && c->control != control)
        return wait_until(c->expires, c->expires);
    if (c->times.at[control] > now)
        return wait_until(c->times.at[control], c->expires);
    return control == CONTROL_COMMIT ? step(ACT_DECIDE, control) : step(ACT_DRIVE, control);
}

struct coordination_step coordination_next(const struct coordination *c, int64_t now)
{
    if (c->state == STATE_COMMITTED || c->state == STATE_ABORTED)
        return step(c->dropped ? ACT_DROP : ACT_NOTHING, CONTROL_NONE);
    if (c->control == CONTROL_ABORT)
        return step(ACT_DRIVE, CONTROL_ABORT);
    if (c->state == STATE_ERROR)
        return step(ACT_NOTHING, CONTROL_NONE);
    if (c->state == STATE_EXECUTED && c->control == CONTROL_COMMIT) {
        int64_t at = c->times.at[CONTROL_COMMIT];

        return at > now ? wait_until(at, at) : step(ACT_DRIVE, CONTROL_COMMIT);
    }
    if (now >= c->expires)
        return step(ACT_DECIDE, CONTROL_ABORT);
    if (c->state == STATE_INITIAL && !c->made)
        return step(ACT_MAKE, CONTROL_NONE);
    return go_on(c, onward(c->state), now);
}

static bool is_passing(int rsc)
{
    return rsc == RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE || rsc == RSC_TARGET_NOT_REACHABLE || rsc == RSC_REQUEST_TIMEOUT ||
           rsc == RSC_INTERNAL_SERVER_ERROR || rsc == 0;
}

enum coordination_answer coordination_judge(int control, int rsc, int state, bool removes)
{
    static const enum transaction_state wanted[CONTROL_COUNT] = {[CONTROL_INITIAL] = STATE_INITIAL,
                                                                 [CONTROL_LOCK] = STATE_LOCKED,
                                                                 [CONTROL_EXECUTE] = STATE_EXECUTED,
                                                                 [CONTROL_COMMIT] = STATE_COMMITTED,
                                                                 [CONTROL_ABORT] = STATE_ABORTED};

    if (rsc == RSC_NOT_FOUND && (control == CONTROL_ABORT || (control == CONTROL_COMMIT && removes)))
        return ANSWER_DONE; /* rolled back with it, or by the DELETE itself */
    if (control == CONTROL_ABORT && rsc == RSC_ILLEGAL_TRANSACTION_STATE_TRANSITION_ATTEMPTED)
        return ANSWER_DONE; /* somebody else has ended it */
    if (is_passing(rsc))
        return ANSWER_LATER;
    return rsc_is_success(rsc) && state == (int)wanted[control] ? ANSWER_DONE : ANSWER_FAILED;
}

enum coordination_outcome coordination_judge_all(int control, int later, int failed, int tries, int most_tries, bool over)
{
    if (later == 0 && failed == 0)
        return OUTCOME_REACHED;
    if (control == CONTROL_ABORT) /* who could not be told gives up by itself when its time is over */
        return later > 0 && !over ? OUTCOME_RETRY : OUTCOME_REACHED;
    if (control == CONTROL_COMMIT)
        return later > 0 && !over ? OUTCOME_RETRY : OUTCOME_MIXED;
    if (failed > 0 || tries >= most_tries || over)
        return OUTCOME_GIVE_UP;
    return control == CONTROL_LOCK ? OUTCOME_RELEASE : OUTCOME_RETRY;
}
