/*
 * The book that is kept: rules, what each of them has counted of each entity, and the records that are due. In memory; the
 * journal keeps it (journal.h). One per process.
 */
#ifndef STATISTICS_BOOK_H
#define STATISTICS_BOOK_H

#include "rule.h"
#include "str.h"

enum { BOOK_OPERATIONS = 6 }; /* by number, 1 to 5 */

/* Attributes of a statsCollect or eventConfig as they are now (borrowed), NULL: it is gone. Adds records of what ends thereby. */
void book_rule(const char *ri, const json_t *a);
void book_event(const char *ri, const json_t *a);
size_t book_active_rules(void);

/* Counts a request for every rule that collects it, and adds the records that follow. False when none does. */
bool book_count(const struct usage *u);
/* Adds the records of timer-based events that have ended. */
void book_clock(int64_t now);

/* Records that were added, one JSON object a line. book_written() empties it. */
const struct str *book_records(void);
void book_written(void);

/* What has been counted, as a JSON list; and back. Rules are learnt from storage. */
void book_save(struct str *out);
void book_restore(const json_t *list);
/* Of rules that are not there any more. */
void book_prune(void);

/* One call for each rule with what it has counted of all entities. */
struct book_sum {
    int64_t requests[BOOK_OPERATIONS], asked, answered;
};
typedef void book_fn(const char *rule, const struct book_sum *sum);
void book_sums(book_fn *fn);

void book_forget(void); /* everything */

#endif
