/* <policyDeletionRules>, TS-0001 9.6.33: when and where a notificationTargetPolicy applies. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"dr",  OBJECT, OPT, O, NP, NA, deletion_contexts,     NULL},
    {"drr", ENUM,   OPT, O, O,  NA, enum_logical_operator, NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"drr", DEFAULT_VALUE, "2" },
    {NULL,  DEFAULT_VALUE, NULL},
};

const struct rtype rtype_pdr = {
    .ty = 27,
    .name = "policyDeletionRules",
    .key = "m2m:pdr",
    .sn = "pdr",
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
    .defaults = defaults,
};
