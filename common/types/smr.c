/* <semanticMashupResult>, TS-0001 9.6: what a mashup gave. All is made by the CSE: no attribute may be in a request. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(NP, MA),
    LABELS_ATTR(NP, NP),
    ANNOUNCE_ATTRS(NP),
    CREATOR_ATTR,
    {"jpin", BASE64,        OPT, NP, NP, OA, NULL, NULL                },
    {"mrf",  LIST | STRING, ONE, NP, NP, OA, NULL, check_serializations},
    {"mrt",  BASE64,        ONE, NP, NP, OA, NULL, NULL                },
    END_ATTRS,
};

static const int children[] = {23, 24, 51, 0};

const struct rtype rtype_smr = {
    .ty = 42,
    .name = "semanticMashupResult",
    .key = "m2m:smr",
    .sn = "smr",
    .access = ACCESS_ACPI,
    .create = false,
    .update = false,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
