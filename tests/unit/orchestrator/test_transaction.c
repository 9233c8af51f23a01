/* The state machine of transactions: every state with every control, and what a coordinator does next. */
#include "transaction.h"

#include "mem.h"
#include "rsc.h"

#include <check.h>

/* Columns: INITIAL, LOCK, EXECUTE, COMMIT, ABORT. 0: illegal. Rows from INITIAL to ABORTED. */
/* clang-format off */
static const int table[STATE_COUNT - 1][CONTROL_COUNT - 1] = {
    {STATE_INITIAL, STATE_LOCKED, 0,              0,               STATE_ABORTED},
    {0,             STATE_LOCKED, STATE_EXECUTED, 0,               STATE_ABORTED},
    {0,             0,            STATE_EXECUTED, STATE_COMMITTED, STATE_ABORTED},
    {0,             0,            0,              STATE_COMMITTED, 0            },
    {STATE_INITIAL, 0,            0,              0,               STATE_ABORTED},
    {STATE_INITIAL, 0,            0,              0,               STATE_ABORTED},
};
/* clang-format on */

START_TEST(test_transitions)
{
    for (int state = STATE_INITIAL; state < STATE_COUNT; state++)
        for (int control = CONTROL_INITIAL; control < CONTROL_COUNT; control++)
            ck_assert_msg((int)transaction_next(state, control) == table[state - 1][control - 1], "%s %s",
                          transaction_state_name(state), transaction_control_name(control));
}
END_TEST

START_TEST(test_outside_of_the_table)
{
    static const int beyond[] = {-1, 0, 7, 1000};

    for (size_t i = 0; i < ARRAY_LEN(beyond); i++) {
        ck_assert_int_eq(transaction_next(beyond[i], CONTROL_LOCK), STATE_NONE);
        ck_assert_int_eq(transaction_next(STATE_INITIAL, beyond[i] == 7 ? 6 : beyond[i]), STATE_NONE);
        ck_assert_str_eq(transaction_state_name(beyond[i]), "");
        ck_assert_str_eq(transaction_control_name(beyond[i]), "");
    }
}
END_TEST

START_TEST(test_locks)
{
    for (int state = STATE_INITIAL; state < STATE_COUNT; state++)
        ck_assert_int_eq(transaction_holds(state), state == STATE_LOCKED || state == STATE_EXECUTED);
}
END_TEST

/* ---- by the clock ---- */

static const struct {
    const char *name;
    int state;
    int64_t lock, execute, commit; /* now is 100 */
    int control;
    int64_t wake;
} due_cases[] = {
    {"no times",           STATE_INITIAL,   0,   0,   0,   0,               0  },
    {"lock later",         STATE_INITIAL,   200, 300, 0,   0,               200},
    {"lock now",           STATE_INITIAL,   100, 300, 0,   CONTROL_LOCK,    0  },
    {"execute later",      STATE_LOCKED,    50,  300, 0,   0,               300},
    {"execute late",       STATE_LOCKED,    50,  60,  0,   CONTROL_EXECUTE, 0  },
    {"execute by control", STATE_LOCKED,    50,  0,   90,  0,               0  },
    {"commit now",         STATE_EXECUTED,  0,   0,   90,  CONTROL_COMMIT,  0  },
    {"over",               STATE_COMMITTED, 50,  60,  70,  0,               0  },
    {"failed",             STATE_ERROR,     50,  60,  170, 0,               0  },
    {"aborted",            STATE_ABORTED,   50,  60,  170, 0,               0  },
};

START_TEST(test_due)
{
    for (size_t i = 0; i < ARRAY_LEN(due_cases); i++) {
        struct transaction_times times = {
            .at = {[CONTROL_LOCK] = due_cases[i].lock,
                   [CONTROL_EXECUTE] = due_cases[i].execute,
                   [CONTROL_COMMIT] = due_cases[i].commit}
        };
        int64_t wake = -1;

        ck_assert_msg((int)transaction_due(due_cases[i].state, &times, 100, &wake) == due_cases[i].control, "%s",
                      due_cases[i].name);
        ck_assert_msg(wake == due_cases[i].wake, "%s: %lld", due_cases[i].name, (long long)wake);
    }
}
END_TEST

/* ---- coordination ---- */

#define CSE false
#define CREATOR true

static const struct {
    const char *name;
    int state, control;
    bool by_creator, made, dropped;
    int64_t lock, commit, expires; /* now is 100 */
    int act, drives;
    int64_t wake;
} next_cases[] = {
    {"made first",             STATE_INITIAL,   CONTROL_INITIAL, CSE,     false, false, 500, 0,   900, ACT_MAKE,    0,               0  },
    {"locked at once",         STATE_INITIAL,   CONTROL_INITIAL, CSE,     true,  false, 0,   0,   900, ACT_DRIVE,   CONTROL_LOCK,    0  },
    {"locked in time",         STATE_INITIAL,   CONTROL_INITIAL, CSE,     true,  false, 500, 0,   900, ACT_WAIT,    0,               500},
    {"expires before",         STATE_INITIAL,   CONTROL_INITIAL, CSE,     true,  false, 500, 0,   300, ACT_WAIT,    0,               300},
    {"executed",               STATE_LOCKED,    CONTROL_LOCK,    CSE,     true,  false, 0,   0,   900, ACT_DRIVE,   CONTROL_EXECUTE, 0  },
    {"decided first",          STATE_EXECUTED,  CONTROL_EXECUTE, CSE,     true,  false, 0,   0,   900, ACT_DECIDE,  CONTROL_COMMIT,  0  },
    {"decided in time",        STATE_EXECUTED,  CONTROL_EXECUTE, CSE,     true,  false, 0,   200, 900, ACT_WAIT,    0,               200},
    {"decided is committed",   STATE_EXECUTED,  CONTROL_COMMIT,  CSE,     true,  false, 0,   0,   900, ACT_DRIVE,   CONTROL_COMMIT,  0  },
    {"even if it has expired", STATE_EXECUTED,  CONTROL_COMMIT,  CSE,     true,  false, 0,   0,   50,  ACT_DRIVE,   CONTROL_COMMIT,  0  },
    {"expired",                STATE_EXECUTED,  CONTROL_EXECUTE, CSE,     true,  false, 0,   0,   100, ACT_DECIDE,  CONTROL_ABORT,   0  },
    {"expired unmade",         STATE_INITIAL,   CONTROL_INITIAL, CSE,     false, false, 0,   0,   50,  ACT_DECIDE,  CONTROL_ABORT,   0  },
    {"waits for its creator",  STATE_INITIAL,   CONTROL_INITIAL, CREATOR, true,  false, 0,   0,   900, ACT_WAIT,    0,               900},
    {"is made without him",    STATE_INITIAL,   CONTROL_INITIAL, CREATOR, false, false, 0,   0,   900, ACT_MAKE,    0,               0  },
    {"locked as he says",      STATE_INITIAL,   CONTROL_LOCK,    CREATOR, true,  false, 0,   0,   900, ACT_DRIVE,   CONTROL_LOCK,    0  },
    {"but not too early",      STATE_INITIAL,   CONTROL_LOCK,    CREATOR, true,  false, 400, 0,   900, ACT_WAIT,    0,               400},
    {"waits locked",           STATE_LOCKED,    CONTROL_LOCK,    CREATOR, true,  false, 0,   0,   900, ACT_WAIT,    0,               900},
    {"committed as he says",   STATE_EXECUTED,  CONTROL_COMMIT,  CREATOR, true,  false, 0,   0,   900, ACT_DRIVE,   CONTROL_COMMIT,  0  },
    {"at its time",            STATE_EXECUTED,  CONTROL_COMMIT,  CREATOR, true,  false, 0,   800, 900, ACT_WAIT,    0,               800},
    {"aborted as he says",     STATE_LOCKED,    CONTROL_ABORT,   CREATOR, true,  false, 0,   0,   900, ACT_DRIVE,   CONTROL_ABORT,   0  },
    {"failed, to be undone",   STATE_ERROR,     CONTROL_ABORT,   CSE,     true,  false, 0,   0,   900, ACT_DRIVE,   CONTROL_ABORT,   0  },
    {"failed half way",        STATE_ERROR,     CONTROL_COMMIT,  CSE,     true,  true,  0,   0,   900, ACT_NOTHING, 0,               0  },
    {"over",                   STATE_COMMITTED, CONTROL_COMMIT,  CSE,     true,  false, 0,   0,   50,  ACT_NOTHING, 0,               0  },
    {"over and gone",          STATE_COMMITTED, CONTROL_COMMIT,  CSE,     true,  true,  0,   0,   900, ACT_DROP,    0,               0  },
    {"aborted",                STATE_ABORTED,   CONTROL_ABORT,   CREATOR, true,  false, 0,   0,   900, ACT_NOTHING, 0,               0  },
    {"aborted and gone",       STATE_ABORTED,   CONTROL_ABORT,   CREATOR, true,  true,  0,   0,   900, ACT_DROP,    0,               0  },
};

START_TEST(test_next)
{
    for (size_t i = 0; i < ARRAY_LEN(next_cases); i++) {
        const struct coordination c = {
            .state = next_cases[i].state,
            .control = next_cases[i].control,
            .by_creator = next_cases[i].by_creator,
            .made = next_cases[i].made,
            .dropped = next_cases[i].dropped,
            .times = {.at = {[CONTROL_LOCK] = next_cases[i].lock, [CONTROL_COMMIT] = next_cases[i].commit}},
            .expires = next_cases[i].expires,
        };
        struct coordination_step step = coordination_next(&c, 100);

        ck_assert_msg((int)step.act == next_cases[i].act, "%s: %d", next_cases[i].name, (int)step.act);
        ck_assert_msg(step.control == next_cases[i].drives, "%s: control %d", next_cases[i].name, step.control);
        ck_assert_msg(step.wake == next_cases[i].wake, "%s: wake %lld", next_cases[i].name, (long long)step.wake);
    }
}
END_TEST

static const struct {
    const char *name;
    int control, rsc, state;
    bool removes;
    enum coordination_answer answer;
} judge_cases[] = {
    {"locked",                  CONTROL_LOCK,    RSC_UPDATED,                                        STATE_LOCKED,    false, ANSWER_DONE  },
    {"busy",                    CONTROL_LOCK,    RSC_TRANSACTION_PROCESSING_IS_INCOMPLETE,           0,               false, ANSWER_LATER },
    {"out of reach",            CONTROL_EXECUTE, RSC_TARGET_NOT_REACHABLE,                           0,               false, ANSWER_LATER },
    {"no answer in time",       CONTROL_COMMIT,  RSC_REQUEST_TIMEOUT,                                0,               false, ANSWER_LATER },
    {"executed",                CONTROL_EXECUTE, RSC_UPDATED,                                        STATE_EXECUTED,  false, ANSWER_DONE  },
    {"cannot be done",          CONTROL_EXECUTE, RSC_UPDATED,                                        STATE_ERROR,     false, ANSWER_FAILED},
    {"no right",                CONTROL_LOCK,    RSC_ORIGINATOR_HAS_NO_PRIVILEGE,                    0,               false, ANSWER_FAILED},
    {"gone before the commit",  CONTROL_EXECUTE, RSC_NOT_FOUND,                                      0,               true,  ANSWER_FAILED},
    {"gone at the commit",      CONTROL_COMMIT,  RSC_NOT_FOUND,                                      0,               false, ANSWER_FAILED},
    {"gone by the commit",      CONTROL_COMMIT,  RSC_NOT_FOUND,                                      0,               true,  ANSWER_DONE  },
    {"committed",               CONTROL_COMMIT,  RSC_UPDATED,                                        STATE_COMMITTED, false, ANSWER_DONE  },
    {"aborted",                 CONTROL_ABORT,   RSC_UPDATED,                                        STATE_ABORTED,   false, ANSWER_DONE  },
    {"gone, nothing to abort",  CONTROL_ABORT,   RSC_NOT_FOUND,                                      0,               false, ANSWER_DONE  },
    {"ended by somebody else",  CONTROL_ABORT,   RSC_ILLEGAL_TRANSACTION_STATE_TRANSITION_ATTEMPTED, 0,               false, ANSWER_DONE  },
    {"not in the state for it", CONTROL_COMMIT,  RSC_ILLEGAL_TRANSACTION_STATE_TRANSITION_ATTEMPTED, 0,               false, ANSWER_FAILED},
};

START_TEST(test_judge)
{
    for (size_t i = 0; i < ARRAY_LEN(judge_cases); i++)
        ck_assert_msg(coordination_judge(judge_cases[i].control, judge_cases[i].rsc, judge_cases[i].state,
                                         judge_cases[i].removes) == judge_cases[i].answer,
                      "%s", judge_cases[i].name);
}
END_TEST

static const struct {
    const char *name;
    int control, later, failed, tries, most;
    bool over;
    enum coordination_outcome outcome;
} all_cases[] = {
    {"all",                      CONTROL_LOCK,    0, 0, 0, 0, false, OUTCOME_REACHED},
    {"one will never",           CONTROL_LOCK,    0, 1, 0, 9, false, OUTCOME_GIVE_UP},
    {"busy, no retries",         CONTROL_LOCK,    1, 0, 0, 0, false, OUTCOME_GIVE_UP},
    {"busy, retries",            CONTROL_LOCK,    1, 0, 2, 3, false, OUTCOME_RELEASE},
    {"busy, no more retries",    CONTROL_LOCK,    1, 0, 3, 3, false, OUTCOME_GIVE_UP},
    {"busy, no more time",       CONTROL_LOCK,    1, 0, 0, 3, true,  OUTCOME_GIVE_UP},
    {"unreached",                CONTROL_EXECUTE, 2, 0, 0, 1, false, OUTCOME_RETRY  },
    {"unreached and failed",     CONTROL_EXECUTE, 2, 1, 0, 1, false, OUTCOME_GIVE_UP},
    {"commit is never given up", CONTROL_COMMIT,  1, 0, 9, 0, false, OUTCOME_RETRY  },
    {"nor for one that failed",  CONTROL_COMMIT,  1, 1, 9, 0, false, OUTCOME_RETRY  },
    {"some will never commit",   CONTROL_COMMIT,  0, 1, 0, 9, false, OUTCOME_MIXED  },
    {"commit, time is over",     CONTROL_COMMIT,  1, 0, 0, 9, true,  OUTCOME_MIXED  },
    {"abort is repeated",        CONTROL_ABORT,   1, 0, 9, 0, false, OUTCOME_RETRY  },
    {"abort, time is over",      CONTROL_ABORT,   1, 0, 9, 0, true,  OUTCOME_REACHED},
    {"abort, one refuses",       CONTROL_ABORT,   0, 1, 0, 0, false, OUTCOME_REACHED},
};

START_TEST(test_judge_all)
{
    for (size_t i = 0; i < ARRAY_LEN(all_cases); i++)
        ck_assert_msg(coordination_judge_all(all_cases[i].control, all_cases[i].later, all_cases[i].failed, all_cases[i].tries,
                                             all_cases[i].most, all_cases[i].over) == all_cases[i].outcome,
                      "%s", all_cases[i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transaction");
    TCase *tests = tcase_create("transaction");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, test_transitions);
    tcase_add_test(tests, test_outside_of_the_table);
    tcase_add_test(tests, test_locks);
    tcase_add_test(tests, test_due);
    tcase_add_test(tests, test_next);
    tcase_add_test(tests, test_judge);
    tcase_add_test(tests, test_judge_all);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
