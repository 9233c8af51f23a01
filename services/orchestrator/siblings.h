/*
 * Orchestrators side by side: an event that may have been published, or delivered, before (docs/contracts.md: `again`) has
 * perhaps a first copy that another instance still works on. Who gets such a one asks all others, and leaves it to the one that
 * holds it. With the role "orchestrator.all" a request reaches every instance.
 */
#ifndef TESSERA_SIBLINGS_H
#define TESSERA_SIBLINGS_H

#include "bus.h"

enum sibling_answer {
    SIBLINGS_NONE,    /* nobody else holds it */
    SIBLINGS_HOLD,    /* another does, and the broker keeps its copy for as long: this one is not needed */
    SIBLINGS_PERHAPS, /* another works on it without such a copy, or nobody could be asked: ask again later */
};

enum sibling_state {
    SIBLING_FREE,   /* not here */
    SIBLING_ASKING, /* here, and not begun: others are being asked */
    SIBLING_HELD,   /* being worked on, its event unacknowledged */
    SIBLING_LOOSE,  /* being worked on; the broker was away since its event came, and gives that to others */
};

typedef enum sibling_state sibling_state_fn(const char *ri);
typedef void sibling_fn(void *context, enum sibling_answer answer);

void siblings_start(sibling_state_fn *state);
void siblings_on_request(struct bus_delivery *delivery);
/* `done` is called once, after the return. */
int siblings_ask(const char *tenant, const char *ri, sibling_fn *done, void *context); /* -1: not now */
/* Another has asked for it a moment ago, and nobody here knew it: it has a copy, and goes first. */
bool siblings_wanted(const char *ri);

#endif
