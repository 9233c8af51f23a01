/* <CSEBase>, TS-0001 9.6.3, TS-0004 7.4.3. Made and kept by the CSE itself: no attribute comes from a request. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    {"rn",   STRING,        ONE, NP, NP, NA, NULL,               NULL                },
    {"ty",   ENUM,          ONE, NP, NP, NA, enum_resource_type, NULL                },
    {"ri",   ID,            ONE, NP, NP, NA, NULL,               NULL                },
    {"pi",   STRING,        ONE, NP, NP, NA, NULL,               NULL                }, /* empty: nothing is above */
    {"ct",   TIMESTAMP,     ONE, NP, NP, NA, NULL,               NULL                },
    {"lt",   TIMESTAMP,     ONE, NP, NP, NA, NULL,               NULL                },
    LABELS_ATTR(NP, NP),
    {"acpi", LIST | ID,     OPT, NP, NP, MA, NULL,               NULL                },
    {"daci", LIST | URI,    OPT, NP, NP, NA, NULL,               NULL                },
    {"cstn", ID,            OPT, NP, NP, NA, NULL,               NULL                },
    {"cst",  ENUM,          OPT, NP, NP, NA, enum_cse_type,      NULL                },
    {"csi",  ID,            ONE, NP, NP, NA, NULL,               NULL                },
    {"srt",  LIST | ENUM,   ONE, NP, NP, NA, enum_resource_type, NULL                },
    {"poa",  LIST | STRING, ONE, NP, NP, NA, NULL,               check_poa           },
    {"nl",   URI,           OPT, NP, NP, NA, NULL,               NULL                },
    {"csz",  LIST | STRING, OPT, NP, NP, NA, NULL,               check_serializations},
    {"esi",  OBJECT,        OPT, NP, NP, MA, e2e_sec_info,       NULL                },
    {"srv",  LIST | STRING, OPT, NP, NP, MA, NULL,               check_releases      },
    {"ncp",  BOOL,          OPT, NP, NP, NA, NULL,               NULL                },
    {"ctm",  TIMESTAMP,     OPT, NP, NP, NA, NULL,               NULL                },
    {"spi",  ID,            ONE, NP, NP, OA, NULL,               NULL                },
    {"ici",  ID,            OPT, NP, NP, OA, NULL,               NULL                },
    {"loc",  OBJECT,        OPT, NP, NP, NA, geo_coordinates,    check_geometry      },
    END_ATTRS,
};

static const int children[] = {1,  2,  3,  6,  9,  10, 11, 12, 14, 16, 17, 18, 19, 21, 22, 23, 26, 28,    29,    31,    32,
                               34, 35, 36, 37, 38, 40, 41, 43, 45, 48, 49, 50, 51, 60, 62, 63, 65, 10002, 10005, 10016, 0};
static const int children_annc[] = {1,     3,     9,     23,    28,    29,    10001, 10002, 10003, 10009, 10010, 10013,
                                    10014, 10016, 10018, 10024, 10028, 10029, 10040, 10060, 10063, 10065, 0};

const struct rtype rtype_cb = {
    .ty = 5,
    .name = "CSEBase",
    .key = "m2m:cb",
    .sn = "cb",
    .access = ACCESS_ACPI,
    .create = false,
    .update = false,
    .del = false,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .children = children,
    .children_annc = children_annc,
    .attrs = attrs,
};
