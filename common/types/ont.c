/* <ontology>, TS-0001 9.6: the representation of an ontology. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"dc",   STRING, OPT, O,  O, OA, NULL,                 NULL        },
    {"ontf", ENUM,   ONE, M,  O, OA, enum_semantic_format, NULL        },
    {"ontc", ANY,    ONE, M,  O, OA, NULL,                 check_simple},
    {"soe",  STRING, OPT, NP, O, NA, NULL,                 NULL        },
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_ont = {
    .ty = 39,
    .name = "ontology",
    .key = "m2m:ont",
    .sn = "ont",
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
