/* <timeSeries>, TS-0001 9.6.36: values with the times they were taken at, and what is missing of them. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"mni",  UINT,          OPT, O,  O,  OA, NULL, NULL              },
    {"mbs",  UINT,          OPT, O,  O,  OA, NULL, NULL              },
    {"mia",  UINT,          OPT, O,  O,  OA, NULL, NULL              },
    {"cni",  UINT,          ONE, NP, NP, NA, NULL, NULL              },
    {"cbs",  UINT,          ONE, NP, NP, NA, NULL, NULL              },
    {"pei",  POSINT,        OPT, O,  O,  OA, NULL, NULL              },
    {"peid", UINT,          OPT, O,  O,  OA, NULL, NULL              },
    {"mdd",  BOOL,          OPT, O,  O,  NA, NULL, NULL              },
    {"mdn",  POSINT,        OPT, O,  O,  OA, NULL, NULL              },
    {"mdlt", LIST | ABSREL, OPT, NP, NP, NA, NULL, NULL              },
    {"mdc",  UINT,          ONE, NP, NP, NA, NULL, NULL              },
    {"mdt",  POSINT,        OPT, O,  O,  OA, NULL, NULL              },
    {"or",   URI,           OPT, O,  O,  OA, NULL, NULL              },
    {"cnf",  STRING,        OPT, O,  NP, OA, NULL, check_content_info},
    LOCATION_ATTR(O),
    END_ATTRS,
};

static const char *const virtuals[] = {"la", "ol", NULL};
static const int children[] = {23, 24, 30, 51, 65, 0};
static const int children_annc[] = {23, 24, 30, 10024, 10030, 10065, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"mdd", DEFAULT_VALUE, "false"},
    {"mdc", DEFAULT_VALUE, "0"    },
    {NULL,  DEFAULT_VALUE, NULL   },
};

const struct rtype rtype_ts = {
    .ty = 29,
    .name = "timeSeries",
    .key = "m2m:ts",
    .sn = "ts",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .virtuals = virtuals,
    .children = children,
    .children_annc = children_annc,
    .attrs = attrs,
    .defaults = defaults,
};
