/* <backgroundDataTransfer>, TS-0001 9.6: asks the underlying network for a time to transfer many data. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    CREATOR_ATTR,
    {"vpn", POSINT,     ONE, M, O, NA, NULL,                             NULL},
    {"non", POSINT,     ONE, M, O, NA, NULL,                             NULL},
    {"dtw", SCHEDULE,   OPT, M, O, NA, NULL,                             NULL},
    {"tsg", ENUM,       OPT, O, O, NA, enum_transfer_selection_guidance, NULL},
    {"ggi", OBJECT,     OPT, O, O, NA, location_region,                  NULL},
    {"gli", URI,        OPT, O, O, NA, NULL,                             NULL},
    {"mid", LIST | URI, OPT, O, O, NA, NULL,                             NULL},
    END_ATTRS,
};

static const int children[] = {23, 0};

const struct rtype rtype_bdt = {
    .ty = 49,
    .name = "backgroundDataTransfer",
    .key = "m2m:bdt",
    .sn = "bdt",
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
