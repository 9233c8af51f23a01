/* <serviceSubscribedAppRule>, TS-0001 9.6.29, TS-0004 7.4.29: which applications may register with what credentials. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"apci", LIST | ID,     OPT, O, O, NA, NULL, NULL       },
    {"aai",  LIST | ID,     OPT, O, O, NA, NULL, NULL       },
    {"aae",  LIST | ID,     OPT, O, O, NA, NULL, NULL       },
    {"ari",  LIST | STRING, OPT, O, O, NA, NULL, check_texts},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_asar = {
    .ty = 19,
    .name = "serviceSubscribedAppRule",
    .key = "m2m:asar",
    .sn = "asar",
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
