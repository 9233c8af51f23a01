/* `tessera subscribe` and `tessera watch`: being told what happens to a resource. */
#ifndef TESSERA_CLI_WATCH_H
#define TESSERA_CLI_WATCH_H

#include "command.h"
#include "str.h"

#include <jansson.h>

/*
 * The JSON list of notificationEventTypes (TS-0001 9.6.8) that words like "created" or "3" name; those with '=' are skipped.
 * Without any: 1 to 4. NULL with `why`. Pure; the caller owns it.
 */
json_t *watch_events(char *const *words, char *why, size_t why_size);
/* One line about a notification (what is below m2m:sgn), without a line feed: "12:00:01 created cin100002 cin 21.5". Pure. */
void watch_line(struct str *out, const json_t *sgn, const char *time, bool coloured);

int watch_subscribe(const struct args *args);
int watch_run(const struct args *args);

#endif
