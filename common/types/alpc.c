/* <AEContactListPerCSE>, TS-0001 9.6: which AEs are registered with one CSE. Kept by the IN-CSE itself. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(NP, NA),
    LABELS_ATTR(NP, NP),
    {"csi", ID,        ONE, NP, NP, NA, NULL, NULL},
    {"ail", LIST | ID, OPT, NP, NP, NA, NULL, NULL},
    END_ATTRS,
};

static const int children[] = {0};

const struct rtype rtype_alpc = {
    .ty = 44,
    .name = "AEContactListPerCSE",
    .key = "m2m:alpc",
    .sn = "alpc",
    .access = ACCESS_ACPI,
    .create = false,
    .update = false,
    .del = false,
    .in_only = true,
    .subscribable = false,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
