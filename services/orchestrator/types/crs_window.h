/* Time windows of a crossResourceSubscription, TS-0001 10.2.10.22: pure. */
#ifndef TESSERA_CRS_WINDOW_H
#define TESSERA_CRS_WINDOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum window_type { WINDOW_PERIODIC = 1, WINDOW_SLIDING = 2 };

/* Windows of `size` ms. Periodic ones follow each other from `origin` on; a sliding one begins with its first notification. */
struct window {
    enum window_type type;
    int64_t size, origin;
};

/*
 * One of the sources (its number) has notified at `now`. `state` is {"start":ms,"fired":[numbers]}, or {} at first; it is
 * changed. True when all of `sources` have notified within one window: then it is empty again.
 */
bool window_add(const struct window *w, json_t *state, size_t source, size_t sources, int64_t now);

#endif
