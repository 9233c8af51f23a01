/* What the files of <transaction> and <transactionMgmt> share. */
#ifndef TESSERA_TRANSACTIONS_H
#define TESSERA_TRANSACTIONS_H

#include "rules.h"
#include "transaction.h"

/* transactionLockTime, -ExecuteTime and -CommitTime. */
void transaction_read_times(const json_t *a, struct transaction_times *times);
/* They must be in that order. *last is the last of them in ms, or 0. */
enum rsc transaction_check_times(struct plan *plan, const json_t *a, int64_t *last);
/* Can such a request be part of a transaction? `name` is the attribute that holds it; `rcn` ABSENT if it has none. */
enum rsc transaction_check_request(struct plan *plan, const char *name, int op, int ty, int rcn);
/* Nobody's name but the originator's own. NULL is fine. */
enum rsc transaction_check_originator(struct plan *plan, const char *name, const char *fr);
/*
 * What whoever drives a transaction (transactor.c) is answered: come again at `wake` (ms; 0: not), after a pause if it is to be
 * tried again.
 */
void transaction_tell(struct plan *plan, int64_t wake, bool retry);

#endif
