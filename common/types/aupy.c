/* <authorizationPolicy>, TS-0001 9.6.42: asks a policy retrieval point for the policies of a resource. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"ps",  OBJECT, OPT, NP, NP, NA, set_of_permissions,        NULL},
    {"ca",  ENUM,   OPT, NP, NP, NA, enum_acp_combining,        NULL},
    {"sus", ENUM,   OPT, NP, NP, NA, enum_authorization_status, NULL},
    {"to",  URI,    OPT, O,  O,  NA, NULL,                      NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_aupy = {
    .ty = 36,
    .name = "authorizationPolicy",
    .key = "m2m:aupy",
    .sn = "aupy",
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
