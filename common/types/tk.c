/* <token>, TS-0001 9.6.39: a token with the rights it stands for. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"tkid", STRING,    ONE, M, NP, NA, NULL,              NULL},
    {"tkob", STRING,    ONE, M, NP, NA, NULL,              NULL},
    {"vr",   STRING,    OPT, O, NP, NA, NULL,              NULL},
    {"tkis", ID,        OPT, O, NP, NA, NULL,              NULL},
    {"tkhd", ID,        OPT, O, NP, NA, NULL,              NULL},
    {"tknb", TIMESTAMP, OPT, O, NP, NA, NULL,              NULL},
    {"tkna", TIMESTAMP, OPT, O, NP, NA, NULL,              NULL},
    {"tknm", STRING,    OPT, O, NP, NA, NULL,              NULL},
    {"tkau", LIST | ID, OPT, O, NP, NA, NULL,              NULL},
    {"tkps", OBJECT,    OPT, O, NP, NA, token_permissions, NULL},
    {"tkex", STRING,    OPT, O, NP, NA, NULL,              NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_tk = {
    .ty = 32,
    .name = "token",
    .key = "m2m:tk",
    .sn = "tk",
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
