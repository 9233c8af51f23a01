/* Content types, TS-0009 6.4.3 and 6.4.1: what is understood, and which one an answer takes. Pure. */
#ifndef TESSERA_HTTP_MEDIA_H
#define TESSERA_HTTP_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

struct media {
    const char *type;   /* as it is written into a header: without parameters */
    bool cbor;          /* else JSON */
    const char *answer; /* the type of an answer to a request of this type that does not say what it accepts */
};

#define MEDIA_NO_TY (-1)  /* no `ty` parameter */
#define MEDIA_BAD_TY (-2) /* one that is no number */

/* Takes a Content-Type apart. NULL when it is none that is understood; `ty` is filled in all the same. */
const struct media *media_parse(const char *content_type, int *ty);

/*
 * The type of the answer: the best that `accept` allows; without `accept` that which answers `request`; else JSON.
 * `request` may be NULL. NULL when nothing satisfies `accept`.
 */
const struct media *media_accept(const char *accept, const struct media *request);

const struct media *media_json(void);
const struct media *media_by_name(const char *type); /* exactly, in any case; NULL if unknown */

#endif
