/* <group>, TS-0001 9.6.13, TS-0004 7.4.13: resources that are addressed as one. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"mt",   ENUM,       ONE, O,  NP, OA, enum_member_type,    NULL       },
    {"spty", OBJECT,     OPT, O,  NP, OA, specialization_type, NULL       },
    {"cnm",  UINT,       ONE, NP, NP, OA, NULL,                NULL       },
    {"mnm",  POSINT,     ONE, M,  O,  OA, NULL,                NULL       },
    {"mid",  LIST | URI, ONE, M,  O,  OA, NULL,                NULL       },
    {"macp", LIST | URI, OPT, O,  O,  OA, NULL,                NULL       },
    {"mtv",  BOOL,       OPT, NP, NP, OA, NULL,                NULL       },
    {"csy",  ENUM,       ONE, O,  NP, OA, enum_consistency,    NULL       },
    {"gn",   STRING,     OPT, O,  O,  OA, NULL,                NULL       },
    {"ssi",  BOOL,       OPT, NP, NP, OA, NULL,                NULL       },
    {"nar",  OBJECT,     OPT, O,  O,  OA, batch_notify,        check_batch},
    END_ATTRS,
};

static const char *const virtuals[] = {"fopt", "sfop", NULL};
static const int children[] = {23, 24, 51, 65, 0};
static const int children_annc[] = {23, 24, 65, 10024, 10065, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"mt",  DEFAULT_VALUE, "0" },
    {"csy", DEFAULT_VALUE, "1" },
    {NULL,  DEFAULT_VALUE, NULL},
};

const struct rtype rtype_grp = {
    .ty = 9,
    .name = "group",
    .key = "m2m:grp",
    .sn = "grp",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .virtuals = virtuals,
    .children = children,
    .children_annc = children_annc,
    .attrs = attrs,
    .defaults = defaults,
};
