/* <schedule>, TS-0001 9.6.9, TS-0004 7.4.9: when its parent is available, reachable, or may notify. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    {"se",  OBJECT, ONE, M, O, OA, schedule_entries, NULL},
    {"nco", BOOL,   OPT, O, O, OA, NULL,             NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};
static const int children_annc[] = {23, 0};

const struct rtype rtype_sch = {
    .ty = 18,
    .name = "schedule",
    .key = "m2m:sch",
    .sn = "sch",
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
};
