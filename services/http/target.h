/* Notification targets, and how a NOTIFY is written as an HTTP request, TS-0009 6.2 and TS-0001 10.2.10. Pure. */
#ifndef TESSERA_HTTP_TARGET_H
#define TESSERA_HTTP_TARGET_H

#include "envelope.h"
#include "media.h"

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

/*
 * The header field of row `i` of the request for this primitive, "Name: value"; false when `i` is beyond the last row.
 * `line` stays empty where the parameter is absent, or could not be written without breaking the header.
 */
bool target_header(const struct envelope *e, int i, struct str *line);

/* What an HTTP status and X-M2M-RSC (0: none) mean: `rsc` for the reply, and whether the target took it. */
bool target_accepted(long status, int64_t header_rsc, int64_t *rsc);

#endif
