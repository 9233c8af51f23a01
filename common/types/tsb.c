/* <timeSyncBeacon>, release 4: tells other entities the time. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    {"bcnr", ID,         OPT, O, NP, OA, NULL,                 NULL           },
    {"bcnc", ENUM,       ONE, M, O,  OA, enum_beacon_criteria, NULL           },
    {"bcni", DURATION,   OPT, O, O,  OA, NULL,                 NULL           },
    {"bcnt", DURATION,   OPT, O, O,  OA, NULL,                 NULL           },
    {"bcnu", LIST | URI, ONE, M, O,  OA, NULL,                 check_not_empty},
    END_ATTRS,
};

static const int children[] = {23, 0};
static const int children_annc[] = {23, 0};

const struct rtype rtype_tsb = {
    .ty = 60,
    .name = "timeSyncBeacon",
    .key = "m2m:tsb",
    .sn = "tsb",
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
