/* <request>, TS-0001 9.6.12, TS-0004 7.4.12: a non-blocking request and its result. Made by the CSE. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(NP, NP),
    {"op",  ENUM,   ONE, NP, NP, NA, enum_operation,      NULL         },
    {"tg",  URI,    ONE, NP, NP, NA, NULL,                NULL         },
    {"org", ID,     ONE, NP, NP, NA, NULL,                NULL         },
    {"rid", STRING, ONE, NP, NP, NA, NULL,                NULL         },
    {"mi",  OBJECT, ONE, NP, NP, NA, meta_information,    NULL         },
    {"pc",  ANY,    OPT, NP, NP, NA, NULL,                check_content},
    {"rs",  ENUM,   ONE, NP, NP, NA, enum_request_status, NULL         },
    {"ors", OBJECT, ONE, NP, NP, NA, operation_result,    NULL         },
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_req = {
    .ty = 17,
    .name = "request",
    .key = "m2m:req",
    .sn = "req",
    .access = ACCESS_ACPI,
    .create = false,
    .update = false,
    .del = true,
    .subscribable = true,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
