/*
 * The result of a non-blocking request, TS-0004 7.3.2: its <request> is completed or has failed, and whoever wants to know is
 * sent the response primitive. Pure.
 */
#ifndef NOTIFICATION_RESULT_H
#define NOTIFICATION_RESULT_H

#include "event.h"

#include <jansson.h>

struct result {
    json_t *targets;    /* list of addresses; owned */
    struct str content; /* {"m2m:rsp":...}; owned */
    int64_t until;      /* ms, as long as the result is wanted; 0: for ever */
};

/* Does the event say that a request is done whose result is to be told? */
bool result_read(struct result *result, const struct event *event);
void result_done(struct result *result);

#endif
