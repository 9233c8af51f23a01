/* Management objects for the configuration of devices in the field: TS-0022. */
#include "types/mgmt.h"

#include <ctype.h>
#include <stdio.h>

static bool all_digits(const json_t *value, size_t least, size_t most)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);

    for (size_t i = 0; i < len; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return len >= least && len <= most;
}

/* ITU-T E.212: country, network and subscriber. */
static bool check_imsi(const json_t *value, char *why, size_t why_size)
{
    if (all_digits(value, 6, 15))
        return true;
    snprintf(why, why_size, "not 6 to 15 digits");
    return false;
}

/* ITU-T E.118: with or without the check digit. */
static bool check_iccid(const json_t *value, char *why, size_t why_size)
{
    if (all_digits(value, 18, 20))
        return true;
    snprintf(why, why_size, "not 18 to 20 digits");
    return false;
}

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr crds_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"pur",  STRING, OPT, O, O, OA, NULL, NULL},
    {"crid", STRING, OPT, O, O, OA, NULL, NULL},
    {"crse", STRING, OPT, O, O, OA, NULL, NULL},
    {"crtk", STRING, OPT, O, O, OA, NULL, NULL},
    END_ATTRS,
};

static const struct attr datc_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"cntp", STRING,        ONE, M, O, OA, NULL,             NULL},
    {"rpsc", LIST | OBJECT, OPT, O, O, OA, schedule_entries, NULL},
    {"mesc", LIST | OBJECT, OPT, O, O, OA, schedule_entries, NULL},
    {"meil", POSINT,        OPT, O, O, OA, NULL,             NULL},
    END_ATTRS,
};

static const struct attr mnwk_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"cnb",  ENUM,          OPT, M, O, OA, enum_cellular_network_bearer,    NULL},
    {"rss",  INT,           OPT, O, O, OA, NULL,                            NULL},
    {"liqu", INT,           OPT, O, O, OA, NULL,                            NULL},
    {"ipad", LIST | OBJECT, OPT, O, O, OA, ip_address,                      NULL},
    {"ripa", LIST | OBJECT, OPT, O, O, OA, ip_address,                      NULL},
    {"apna", STRING,        OPT, O, O, OA, NULL,                            NULL},
    {"ceid", INT,           OPT, O, O, OA, NULL,                            NULL},
    {"smnc", INT,           OPT, O, O, OA, NULL,                            NULL},
    {"smcc", INT,           OPT, O, O, OA, NULL,                            NULL},
    {"lac",  INT,           OPT, O, O, OA, NULL,                            NULL},
    {"coel", ENUM,          OPT, O, O, OA, enum_coverage_enhancement_level, NULL},
    END_ATTRS,
};

static const struct attr nycfc_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"suids", LIST | ENUM, ONE, M, O,  OA, enum_suid, check_not_empty},
    {"mcff",  URI,         ONE, M, NP, OA, NULL,      NULL           },
    {"mcfc",  STRING,      ONE, M, NP, OA, NULL,      NULL           },
    END_ATTRS,
};

static const struct attr sim_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"imsi", STRING, OPT, O, O, OA, NULL,            check_imsi },
    {"icid", STRING, ONE, M, O, OA, NULL,            check_iccid},
    {"sist", ENUM,   OPT, O, O, OA, enum_sim_status, NULL       },
    {"sity", ENUM,   OPT, O, O, OA, enum_sim_type,   NULL       },
    {"spn",  STRING, OPT, O, O, OA, NULL,            NULL       },
    END_ATTRS,
};

static const struct attr wific_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"ssid",  STRING,        ONE, M, O, OA, NULL,                        NULL       },
    {"wcrds", OBJECT,        OPT, O, O, OA, wifi_credentials,            NULL       },
    {"maca",  STRING,        OPT, O, O, OA, NULL,                        NULL       },
    {"chanl", STRING,        OPT, O, O, OA, NULL,                        NULL       },
    {"cons",  ENUM,          ONE, O, O, OA, enum_wifi_connection_status, NULL       },
    {"scan",  BOOL,          ONE, M, O, OA, NULL,                        NULL       },
    {"scanr", LIST | STRING, ONE, O, O, OA, NULL,                        check_texts},
    {"ud",    BOOL,          ONE, O, O, OA, NULL,                        NULL       },
    {"trdst", BOOL,          ONE, O, O, OA, NULL,                        NULL       },
    {"rdst",  BOOL,          OPT, O, O, OA, NULL,                        NULL       },
    END_ATTRS,
};

/* Columns: name, source, value. */
static const struct attr_default wific_defaults[] = {
    {"cons",  DEFAULT_VALUE, "0"    },
    {"scanr", DEFAULT_VALUE, "[]"   },
    {"ud",    DEFAULT_VALUE, "false"},
    {"trdst", DEFAULT_VALUE, "false"},
    {NULL,    DEFAULT_VALUE, NULL   },
};

const struct rtype rtype_crds = MGMT_OBJ("dcfg:crds", "credentials", "1029", crds_attrs, NULL);
const struct rtype rtype_datc = MGMT_OBJ("dcfg:datc", "dataCollection", "1021", datc_attrs, NULL);
const struct rtype rtype_mnwk = MGMT_OBJ("dcfg:mnwk", "mobileNetwork", "1031", mnwk_attrs, NULL);
const struct rtype rtype_nycfc = MGMT_OBJ("dcfg:nycfc", "myCertFileCred", "1023", nycfc_attrs, NULL);
const struct rtype rtype_sim = MGMT_OBJ("dcfg:sim", "SIM", "1030", sim_attrs, NULL);
const struct rtype rtype_wific = MGMT_OBJ("dcfg:wific", "wifiClient", "1028", wific_attrs, wific_defaults);
