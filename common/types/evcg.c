/* <eventConfig>, TS-0001 9.6.24, TS-0004 7.4.24: which events count for statistics. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    CREATOR_ATTR,
    {"evi",  STRING,      ONE, NP, NP, NA, NULL,               NULL},
    {"evt",  ENUM,        ONE, M,  O,  NA, enum_event_type,    NULL},
    {"evs",  TIMESTAMP,   OPT, O,  O,  NA, NULL,               NULL},
    {"eve",  TIMESTAMP,   OPT, O,  O,  NA, NULL,               NULL},
    {"opt",  LIST | ENUM, OPT, O,  O,  NA, enum_operation,     NULL},
    {"ds",   UINT,        OPT, O,  O,  NA, NULL,               NULL},
    {"erts", LIST | ENUM, OPT, O,  O,  NA, enum_resource_type, NULL},
    {"eris", LIST | URI,  OPT, O,  O,  NA, NULL,               NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"evi", DEFAULT_RI,    NULL},
    {NULL,  DEFAULT_VALUE, NULL},
};

const struct rtype rtype_evcg = {
    .ty = 7,
    .name = "eventConfig",
    .key = "m2m:evcg",
    .sn = "evcg",
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
    .defaults = defaults,
};
