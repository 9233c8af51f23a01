/*
 * Result content to response content, TS-0004 7.5.2 and 6.3.4.2.7 (m2m:resultContent): pure, on text where it can be. A
 * representation is `{"m2m:cnt":{...}}` as storage gives it.
 */
#ifndef TESSERA_RENDER_H
#define TESSERA_RENDER_H

#include "rtype.h"
#include "str.h"

/* `{"m2m:dbg":"text"}`: why a request was refused. */
void render_debug(struct str *out, const char *text);

/* The representation of a record's attributes. */
void render_resource(struct str *out, const struct rtype *type, const json_t *a);

/* rcn 2 and 3. `uri` is the address as the originator shall see it. */
void render_uri(struct str *out, const char *uri);
void render_resource_uri(struct str *out, struct slice rep, const char *uri);

/* Partial RETRIEVE: of `rep` only the attributes named in the list. False if `rep` is no representation. */
bool render_some(struct str *out, struct slice rep, const json_t *names);

/* The same of the object inside, `{...}`. */
bool render_some_inside(struct str *out, struct slice attributes, const json_t *names);

/*
 * rcn 9: what the CSE set itself, that is everything in `after` that differs from what the originator asked for (`asked`, or
 * NULL) or, where it did not ask, from `before` (NULL for a CREATE); what is gone without having been asked to go is null.
 * Writes nothing when there is nothing to tell.
 */
void render_modified(struct str *out, const struct rtype *type, const json_t *after, const json_t *before, const json_t *asked);

/* The object behind the single member of a representation; NULL slice if it is none. */
struct slice render_inside(struct slice rep);

#endif
