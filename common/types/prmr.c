/* <processManagement>, release 4: a process of several states. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"prst",  ENUM,          ONE, NP, NP, OA, enum_process_status,  NULL},
    {"prct",  ENUM,          ONE, NP, O,  OA, enum_process_control, NULL},
    {"cust",  ID,            ONE, NP, NP, OA, NULL,                 NULL},
    {"atcos", LIST | OBJECT, OPT, NP, O,  OA, process_conditions,   NULL},
    {"encos", LIST | OBJECT, OPT, NP, O,  OA, process_conditions,   NULL},
    {"inst",  ID,            ONE, NP, O,  OA, NULL,                 NULL},
    END_ATTRS,
};

static const int children[] = {23, 64, 0};
static const int children_annc[] = {23, 64, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"prst", DEFAULT_VALUE, "1" },
    {"prct", DEFAULT_VALUE, "2" },
    {NULL,   DEFAULT_VALUE, NULL},
};

const struct rtype rtype_prmr = {
    .ty = 63,
    .name = "processManagement",
    .key = "m2m:prmr",
    .sn = "prmr",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .children = children,
    .children_annc = children_annc,
    .attrs = attrs,
    .defaults = defaults,
};
