/* <statsCollect>, TS-0001 9.6.25, TS-0004 7.4.25: statistics that are collected about one entity. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    CREATOR_ATTR,
    {"sci", STRING,    ONE, NP, NP, NA, NULL,              NULL},
    {"cei", ID,        ONE, M,  NP, NA, NULL,              NULL},
    {"cdi", LIST | ID, OPT, O,  NP, NA, NULL,              NULL},
    {"srs", ENUM,      ONE, M,  O,  NA, enum_stats_status, NULL},
    {"sm",  ENUM,      ONE, M,  O,  NA, enum_stats_model,  NULL},
    {"cp",  OBJECT,    OPT, O,  O,  NA, schedule_entries,  NULL},
    {"evi", STRING,    OPT, O,  O,  NA, NULL,              NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"sci", DEFAULT_RI,    NULL},
    {NULL,  DEFAULT_VALUE, NULL},
};

const struct rtype rtype_stcl = {
    .ty = 21,
    .name = "statsCollect",
    .key = "m2m:stcl",
    .sn = "stcl",
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
