/* <flexContainerInstance>, release 4: what a flexContainer held after one change. Made by the CSE. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    EXPIRY_ATTR(NP, NA),
    STATE_ATTR,
    LABELS_ATTR(O, NP),
    ANNOUNCE_ATTRS(NP),
    {"cs",  UINT, OPT, NP, NP, NA, NULL, NULL},
    {"org", ID,   ONE, NP, NP, NA, NULL, NULL},
    LOCATION_ATTR(NP),
    END_ATTRS,
};

static const int children[] = {0};

const struct rtype rtype_fcin = {
    .ty = 58,
    .name = "flexContainerInstance",
    .key = "m2m:fcin",
    .sn = "fcin",
    .access = ACCESS_PARENT,
    .create = false,
    .update = false,
    .del = true,
    .subscribable = false,
    .announceable = true,
    .state_tag = true,
    .instance = true,
    .selector = "cnd",
    .children = children,
    .attrs = attrs,
};
