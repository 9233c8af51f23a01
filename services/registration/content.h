/*
 * What the two remoteCSEs of a registration hold: the one that stands for this CSE at its registrar, and the mirror of the
 * registrar here. TS-0001 9.6.4, TS-0004 7.4.4. Pure: settings in, JSON out. Everything returned is the caller's.
 */
#ifndef REGISTRATION_CONTENT_H
#define REGISTRATION_CONTENT_H

#include "json.h"

/* CSE-IDs of all CSEs that registered here, with their descendants, in order and each once. `list`: attributes of remoteCSEs. */
json_t *content_descendants(const json_t *list, const char *registrar);

/* Attributes of this CSE's remoteCSE at its registrar. It is to live `lifetime` ms from `now`. */
json_t *content_own(const json_t *descendants, int64_t now, int64_t lifetime);
/* Of the registrar's here; `cb` is its CSEBase, or NULL when it does not show it. */
json_t *content_mirror(const json_t *cb);

/*
 * What an UPDATE must set so that the resource `is` becomes as `wanted`, or NULL: nothing. What cannot be updated is left out;
 * `et` counts when less than half of what is wanted is left.
 */
json_t *content_changes(const json_t *is, const json_t *wanted, int64_t now);

/* Where this CSE's remoteCSE is: SP-relative, by name. */
char *content_own_address(void);
char *content_registrar_base(void); /* "/id-in/cse-in" */

#endif
