/* <notificationTargetPolicy>, TS-0001 9.6.32: what happens when a notification target wants to be removed. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    CREATOR_ATTR,
    {"acn",  ENUM,   ONE, O, NP, NA, enum_target_policy_action, NULL},
    {"plbl", STRING, ONE, O, O,  NA, NULL,                      NULL},
    {"rrs",  ENUM,   OPT, O, O,  NA, enum_logical_operator,     NULL},
    END_ATTRS,
};

static const int children[] = {23, 27, 51, 0};

const struct rtype rtype_ntp = {
    .ty = 26,
    .name = "notificationTargetPolicy",
    .key = "m2m:ntp",
    .sn = "ntp",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
