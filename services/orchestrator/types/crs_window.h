/* Time windows of a crossResourceSubscription, TS-0001 10.2.10.22: pure. */
#ifndef TESSERA_CRS_WINDOW_H
#define TESSERA_CRS_WINDOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum window_type { WINDOW_PERIODIC = 1, WINDOW_SLIDING = 2 };

/* m2m:eventEvaluationMode: when a window is worth a notification. */
enum window_mode {
    MODE_ALL_PRESENT = 1,  /* as soon as all have notified */
    MODE_SOME_PRESENT = 2, /* all or some: with the first one of a window */
    MODE_SOME_MISSING = 3, /* all or some: at its end, as the others */
    MODE_ALL_MISSING = 4,
    MODE_PART_MISSING = 5, /* some, not all */
};
/* Is it known only when the window is over? */
bool window_waits(enum window_mode mode);

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

/*
 * The other modes. `state` has "told" besides (the window has been notified of) or, for the modes that wait, "upto": windows up
 * to that moment have been looked at.
 */
/* One has notified: is this the first in its window? */
bool window_first(const struct window *w, json_t *state, size_t source, int64_t now);
/* When the window that `state` has begun ends; 0 when none has. */
int64_t window_end(const struct window *w, const json_t *state);
/* The end of the last periodic window that is over at `now`; 0 when none is. */
int64_t window_last(const struct window *w, int64_t now);
/* The window that ends at `end` is over: is it to be notified of? `state` is emptied, and remembers. */
bool window_close(const struct window *w, json_t *state, enum window_mode mode, size_t sources, int64_t end);

#endif
