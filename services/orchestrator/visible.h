/*
 * May an originator see the matches of a query? Verdicts are remembered by what they depend on, so that a thousand instances
 * of one container cost one. What a verdict needs to look at is taken from the request's own snapshot (whose versions go along
 * with the query) or loaded afresh for this request, never from the cache: so no right is used that was withdrawn before.
 */
#ifndef TESSERA_VISIBLE_H
#define TESSERA_VISIBLE_H

#include "access.h"
#include "rows.h"

struct visible;

/* `base` is borrowed, `who` copied (its strings are borrowed). */
struct visible *visible_new(const struct snapshot *base, const struct access_who *who, enum access_op op);
void visible_free(struct visible *v);

/*
 * From now on: matches of which some attributes may be seen are ALLOWED, too (`part`), and all of the operations `ops`
 * (m2m:accessControlOperations) must be permitted.
 */
void visible_configure(struct visible *v, bool part, int64_t ops);

/* NOT_KNOWN_YET has added to the addresses to load. */
enum verdict visible_check(struct visible *v, const struct row *row);
/* After ALLOWED: only these attributes may be seen, or NULL: all. Borrowed until the next visible_check(). */
const json_t *visible_names(const struct visible *v);
/* Operations `use` of what the verdicts rest on, by their names; borrowed. NULL: none. */
json_t *visible_uses(const struct visible *v);
/* A rule asks where the originator is, and nobody has looked: to be done again with that. */
bool visible_wants_place(const struct visible *v);

/* What to load, at most VISIBLE_LOAD_MAX at a time; borrowed until the next visible_check() or visible_learn(). */
#define VISIBLE_LOAD_MAX 200
char *const *visible_missing(const struct visible *v, int *count);
/* The answer, address by address in that order: takes `r` (NULL: there is none). visible_loaded() when all are told. */
void visible_learn(struct visible *v, const char *address, struct resource *r);
void visible_loaded(struct visible *v);
/* True when one row involves more resources than can be looked at. */
bool visible_failed(const struct visible *v);

#endif
