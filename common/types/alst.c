/* <AEContactList>, TS-0001 9.6: where the AEs with an S-AE-ID-STEM are. Kept by the IN-CSE itself. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS, ACCESS_ATTRS, EXPIRY_ATTR(NP, NA), LABELS_ATTR(NP, NP), {"nic", UINT, ONE, NP, NP, NA, NULL, NULL},
    END_ATTRS,
};

static const int children[] = {23, 44, 51, 0};

const struct rtype rtype_alst = {
    .ty = 43,
    .name = "AEContactList",
    .key = "m2m:alst",
    .sn = "alst",
    .access = ACCESS_ACPI,
    .create = false,
    .update = false,
    .del = false,
    .in_only = true,
    .subscribable = true,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
