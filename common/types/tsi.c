/* <timeSeriesInstance>, TS-0001 9.6.37: one value of a timeSeries. Never updated. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    EXPIRY_ATTR(NP, NA),
    LABELS_ATTR(O, NP),
    ANNOUNCE_ATTRS(NP),
    CREATOR_ATTR,
    {"dgt", ABSREL, ONE, M,  NP, OA, NULL, NULL        },
    {"con", ANY,    ONE, M,  NP, OA, NULL, check_simple},
    {"snr", UINT,   OPT, O,  NP, OA, NULL, NULL        },
    {"cs",  UINT,   ONE, NP, NP, NA, NULL, NULL        },
    LOCATION_ATTR(NP),
    END_ATTRS,
};

static const int children[] = {24, 51, 0};

const struct rtype rtype_tsi = {
    .ty = 30,
    .name = "timeSeriesInstance",
    .key = "m2m:tsi",
    .sn = "tsi",
    .access = ACCESS_PARENT,
    .create = true,
    .update = false,
    .del = true,
    .subscribable = false,
    .announceable = true,
    .state_tag = false,
    .instance = true,
    .children = children,
    .attrs = attrs,
};
