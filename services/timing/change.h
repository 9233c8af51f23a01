/* Events of cse.events as this service reads them: docs/contracts.md. */
#ifndef TIMING_CHANGE_H
#define TIMING_CHANGE_H

#include "bus.h"

#include <jansson.h>

/* What happened to a resource. The strings borrow from the delivery. */
struct change {
    const char *event; /* "resource", "clock", ... */
    int op, ty;
    const char *ri, *pi, *fr;
    int64_t seq, at;
    int64_t marks; /* why its event is here, docs/contracts.md; 0: because of its type */
    json_t *a; /* attributes after it (before, for a deletion); of `armed` what it says; owned. What cannot be read is left out */
    json_t *mod; /* names of those that an update has changed; owned, or NULL */
};

/* 0, or -1 with `why` when it is no event. The caller ends it with change_done(). */
int change_read(struct change *change, const struct envelope *e, char *why, size_t why_size);
void change_done(struct change *change);
/* Has an update changed one of these attributes? */
bool change_touches(const struct change *change, const char *const *names /* NULL-terminated */);

/* The members of an object that jansson can read; NULL if it is none. The caller owns it. */
json_t *attributes_read(struct slice object);

/* An event that is not acknowledged yet; each who works on it holds it once. */
struct source {
    int open;
    struct bus_delivery *delivery;
};
struct source *source_new(struct bus_delivery *delivery); /* open once */
struct source *source_hold(struct source *source);        /* NULL is fine */
void source_release(struct source *source);               /* the last one acknowledges; NULL is fine */

#endif
