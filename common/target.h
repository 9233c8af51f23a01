/* Points of access and notification targets: URLs, and which serialization is wanted there, TS-0001 9.6.8. Pure. */
#ifndef TESSERA_TARGET_H
#define TESSERA_TARGET_H

#include "str.h"

enum serialization { SERIALIZATION_NONE, SERIALIZATION_JSON, SERIALIZATION_CBOR };

/*
 * By its short name ("json", as `ct` and MQTT's topics have it), or a media type: application/json and
 * application/vnd.onem2m-*+json. SERIALIZATION_NONE: one that is not spoken here.
 */
enum serialization serialization_find(const char *name);

struct target_url {
    struct str url;            /* without the `ct` suffix and the fragment */
    size_t scheme;             /* length of "http://" */
    size_t host;               /* length of its scheme, host and port */
    enum serialization wanted; /* SERIALIZATION_NONE: it did not say */
};

/*
 * 0, or -1 with `why`: `schemes` ("http", "https", NULL) with a host are targets. Ended by target_done() in either
 * case.
 */
int target_parse(struct target_url *t, const char *url, const char *const *schemes, char *why, size_t why_size);
void target_done(struct target_url *t);

/* What the URL says; else the first one of `csz` (JSON list of media types or short names) that is spoken here; else JSON. */
enum serialization target_serialization(const struct target_url *t, struct slice csz);

#endif
