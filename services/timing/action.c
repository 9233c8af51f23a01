#include "action.h"

#include <string.h>

enum turn action_turn(enum eval_mode evm, int64_t ecp, const struct run *run, int64_t now, int64_t *when)
{
    switch (evm) {
    case EVAL_OFF:
        return TURN_NEVER;
    case EVAL_ONCE:
        return run->count == 0 ? TURN_NOW : TURN_NEVER;
    case EVAL_CONTINUOUS:
        return run->count < ecp ? TURN_NOW : TURN_NEVER;
    case EVAL_PERIODIC:
        break;
    }
    if (run->count == 0 || now >= run->at + ecp || now < run->at /* the clock was set back */)
        return TURN_NOW;
    *when = run->at + ecp;
    return TURN_LATER;
}

int action_order(int64_t apy, const char *ct, int64_t other_apy, const char *other_ct)
{
    int64_t mine = apy > 0 ? apy : INT64_MAX, other = other_apy > 0 ? other_apy : INT64_MAX;

    if (mine != other)
        return mine < other ? -1 : 1;
    return strcmp(ct, other_ct);
}
