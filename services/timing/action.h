/* When an <action> has its turn, TS-0001 <action> (evalMode, evalControlParam). Pure; times are ms. */
#ifndef TIMING_ACTION_H
#define TIMING_ACTION_H

#include <stdbool.h>
#include <stdint.h>

/* m2m:evalMode */
enum eval_mode { EVAL_OFF, EVAL_ONCE, EVAL_PERIODIC, EVAL_CONTINUOUS };

/* What an action has done since it was armed; kept in storage. */
struct run {
    int64_t count; /* times it was carried out */
    int64_t at;    /* the last time */
    int64_t seq;   /* the newest event that it has taken account of: what is delivered again counts once */
};

enum turn {
    TURN_NOW,
    TURN_LATER, /* its period is not over: what has changed counts at its end */
    TURN_NEVER, /* until it is armed again */
};

/* `ecp` is the number of times (continuous) or the period (periodic). `when` is set for TURN_LATER only. */
enum turn action_turn(enum eval_mode evm, int64_t ecp, const struct run *run, int64_t now, int64_t *when);

/* Order of two actions for the same event: a lower actionPriority (0 = none given: last) first, then the older one. */
int action_order(int64_t apy, const char *ct, int64_t other_apy, const char *other_ct);

#endif
