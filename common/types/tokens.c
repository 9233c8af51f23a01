/* Tokens, roles and what is asked of an authorization server: TS-0004 6.3.5.41 to 46, 53, 60 and 61. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create (of a member: mandatory or not), on update, announced, detail, extra check. */
static const struct attr token_permission[] = {
    {"ris",  LIST | ID,     OPT, O,  O,  NA, NULL,        NULL       },
    {"pv",   OBJECT,        OPT, O,  O,  NA, set_of_acrs, NULL       },
    {"rids", LIST | STRING, OPT, O,  O,  NA, NULL,        check_texts},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,        NULL       },
};

const struct attr token_permissions[] = {
    {"pm", LIST | OBJECT, OPT, O,  O,  NA, token_permission, NULL},
    {NULL, ANY,           OPT, NP, NP, NA, NULL,             NULL},
};

/* What a token says, as far as it counts: the members of the JWT's payload. */
const struct attr token_claim_set[] = {
    {"vr",   STRING,    ONE, M,  O,  NA, NULL,              NULL},
    {"tkid", STRING,    ONE, M,  O,  NA, NULL,              NULL},
    {"tkhd", ID,        ONE, M,  O,  NA, NULL,              NULL},
    {"tkis", ID,        ONE, M,  O,  NA, NULL,              NULL},
    {"tknb", TIMESTAMP, ONE, M,  O,  NA, NULL,              NULL},
    {"tkna", TIMESTAMP, ONE, M,  O,  NA, NULL,              NULL},
    {"tknm", STRING,    OPT, O,  O,  NA, NULL,              NULL},
    {"tkau", LIST | ID, OPT, O,  O,  NA, NULL,              NULL},
    {"tkps", OBJECT,    OPT, O,  O,  NA, token_permissions, NULL},
    {"tkex", STRING,    OPT, O,  O,  NA, NULL,              NULL},
    {NULL,   ANY,       OPT, NP, NP, NA, NULL,              NULL},
};

const struct attr set_of_permissions[] = {
    {"pv", LIST | OBJECT, OPT, O,  O,  NA, set_of_acrs, NULL},
    {NULL, ANY,           OPT, NP, NP, NA, NULL,        NULL},
};

static const struct attr local_token_id[] = {
    {"lti",  NCNAME, ONE, M,  O,  NA, NULL, NULL},
    {"tkid", STRING, ONE, M,  O,  NA, NULL, NULL},
    {NULL,   ANY,    OPT, NP, NP, NA, NULL, NULL},
};

const struct attr local_token_ids[] = {
    {"ltia", LIST | OBJECT, ONE, M,  O,  NA, local_token_id, check_not_empty},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,           NULL           },
};

static const struct attr das_request[] = {
    {"or",   ID,            ONE, M,  O,  NA, NULL,               NULL       },
    {"trt",  ENUM,          OPT, O,  O,  NA, enum_resource_type, NULL       },
    {"op",   ENUM,          ONE, M,  O,  NA, enum_operation,     NULL       },
    {"oip",  OBJECT,        OPT, O,  O,  NA, ip_address,         NULL       },
    {"olo",  OBJECT,        OPT, O,  O,  NA, location_region,    NULL       },
    {"orid", LIST | STRING, OPT, O,  O,  NA, NULL,               check_texts},
    {"rts",  ABSREL,        OPT, O,  O,  NA, NULL,               NULL       },
    {"trid", URI,           ONE, M,  O,  NA, NULL,               NULL       },
    {"ppl",  ABSREL,        OPT, O,  O,  NA, NULL,               NULL       },
    {"rfa",  LIST | STRING, OPT, O,  O,  NA, NULL,               check_texts},
    {"tids", LIST | STRING, OPT, O,  O,  NA, NULL,               check_texts},
    {"asi",  BOOL,          OPT, O,  O,  NA, NULL,               NULL       },
    {"tirt", ENUM,          OPT, O,  O,  NA, enum_resource_type, NULL       },
    {"oid",  OBJECT,        OPT, O,  O,  NA, ip_address,         NULL       },
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,               NULL       },
};

static const struct attr das_info[] = {
    {"uri",  URI,    ONE, M,  O,  NA, NULL,        NULL},
    {"dreq", OBJECT, OPT, O,  O,  NA, das_request, NULL},
    {"sdr",  STRING, OPT, O,  O,  NA, NULL,        NULL},
    {NULL,   ANY,    OPT, NP, NP, NA, NULL,        NULL},
};

const struct attr token_request_info[] = {
    {"dasi", LIST | OBJECT, ONE, M,  O,  NA, das_info, check_not_empty},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,     NULL           },
};
