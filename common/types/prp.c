/* <primitiveProfile>, release 4: what is added to, and left out of, the primitives of some entities. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"idl",  LIST | ID,     ONE, M, O,  OA, NULL,               check_not_empty},
    {"rtys", LIST | ENUM,   OPT, O, O,  OA, enum_resource_type, NULL           },
    {"ops",  LIST | ENUM,   OPT, O, O,  OA, enum_operation,     NULL           },
    {"rsds", LIST | URI,    OPT, O, O,  OA, NULL,               NULL           },
    {"rvs",  LIST | STRING, OPT, O, NP, OA, NULL,               check_texts    },
    {"adds", LIST | OBJECT, OPT, O, O,  OA, attribute_value,    NULL           },
    {"dels", LIST | NCNAME, OPT, O, O,  OA, NULL,               NULL           },
    {"appl", LIST | STRING, OPT, O, O,  OA, NULL,               check_texts    },
    END_ATTRS,
};

static const int children[] = {23, 0};

const struct rtype rtype_prp = {
    .ty = 62,
    .name = "primitiveProfile",
    .key = "m2m:prp",
    .sn = "prp",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
