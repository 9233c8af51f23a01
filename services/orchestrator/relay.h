/*
 * Notifications that a group collects, handed to the notification service as persistent events "relay" (docs/contracts.md):
 * answered when the broker has them safely.
 */
#ifndef TESSERA_RELAY_H
#define TESSERA_RELAY_H

#include "job.h"

/* Does what a PLAN_RELAY says, and answers. */
void relay(struct job *job);

#endif
