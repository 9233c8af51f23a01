/* The notification targets of a subscription, TS-0004 7.4.8.2.1. */
#ifndef TESSERA_SUB_TARGETS_H
#define TESSERA_SUB_TARGETS_H

#include "plan.h"

/*
 * Checks the targets `nu` (NULL: none) of the subscription `ri`; those in `known` were checked before. Fills plan->verify
 * and plan->sgn if there is somebody to be asked first.
 */
enum rsc sub_check_targets(struct snapshot *snap, struct plan *plan, const char *ri, const json_t *nu, const json_t *known);
/* Is one of the targets in `nu`, all of them checked, somebody else than the originator? Then its `cr` is kept. */
bool sub_has_other_targets(struct snapshot *snap, const struct plan *plan, const json_t *nu);

#endif
