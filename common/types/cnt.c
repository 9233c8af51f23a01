/* <container>, TS-0001 9.6.6, TS-0004 7.4.6. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    STATE_ATTR,
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"mni",  UINT,          OPT, O,  O,  OA, NULL, NULL       },
    {"mbs",  UINT,          OPT, O,  O,  OA, NULL, NULL       },
    {"mia",  UINT,          OPT, O,  O,  OA, NULL, NULL       },
    {"cni",  UINT,          ONE, NP, NP, NA, NULL, NULL       },
    {"cbs",  UINT,          ONE, NP, NP, NA, NULL, NULL       },
    {"li",   URI,           OPT, NP, NP, OA, NULL, NULL       },
    {"or",   URI,           OPT, O,  O,  OA, NULL, NULL       },
    {"disr", BOOL,          OPT, O,  O,  OA, NULL, NULL       },
    {"subi", LIST | STRING, OPT, O,  O,  NA, NULL, check_texts},
    LOCATION_ATTR(O),
    END_ATTRS,
};

static const char *const virtuals[] = {"la", "ol", NULL};
static const int children[] = {3, 4, 23, 24, 28, 29, 51, 65, 0};
static const int children_annc[] = {3, 4, 23, 24, 28, 29, 65, 10003, 10004, 10024, 10028, 10029, 10065, 0};

const struct rtype rtype_cnt = {
    .ty = 3,
    .name = "container",
    .key = "m2m:cnt",
    .sn = "cnt",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = true,
    .instance = false,
    .virtuals = virtuals,
    .children = children,
    .children_annc = children_annc,
    .attrs = attrs,
};
