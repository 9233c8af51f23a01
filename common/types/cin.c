/* <contentInstance>, TS-0001 9.6.7, TS-0004 7.4.7. Never updated; its container's policies apply. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    EXPIRY_ATTR(NP, NA),
    STATE_ATTR,
    LABELS_ATTR(O, NP),
    ANNOUNCE_ATTRS(NP),
    CREATOR_ATTR,
    {"cnf",  STRING, OPT, O,  NP, OA, NULL, check_content_info},
    {"cs",   UINT,   ONE, NP, NP, NA, NULL, NULL              },
    {"conr", ANY,    OPT, O,  NP, OA, NULL, check_content_ref },
    {"or",   URI,    OPT, O,  NP, OA, NULL, NULL              },
    {"dcnt", POSINT, OPT, O,  NP, NA, NULL, NULL              },
    {"dgt",  ABSREL, OPT, O,  NP, OA, NULL, NULL              },
    LOCATION_ATTR(NP),
    {"con",  ANY,    ONE, M,  NP, OA, NULL, NULL              },
    END_ATTRS,
};

static const int children[] = {24, 51, 0};
static const int children_annc[] = {24, 10024, 0};

const struct rtype rtype_cin = {
    .ty = 4,
    .name = "contentInstance",
    .key = "m2m:cin",
    .sn = "cin",
    .access = ACCESS_PARENT,
    .create = true,
    .update = false,
    .del = true,
    .subscribable = false,
    .announceable = true,
    .state_tag = true,
    .instance = true,
    .children = children,
    .children_annc = children_annc,
    .attrs = attrs,
};
