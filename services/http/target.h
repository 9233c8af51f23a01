/* Points of access and notification targets: URLs, and what is spoken there, TS-0001 9.6.8. Pure. */
#ifndef TESSERA_HTTP_TARGET_H
#define TESSERA_HTTP_TARGET_H

#include "media.h"
#include "str.h"

struct target_url {
    struct str url;            /* without the `ct` suffix and the fragment */
    size_t host;               /* length of its scheme, host and port: the target */
    const struct media *media; /* what the target wants; NULL: it did not say */
};

/* 0, or -1 with `why`: only http and https with a host are targets. Ended by target_done() in either case. */
int target_parse(struct target_url *t, const char *url, char *why, size_t why_size);
void target_done(struct target_url *t);

/* The first serialization of `csz` (JSON list of media types or short names) that is spoken here; else JSON. */
const struct media *target_media(const struct target_url *t, struct slice csz);

#endif
