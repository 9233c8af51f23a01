/*
 * advancedQuery (`aq`) of filterCriteria and eventNotificationCriteria: comparisons of attributes as an s-expression. The tables
 * of the standard only name it; this is what is written for it elsewhere. Pure.
 *
 *   (== rn "cnt1")  (!= lbl "hall")  (> con 20)  (>= cs 4)  (< st 10)  (<= ct "20260101T000000")
 *   (and QUERY ...)  (or QUERY ...)  (not QUERY)         also && || !
 *
 * Names are attributes; values are numbers, texts in double quotes (\" and \\ in them), true and false. An attribute that is not
 * there fulfills no comparison; of a list one element is enough. A number is compared with a number or the text of one, a text by
 * its bytes.
 */
#ifndef TESSERA_ADVANCED_QUERY_H
#define TESSERA_ADVANCED_QUERY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define ADVANCED_QUERY_MAX 1024 /* bytes of a text */

struct advanced_query;
struct advanced_query *advanced_query_new(const char *text, char *why, size_t why_size); /* NULL with `why`, which says where */
void advanced_query_free(struct advanced_query *query);                                  /* NULL is fine */
bool advanced_query_matches(const struct advanced_query *query, const json_t *attributes);
/* Of criteria with a member `aq`; NULL with `why` empty when it has none, and with a reason when it is malformed. */
struct advanced_query *advanced_query_of(const json_t *criteria, char *why, size_t why_size);
/* What is wrong with it, in `why`; "" if nothing is. */
const char *advanced_query_problem(const json_t *criteria, char *why, size_t why_size);

#endif
