/* <notificationTargetMgmtPolicyRef>, TS-0001 9.6.31: which policy is for which targets of a subscription. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"ntu", LIST | URI, ONE, M, O, NA, NULL, check_not_empty},
    {"npi", URI,        OPT, O, O, NA, NULL, NULL           },
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_ntpr = {
    .ty = 25,
    .name = "notificationTargetMgmtPolicyRef",
    .key = "m2m:ntpr",
    .sn = "ntpr",
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
