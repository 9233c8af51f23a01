/* Management objects about a device, its software and its power: TS-0001 D.2 to D.4 and D.7 to D.11. */
#include "types/mgmt.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr fwr_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"vr",  STRING, ONE, M,  O, OA, NULL,          NULL},
    {"fwn", STRING, ONE, M,  O, OA, NULL,          NULL},
    {"url", URI,    ONE, M,  O, OA, NULL,          NULL},
    {"ud",  BOOL,   ONE, M,  O, OA, NULL,          NULL},
    {"uds", OBJECT, ONE, NP, O, OA, action_status, NULL},
    END_ATTRS,
};

static const struct attr swr_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"vr",   STRING, ONE, M,  O, OA, NULL,          NULL},
    {"swn",  STRING, ONE, M,  O, OA, NULL,          NULL},
    {"url",  URI,    ONE, M,  O, OA, NULL,          NULL},
    {"in",   BOOL,   ONE, NP, O, OA, NULL,          NULL},
    {"un",   BOOL,   ONE, NP, O, OA, NULL,          NULL},
    {"ins",  OBJECT, ONE, NP, O, NA, action_status, NULL},
    {"act",  BOOL,   OPT, NP, O, OA, NULL,          NULL},
    {"dea",  BOOL,   OPT, NP, O, OA, NULL,          NULL},
    {"acts", OBJECT, OPT, NP, O, NA, action_status, NULL},
    END_ATTRS,
};

static const struct attr mem_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"mma", UINT, ONE, M, O, OA, NULL, NULL},
    {"mmt", UINT, ONE, M, O, OA, NULL, NULL},
    END_ATTRS,
};

static const struct attr bat_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"btl", UINT, ONE, M, O, OA, NULL,                check_uint32},
    {"bts", ENUM, ONE, M, O, OA, enum_battery_status, NULL        },
    END_ATTRS,
};

static const struct attr dvi_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"dlb",  STRING,        ONE, M, O,  OA, NULL, NULL       },
    {"man",  STRING,        ONE, M, NP, OA, NULL, NULL       },
    {"mfdl", STRING,        OPT, O, O,  OA, NULL, NULL       },
    {"mfd",  TIMESTAMP,     OPT, O, NP, OA, NULL, NULL       },
    {"mod",  STRING,        ONE, M, NP, OA, NULL, NULL       },
    {"smod", STRING,        OPT, O, NP, OA, NULL, NULL       },
    {"dty",  STRING,        ONE, M, O,  OA, NULL, NULL       },
    {"dvnm", STRING,        OPT, O, O,  OA, NULL, NULL       },
    {"fwv",  STRING,        OPT, O, O,  OA, NULL, NULL       },
    {"swv",  STRING,        OPT, O, O,  OA, NULL, NULL       },
    {"hwv",  STRING,        OPT, O, NP, OA, NULL, NULL       },
    {"osv",  STRING,        OPT, O, O,  OA, NULL, NULL       },
    {"cnty", STRING,        OPT, O, NP, OA, NULL, NULL       },
    {"syst", TIMESTAMP,     OPT, O, O,  OA, NULL, NULL       },
    {"spur", URI,           OPT, O, O,  OA, NULL, NULL       },
    {"purl", URI,           OPT, O, O,  OA, NULL, NULL       },
    {"ptl",  LIST | STRING, OPT, O, O,  OA, NULL, check_texts},
    LOCATION_ATTR(O),
    END_ATTRS,
};

static const struct attr dvc_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"can", STRING, ONE, M, O, OA, NULL,          NULL},
    {"att", BOOL,   ONE, M, O, OA, NULL,          NULL},
    {"cas", OBJECT, ONE, M, O, OA, action_status, NULL},
    {"cus", BOOL,   ONE, M, O, OA, NULL,          NULL},
    {"ena", BOOL,   OPT, O, O, OA, NULL,          NULL},
    {"dis", BOOL,   OPT, O, O, OA, NULL,          NULL},
    END_ATTRS,
};

static const struct attr rbo_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"rbo", BOOL, ONE, O, O, OA, NULL, NULL},
    {"far", BOOL, ONE, O, O, OA, NULL, NULL},
    END_ATTRS,
};

static const struct attr evl_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"lgt",  ENUM,   ONE, M, O, OA, enum_log_type,   NULL},
    {"lgd",  STRING, ONE, M, O, OA, NULL,            NULL},
    {"lgst", ENUM,   ONE, M, O, OA, enum_log_status, NULL},
    {"lga",  BOOL,   ONE, O, O, OA, NULL,            NULL},
    {"lgo",  BOOL,   ONE, O, O, OA, NULL,            NULL},
    END_ATTRS,
};

/* Columns: name, source, value. */
static const struct attr_default fwr_defaults[] = {
    {"uds", DEFAULT_VALUE, "{\"sus\":0}"},
    {NULL,  DEFAULT_VALUE, NULL         },
};

static const struct attr_default swr_defaults[] = {
    {"in",  DEFAULT_VALUE, "false"      },
    {"un",  DEFAULT_VALUE, "false"      },
    {"ins", DEFAULT_VALUE, "{\"sus\":0}"},
    {NULL,  DEFAULT_VALUE, NULL         },
};

static const struct attr_default rbo_defaults[] = {
    {"rbo", DEFAULT_VALUE, "false"},
    {"far", DEFAULT_VALUE, "false"},
    {NULL,  DEFAULT_VALUE, NULL   },
};

static const struct attr_default evl_defaults[] = {
    {"lga", DEFAULT_VALUE, "false"},
    {"lgo", DEFAULT_VALUE, "false"},
    {NULL,  DEFAULT_VALUE, NULL   },
};

const struct rtype rtype_fwr = MGMT_OBJ("m2m:fwr", "firmware", "1001", fwr_attrs, fwr_defaults);
const struct rtype rtype_swr = MGMT_OBJ("m2m:swr", "software", "1002", swr_attrs, swr_defaults);
const struct rtype rtype_mem = MGMT_OBJ("m2m:mem", "memory", "1003", mem_attrs, NULL);
const struct rtype rtype_bat = MGMT_OBJ("m2m:bat", "battery", "1006", bat_attrs, NULL);
const struct rtype rtype_dvi = MGMT_OBJ("m2m:dvi", "deviceInfo", "1007", dvi_attrs, NULL);
const struct rtype rtype_dvc = MGMT_OBJ("m2m:dvc", "deviceCapability", "1008", dvc_attrs, NULL);
const struct rtype rtype_rbo = MGMT_OBJ("m2m:rbo", "reboot", "1009", rbo_attrs, rbo_defaults);
const struct rtype rtype_evl = MGMT_OBJ("m2m:evl", "eventLog", "1010", evl_attrs, evl_defaults);
