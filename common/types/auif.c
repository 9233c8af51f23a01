/* <authorizationInformation>, TS-0001 9.6.43: asks a policy information point for roles and tokens. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"sus",  ENUM,          OPT, NP, NP, NA, enum_authorization_status, NULL       },
    {"fr",   ID,            OPT, O,  O,  NA, NULL,                      NULL       },
    {"rids", LIST | STRING, OPT, O,  O,  NA, NULL,                      check_texts},
    {"tids", LIST | STRING, OPT, O,  O,  NA, NULL,                      check_texts},
    END_ATTRS,
};

static const int children[] = {23, 31, 32, 51, 0};

const struct rtype rtype_auif = {
    .ty = 37,
    .name = "authorizationInformation",
    .key = "m2m:auif",
    .sn = "auif",
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
