/* The notification targets of a subscription, TS-0004 7.4.8.2.1. */
#ifndef TESSERA_SUB_TARGETS_H
#define TESSERA_SUB_TARGETS_H

#include "plan.h"

/*
 * Checks the targets `nu` (NULL: none) of the subscription `ri`; those in `known` were checked before. Fills plan->verify
 * and plan->sgn if there is somebody to be asked first.
 */
enum rsc sub_check_targets(struct snapshot *snap, struct plan *plan, const char *ri, const json_t *nu, const json_t *known);

#endif
