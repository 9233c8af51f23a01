/*
 * <pollingChannel>, TS-0001 9.6.21, TS-0004 7.4.21: where an entity that cannot be reached fetches its requests. Its `ri` follows
 * from its parent's.
 */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS, EXPIRY_ATTR(O, NA), LABELS_ATTR(O, O), {"rqag", BOOL, OPT, O, O, NA, NULL, NULL},
         END_ATTRS,
};

static const char *const virtuals[] = {"pcu", NULL};
static const int children[] = {51, 0};

const struct rtype rtype_pch = {
    .ty = 15,
    .name = "pollingChannel",
    .key = "m2m:pch",
    .sn = "pch",
    .access = ACCESS_OWNER,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = false,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .virtuals = virtuals,
    .children = children,
    .attrs = attrs,
};
