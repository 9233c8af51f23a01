/* <m2mServiceSubscriptionProfile>, TS-0001 9.6.19, TS-0004 7.4.19: what a subscriber of the service provider may use. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS, ACCESS_ATTRS, EXPIRY_ATTR(O, NA), LABELS_ATTR(O, O), END_ATTRS,
};

static const int children[] = {20, 23, 51, 0};

const struct rtype rtype_mssp = {
    .ty = 11,
    .name = "m2mServiceSubscriptionProfile",
    .key = "m2m:mssp",
    .sn = "mssp",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .in_only = true,
    .subscribable = true,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
