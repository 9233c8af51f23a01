/*
 * The state machine of transactions, TS-0001 10.2.18: that of one <transaction>, and what whoever coordinates several of them, a
 * <transactionMgmt>, does next. Pure.
 */
#ifndef TESSERA_TRANSACTION_H
#define TESSERA_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

enum { TY_TRANSACTION_MGMT = 50, TY_TRANSACTION = 51 };

/* m2m:transactionState and m2m:transactionControl */
enum transaction_state {
    STATE_NONE,
    STATE_INITIAL,
    STATE_LOCKED,
    STATE_EXECUTED,
    STATE_COMMITTED,
    STATE_ERROR,
    STATE_ABORTED,
    STATE_COUNT
};
enum transaction_control {
    CONTROL_NONE,
    CONTROL_INITIAL,
    CONTROL_LOCK,
    CONTROL_EXECUTE,
    CONTROL_COMMIT,
    CONTROL_ABORT,
    CONTROL_COUNT
};

const char *transaction_state_name(int state);
const char *transaction_control_name(int control);

/*
 * The state that `control` leads to, or STATE_NONE: illegal (4123). A control that has been obeyed may come again and changes
 * nothing, so that whoever did not hear of its success can repeat it.
 */
enum transaction_state transaction_next(int state, int control);
/* Does the resource belong to the transaction alone? */
bool transaction_holds(int state);

/* A transaction by the clock: when each control is due, ms since 1970; 0 = not by the clock. */
struct transaction_times {
    int64_t at[CONTROL_COUNT];
};
/*
 * The control that is due for a <transaction> that follows its own times, or CONTROL_NONE: then *wake is when to look again (0:
 * never).
 */
enum transaction_control transaction_due(int state, const struct transaction_times *times, int64_t now, int64_t *wake);

/* ---- coordination of several ---- */

struct coordination {
    int state, control; /* of the <transactionMgmt> */
    bool by_creator;    /* transactionMode CREATOR_CONTROLLED */
    bool made;          /* its <transaction>s are there */
    bool dropped;       /* transactionMgmtHandling DELETE */
    struct transaction_times times;
    int64_t expires; /* afterwards it is aborted, unless the decision to commit has been made */
};

enum coordination_act {
    ACT_NOTHING, /* it is over */
    ACT_WAIT,    /* until `wake` */
    ACT_MAKE,    /* create a <transaction> at every target */
    ACT_DRIVE,   /* send `control` to all of them */
    ACT_DECIDE,  /* write `control` down: from now on there is no other way */
    ACT_DROP,    /* it is over, and deletes itself */
};

struct coordination_step {
    enum coordination_act act;
    int control;
    int64_t wake;
};

struct coordination_step coordination_next(const struct coordination *c, int64_t now);

/* What one target made of a control. */
enum coordination_answer { ANSWER_DONE, ANSWER_LATER, ANSWER_FAILED };

/*
 * `rsc` is what the <transaction> answered, `state` its state as far as told (else 0). `removes`: its request is a DELETE, whose
 * commit takes the <transaction> along.
 */
enum coordination_answer coordination_judge(int control, int rsc, int state, bool removes);

/* All targets have answered: `later` could not be reached or are busy, `failed` will not do it; `over`: there is no time left. */
enum coordination_outcome {
    OUTCOME_REACHED, /* the state that the control leads to */
    OUTCOME_RETRY,   /* the same again */
    OUTCOME_RELEASE, /* the same again, after all locks have been given back: others may be waiting for them */
    OUTCOME_GIVE_UP, /* roll back */
    OUTCOME_MIXED,   /* some have committed, some will never */
};
enum coordination_outcome coordination_judge_all(int control, int later, int failed, int tries, int most_tries, bool over);

#endif
