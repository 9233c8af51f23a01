/* Asking processes of this machine at their management ports. */
#ifndef TESSERA_CLI_LOCAL_H
#define TESSERA_CLI_LOCAL_H

#include "str.h"

#include <jansson.h>

/* GET; the address is management.listen, or the loopback when that is any. The HTTP status, or 0 with `why` when nobody answers.
 */
long local_get(int port, const char *path, struct str *out, char *why, size_t why_size);
/* POST of a text, as an action that only this machine may ask for. Likewise. */
long local_post(int port, const char *path, const char *body, struct str *out, char *why, size_t why_size);
/* The supervisor's report, or NULL when it does not answer. The caller owns it. */
json_t *local_status(struct str *text);
/* Why that may be, appended to `why`, and what to do about it, to `advice`: none runs, one hangs, or it is somebody else's. */
void local_absent(struct str *why, struct str *advice);

#endif
