/*
 * labelsQuery: labels are KEY or KEY:VALUE. A term is KEY, NT KEY, KEY EQ v, KEY NE v, KEY IN (v, ...), KEY NI (v, ...);
 * terms combine by AND, OR and parentheses, AND first. Values may stand in double quotes. Pure.
 */
#ifndef STORAGE_LBQ_H
#define STORAGE_LBQ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct lbq;
struct lbq *lbq_new(const char *text, char *why, size_t why_size); /* NULL when it is no labelsQuery */
void lbq_free(struct lbq *query);
bool lbq_match(const struct lbq *query, const json_t *labels); /* a list of strings, or NULL */

#endif
