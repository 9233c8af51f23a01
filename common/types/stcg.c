/* <statsConfig>, TS-0001 9.6.23, TS-0004 7.4.23: the statistics that the IN-CSE can collect. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS, ACCESS_ATTRS, EXPIRY_ATTR(O, NA), LABELS_ATTR(O, O), CREATOR_ATTR, END_ATTRS,
};

static const int children[] = {7, 23, 51, 0};

const struct rtype rtype_stcg = {
    .ty = 22,
    .name = "statsConfig",
    .key = "m2m:stcg",
    .sn = "stcg",
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
