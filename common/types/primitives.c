/*
 * Requests and responses as parts of resources (of a delivery, a request, an action, a transaction): TS-0004 6.3.5.2 to 4,
 * 30, 32 and 33, 6.4.1 and 6.4.2.
 */
#include "attr.h"
#include "types/types.h"

#include <stdio.h>

bool check_content(const json_t *value, char *why, size_t why_size)
{
    if (json_is_object(value) && json_object_size(value) == 1)
        return true;
    snprintf(why, why_size, "not an object with one member");
    return false;
}

/* Columns: name, kind, multiplicity, on create (of a member: mandatory or not), on update, announced, detail, extra check. */
const struct attr delivery_meta_data[] = {
    {"tcop", BOOL,      ONE, M,  O,  NA, NULL, NULL},
    {"tcin", LIST | ID, OPT, O,  O,  NA, NULL, NULL},
    {NULL,   ANY,       OPT, NP, NP, NA, NULL, NULL},
};

static const struct attr response_type_info[] = {
    {"rtv", ENUM,       ONE, M,  O,  NA, enum_response_type, NULL},
    {"nu",  LIST | URI, OPT, O,  O,  NA, NULL,               NULL},
    {NULL,  ANY,        OPT, NP, NP, NA, NULL,               NULL},
};

const struct attr meta_information[] = {
    {"ty",    ENUM,          OPT, O,  O,  NA, enum_resource_type,  NULL       },
    {"ot",    TIMESTAMP,     OPT, O,  O,  NA, NULL,                NULL       },
    {"rqet",  ABSREL,        OPT, O,  O,  NA, NULL,                NULL       },
    {"rset",  ABSREL,        OPT, O,  O,  NA, NULL,                NULL       },
    {"oet",   ABSREL,        OPT, O,  O,  NA, NULL,                NULL       },
    {"rt",    OBJECT,        OPT, O,  O,  NA, response_type_info,  NULL       },
    {"rp",    ABSREL,        OPT, O,  O,  NA, NULL,                NULL       },
    {"rcn",   ENUM,          OPT, O,  O,  NA, enum_result_content, NULL       },
    {"ec",    EVENTCAT,      OPT, O,  O,  NA, NULL,                NULL       },
    {"da",    BOOL,          OPT, O,  O,  NA, NULL,                NULL       },
    {"gid",   STRING,        OPT, O,  O,  NA, NULL,                NULL       },
    {"fc",    OBJECT,        OPT, O,  O,  NA, filter_criteria,     NULL       },
    {"drt",   ENUM,          OPT, O,  O,  NA, enum_result_address, NULL       },
    {"rids",  LIST | STRING, OPT, O,  O,  NA, NULL,                check_texts},
    {"tqi",   BOOL,          OPT, O,  O,  NA, NULL,                NULL       },
    {"tkns",  LIST | STRING, OPT, O,  O,  NA, NULL,                check_texts},
    {"tids",  LIST | STRING, OPT, O,  O,  NA, NULL,                check_texts},
    {"ltids", LIST | NCNAME, OPT, O,  O,  NA, NULL,                NULL       },
    {"grtm",  LIST | URI,    OPT, O,  O,  NA, NULL,                NULL       },
    {"asi",   BOOL,          OPT, O,  O,  NA, NULL,                NULL       },
    {"aus",   LIST | STRING, OPT, O,  O,  NA, NULL,                check_texts},
    {"auri",  BOOL,          OPT, O,  O,  NA, NULL,                NULL       },
    {"sqi",   BOOL,          OPT, O,  O,  NA, NULL,                NULL       },
    {"rvi",   STRING,        ONE, M,  O,  NA, NULL,                NULL       },
    {"vsi",   STRING,        OPT, O,  O,  NA, NULL,                NULL       },
    {"gstn",  POSINT,        OPT, O,  O,  NA, NULL,                NULL       },
    {"omr",   LIST | ID,     OPT, O,  O,  NA, NULL,                NULL       },
    {"msu",   ID,            OPT, O,  O,  NA, NULL,                NULL       },
    {NULL,    ANY,           OPT, NP, NP, NA, NULL,                NULL       },
};

static const struct attr request[] = {
    {"op",  ENUM,   ONE, M,  O,  NA, enum_operation,   NULL         },
    {"to",  URI,    ONE, M,  O,  NA, NULL,             NULL         },
    {"fr",  ID,     ONE, M,  O,  NA, NULL,             NULL         },
    {"rqi", STRING, ONE, M,  O,  NA, NULL,             NULL         },
    {"pc",  ANY,    OPT, O,  O,  NA, NULL,             check_content},
    {"mi",  OBJECT, OPT, O,  O,  NA, meta_information, NULL         },
    {NULL,  ANY,    OPT, NP, NP, NA, NULL,             NULL         },
};

const struct attr aggregated_request[] = {
    {"req", LIST | OBJECT, ONE, M,  O,  NA, request, check_not_empty},
    {NULL,  ANY,           OPT, NP, NP, NA, NULL,    NULL           },
};

const struct attr operation_result[] = {
    {"rsc",  POSINT,    ONE, M,  O,  NA, NULL,                NULL         },
    {"rqi",  STRING,    ONE, M,  O,  NA, NULL,                NULL         },
    {"pc",   ANY,       OPT, O,  O,  NA, NULL,                check_content},
    {"to",   URI,       OPT, O,  O,  NA, NULL,                NULL         },
    {"fr",   ID,        OPT, O,  O,  NA, NULL,                NULL         },
    {"ot",   TIMESTAMP, OPT, O,  O,  NA, NULL,                NULL         },
    {"rset", ABSREL,    OPT, O,  O,  NA, NULL,                NULL         },
    {"ec",   EVENTCAT,  OPT, O,  O,  NA, NULL,                NULL         },
    {"cnst", ENUM,      OPT, O,  O,  NA, enum_content_status, NULL         },
    {"cnot", POSINT,    OPT, O,  O,  NA, NULL,                NULL         },
    {NULL,   ANY,       OPT, NP, NP, NA, NULL,                NULL         },
};

/* What identifies a request is given by the CSE that sends it: `rqi` and `rvi` may be missing. */
const struct attr request_primitive[] = {
    {"op",    ENUM,          ONE, M,  O,  NA, enum_operation,      NULL         },
    {"to",    URI,           ONE, M,  O,  NA, NULL,                NULL         },
    {"fr",    ID,            OPT, O,  O,  NA, NULL,                NULL         },
    {"rqi",   STRING,        OPT, O,  O,  NA, NULL,                NULL         },
    {"ty",    ENUM,          OPT, O,  O,  NA, enum_resource_type,  NULL         },
    {"pc",    ANY,           OPT, O,  O,  NA, NULL,                check_content},
    {"rids",  LIST | STRING, OPT, O,  O,  NA, NULL,                check_texts  },
    {"ot",    TIMESTAMP,     OPT, O,  O,  NA, NULL,                NULL         },
    {"rqet",  ABSREL,        OPT, O,  O,  NA, NULL,                NULL         },
    {"rset",  ABSREL,        OPT, O,  O,  NA, NULL,                NULL         },
    {"oet",   ABSREL,        OPT, O,  O,  NA, NULL,                NULL         },
    {"rt",    OBJECT,        OPT, O,  O,  NA, response_type_info,  NULL         },
    {"rp",    ABSREL,        OPT, O,  O,  NA, NULL,                NULL         },
    {"rcn",   ENUM,          OPT, O,  O,  NA, enum_result_content, NULL         },
    {"ec",    EVENTCAT,      OPT, O,  O,  NA, NULL,                NULL         },
    {"da",    BOOL,          OPT, O,  O,  NA, NULL,                NULL         },
    {"gid",   STRING,        OPT, O,  O,  NA, NULL,                NULL         },
    {"fc",    OBJECT,        OPT, O,  O,  NA, filter_criteria,     NULL         },
    {"drt",   ENUM,          OPT, O,  O,  NA, enum_result_address, NULL         },
    {"tkns",  LIST | STRING, OPT, O,  O,  NA, NULL,                check_texts  },
    {"tids",  LIST | STRING, OPT, O,  O,  NA, NULL,                check_texts  },
    {"tqi",   BOOL,          OPT, O,  O,  NA, NULL,                NULL         },
    {"ltids", LIST | NCNAME, OPT, O,  O,  NA, NULL,                NULL         },
    {"grtm",  LIST | URI,    OPT, O,  O,  NA, NULL,                NULL         },
    {"asi",   BOOL,          OPT, O,  O,  NA, NULL,                NULL         },
    {"aus",   LIST | STRING, OPT, O,  O,  NA, NULL,                check_texts  },
    {"auri",  BOOL,          OPT, O,  O,  NA, NULL,                NULL         },
    {"sqi",   BOOL,          OPT, O,  O,  NA, NULL,                NULL         },
    {"rvi",   STRING,        OPT, O,  O,  NA, NULL,                NULL         },
    {"vsi",   STRING,        OPT, O,  O,  NA, NULL,                NULL         },
    {NULL,    ANY,           OPT, NP, NP, NA, NULL,                NULL         },
};

const struct attr response_primitive[] = {
    {"to",   ID,        OPT, O,  O,  NA, NULL,                NULL         },
    {"fr",   ID,        OPT, O,  O,  NA, NULL,                NULL         },
    {"rqi",  STRING,    ONE, M,  O,  NA, NULL,                NULL         },
    {"pc",   ANY,       OPT, O,  O,  NA, NULL,                check_content},
    {"ot",   TIMESTAMP, OPT, O,  O,  NA, NULL,                NULL         },
    {"rset", ABSREL,    OPT, O,  O,  NA, NULL,                NULL         },
    {"ec",   EVENTCAT,  OPT, O,  O,  NA, NULL,                NULL         },
    {"rsc",  POSINT,    ONE, M,  O,  NA, NULL,                NULL         },
    {"ati",  OBJECT,    OPT, O,  O,  NA, local_token_ids,     NULL         },
    {"tqf",  OBJECT,    OPT, O,  O,  NA, token_request_info,  NULL         },
    {"cnst", ENUM,      OPT, O,  O,  NA, enum_content_status, NULL         },
    {"cnot", POSINT,    OPT, O,  O,  NA, NULL,                NULL         },
    {"asri", BOOL,      OPT, O,  O,  NA, NULL,                NULL         },
    {"rvi",  STRING,    OPT, O,  O,  NA, NULL,                NULL         },
    {"vsi",  STRING,    OPT, O,  O,  NA, NULL,                NULL         },
    {NULL,   ANY,       OPT, NP, NP, NA, NULL,                NULL         },
};

const struct attr aggregated_response[] = {
    {"ri",      URI,           OPT, O,  O,  NA, NULL,               NULL},
    {"m2m:rsp", LIST | OBJECT, OPT, O,  O,  NA, response_primitive, NULL},
    {NULL,      ANY,           OPT, NP, NP, NA, NULL,               NULL},
};
