/* <authorizationDecision>, TS-0001 9.6.41: asks a policy decision point whether a request is permitted. */
#include "attr.h"
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"dec",  ENUM,          OPT, NP, NP, NA, enum_authorization_decision, NULL       },
    {"sus",  ENUM,          OPT, NP, NP, NA, enum_authorization_status,   NULL       },
    {"to",   URI,           OPT, O,  O,  NA, NULL,                        NULL       },
    {"fr",   ID,            OPT, O,  O,  NA, NULL,                        NULL       },
    {"op",   ENUM,          OPT, O,  O,  NA, enum_operation,              NULL       },
    {"rrt",  ENUM,          OPT, O,  O,  NA, enum_resource_type,          NULL       },
    {"fu",   OBJECT,        OPT, O,  O,  NA, filter_criteria,             NULL       },
    {"rids", LIST | STRING, OPT, O,  O,  NA, NULL,                        check_texts},
    {"tids", LIST | STRING, OPT, O,  O,  NA, NULL,                        check_texts},
    {"tkns", LIST | STRING, OPT, O,  O,  NA, NULL,                        check_texts},
    {"rtm",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                        NULL       },
    {"olo",  OBJECT,        OPT, O,  O,  NA, location_region,             NULL       },
    {"oip",  OBJECT,        OPT, O,  O,  NA, ip_address,                  NULL       },
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_auds = {
    .ty = 35,
    .name = "authorizationDecision",
    .key = "m2m:auds",
    .sn = "auds",
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
