/* <remoteCSE>, TS-0001 9.6.4, TS-0004 7.4.4: another CSE, with which this one is registered or the other way round. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"cst",  ENUM,          OPT, O, NP, OA, enum_cse_type,             NULL                },
    {"poa",  LIST | STRING, OPT, O, O,  OA, NULL,                      check_poa           },
    {"cb",   URI,           ONE, M, NP, OA, NULL,                      NULL                },
    {"csi",  ID,            ONE, O, NP, OA, NULL,                      NULL                },
    {"mei",  STRING,        OPT, O, O,  NA, NULL,                      NULL                },
    {"tri",  UINT,          OPT, O, O,  NA, NULL,                      NULL                },
    {"rr",   BOOL,          ONE, M, O,  OA, NULL,                      NULL                },
    {"nl",   URI,           OPT, O, O,  OA, NULL,                      NULL                },
    {"trn",  UINT,          OPT, O, O,  NA, NULL,                      check_uint32        },
    {"csz",  LIST | STRING, OPT, O, O,  OA, NULL,                      check_serializations},
    {"esi",  OBJECT,        OPT, O, O,  MA, e2e_sec_info,              NULL                },
    {"dcse", LIST | ID,     OPT, O, O,  OA, NULL,                      NULL                },
    {"srv",  LIST | STRING, OPT, M, O,  MA, NULL,                      check_releases      },
    {"mtcc", ENUM,          OPT, O, O,  OA, enum_multicast_capability, NULL                },
    {"egid", STRING,        OPT, O, O,  OA, NULL,                      NULL                },
    {"tren", BOOL,          OPT, O, O,  OA, NULL,                      NULL                },
    {"ape",  OBJECT,        OPT, O, O,  OA, activity_patterns,         NULL                },
    {"spi",  ID,            ONE, O, O,  OA, NULL,                      NULL                },
    {"ici",  ID,            OPT, O, O,  OA, NULL,                      NULL                },
    LOCATION_ATTR(O),
    END_ATTRS,
};

static const int children[] = {1,     3,     9,     15,    23,    28,    29,    34,    40,    41,    48,    49,    50,
                               51,    58,    60,    62,    63,    65,    10001, 10002, 10003, 10004, 10009, 10010, 10013,
                               10014, 10016, 10018, 10024, 10028, 10029, 10030, 10038, 10040, 10041, 10063, 10065, 0};
static const int children_annc[] = {1,     3,     9,     23,    28,    29,    60,    63,    65,
                                    10001, 10002, 10003, 10004, 10009, 10010, 10013, 10014, 10016,
                                    10018, 10024, 10028, 10029, 10040, 10060, 10063, 10065, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"tren", DEFAULT_VALUE, "false"},
    {NULL,   DEFAULT_VALUE, NULL   },
};

const struct rtype rtype_csr = {
    .ty = 16,
    .name = "remoteCSE",
    .key = "m2m:csr",
    .sn = "csr",
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
    .defaults = defaults,
};
