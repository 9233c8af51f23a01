/* <role>, TS-0001 9.6.38: a role that was given to an entity. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"rlid", STRING,    ONE, M, NP, NA, NULL, NULL},
    {"tkis", ID,        ONE, M, NP, NA, NULL, NULL},
    {"tkhd", ID,        ONE, M, NP, NA, NULL, NULL},
    {"tknb", TIMESTAMP, ONE, M, NP, NA, NULL, NULL},
    {"tkna", TIMESTAMP, ONE, M, NP, NA, NULL, NULL},
    {"rlnm", STRING,    OPT, O, NP, NA, NULL, NULL},
    {"rltl", URI,       OPT, O, O,  NA, NULL, NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_rol = {
    .ty = 31,
    .name = "role",
    .key = "m2m:rol",
    .sn = "rol",
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
};
