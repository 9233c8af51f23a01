/* <node>, TS-0001 9.6.18, TS-0004 7.4.18: a device with its management objects. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    {"ni",   STRING,    ONE, M,  O,  MA, NULL, NULL},
    {"hcl",  ID,        OPT, O,  O,  OA, NULL, NULL},
    {"hael", LIST | ID, OPT, O,  O,  OA, NULL, NULL},
    {"hsl",  LIST | ID, OPT, O,  O,  OA, NULL, NULL},
    {"mgca", STRING,    OPT, O,  O,  OA, NULL, NULL},
    {"rms",  BOOL,      OPT, NP, NP, OA, NULL, NULL},
    {"nid",  STRING,    OPT, NP, NP, OA, NULL, NULL},
    {"nty",  UINT,      OPT, O,  O,  OA, NULL, NULL},
    END_ATTRS,
};

static const int children[] = {13, 18, 23, 24, 28, 51, 65, 0};
static const int children_annc[] = {23, 24, 65, 10013, 10018, 10024, 10065, 0};

const struct rtype rtype_nod = {
    .ty = 14,
    .name = "node",
    .key = "m2m:nod",
    .sn = "nod",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .children = children,
    .children_annc = children_annc,
    .attrs = attrs,
};
