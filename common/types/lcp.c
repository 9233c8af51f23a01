/* <locationPolicy>, TS-0001 9.6.10, TS-0004 7.4.10: how and how often the place of a device is determined. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    {"los",  ENUM,            ONE, M,  NP, OA, enum_location_source,      NULL           },
    {"lit",  ENUM,            ONE, O,  O,  OA, enum_location_information, NULL           },
    {"lou",  LIST | DURATION, OPT, O,  O,  OA, NULL,                      check_not_empty},
    {"lot",  STRING,          OPT, O,  NP, OA, NULL,                      NULL           },
    {"lor",  URI,             OPT, O,  NP, OA, NULL,                      NULL           },
    {"loi",  URI,             ONE, NP, NP, OA, NULL,                      NULL           },
    {"lon",  STRING,          OPT, O,  NP, OA, NULL,                      NULL           },
    {"lost", STRING,          ONE, NP, NP, OA, NULL,                      NULL           },
    {"gta",  ANY,             OPT, O,  O,  OA, NULL,                      NULL           },
    {"gec",  ENUM,            OPT, O,  O,  OA, enum_geofence_event,       NULL           },
    {"aid",  STRING,          OPT, O,  NP, OA, NULL,                      NULL           },
    {"rlkl", BOOL,            OPT, O,  O,  OA, NULL,                      NULL           },
    {"luec", ENUM,            OPT, O,  O,  OA, enum_location_update,      NULL           },
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"lit",  DEFAULT_VALUE, "1"   },
    {"lost", DEFAULT_VALUE, "\"\""},
    {NULL,   DEFAULT_VALUE, NULL  },
};

const struct rtype rtype_lcp = {
    .ty = 10,
    .name = "locationPolicy",
    .key = "m2m:lcp",
    .sn = "lcp",
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
    .defaults = defaults,
};
