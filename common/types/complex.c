/*
 * Complex types that several resource types use, TS-0004 6.3.5 (access control rules: acr.c; criteria: criteria.c; requests and
 * responses: primitives.c; tokens: tokens.c; management: mgmt.c and exec_args.c).
 * Columns: name, kind, multiplicity, on create (of a member: mandatory or not), on update, announced, detail, extra check.
 */
#include "attr.h"
#include "types/types.h"

const struct attr specialization_type[] = {
    {"cnd", URI,  OPT, O,  O,  NA, NULL,                 NULL},
    {"mgd", ENUM, OPT, O,  O,  NA, enum_mgmt_definition, NULL},
    {NULL,  ANY,  OPT, NP, NP, NA, NULL,                 NULL},
};

const struct attr eval_criteria[] = {
    {"optr", ENUM,   ONE, M,  O,  NA, enum_eval_operator, NULL},
    {"sbjt", NCNAME, ONE, M,  O,  NA, NULL,               NULL},
    {"thld", ANY,    ONE, M,  O,  NA, NULL,               NULL},
    {NULL,   ANY,    OPT, NP, NP, NA, NULL,               NULL},
};

const struct attr attribute_value[] = {
    {"nm",  NCNAME, ONE, M,  O,  NA, NULL, NULL},
    {"val", ANY,    ONE, M,  O,  NA, NULL, NULL},
    {NULL,  ANY,    OPT, NP, NP, NA, NULL, NULL},
};

static const struct attr uri_reference[] = {
    {"nm",   NCNAME, ONE, M,  O,  NA, NULL,                NULL},
    {"spty", OBJECT, OPT, O,  O,  NA, specialization_type, NULL},
    {"uri",  URI,    ONE, M,  O,  NA, NULL,                NULL},
    {NULL,   ANY,    OPT, NP, NP, NA, NULL,                NULL},
};

/* m2m:contentRef */
static const struct attr content_ref[] = {
    {"urir", LIST | OBJECT, ONE, M,  O,  NA, uri_reference, check_not_empty},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,          NULL           },
};

/* Later releases leave out the object around the list. */
bool check_content_ref(const json_t *value, char *why, size_t why_size)
{
    return json_is_array(value) ? attr_value_ok(&content_ref[0], value, why, why_size)
                                : attr_object_ok(content_ref, value, why, why_size);
}

static const struct attr receiver_rand_object[] = {
    {"esri", NCNAME,      ONE, M,  O,  NA, NULL,                  NULL},
    {"esrv", NCNAME,      ONE, M,  O,  NA, NULL,                  NULL},
    {"esrx", ABSREL,      ONE, M,  O,  NA, NULL,                  NULL},
    {"esks", LIST | ENUM, ONE, M,  O,  NA, enum_key_gen_alg,      NULL},
    {"espa", LIST | ENUM, ONE, M,  O,  NA, enum_protocol_and_alg, NULL},
    {NULL,   ANY,         OPT, NP, NP, NA, NULL,                  NULL},
};

const struct attr e2e_sec_info[] = {
    {"esf",    LIST | ENUM,   ONE, M,  O,  NA, enum_suid,            NULL},
    {"escert", LIST | BASE64, OPT, O,  O,  NA, NULL,                 NULL},
    {"esro",   OBJECT,        OPT, O,  O,  NA, receiver_rand_object, NULL},
    {NULL,     ANY,           OPT, NP, NP, NA, NULL,                 NULL},
};

const struct attr schedule_entries[] = {
    {"sce", LIST | SCHEDULE, ONE, M,  O,  NA, NULL, check_not_empty},
    {NULL,  ANY,             OPT, NP, NP, NA, NULL, NULL           },
};

static const struct attr activity_pattern[] = {
    {"se",  LIST | OBJECT, ONE, M,  O,  NA, schedule_entries, check_not_empty},
    {"sti", ENUM,          OPT, O,  O,  NA, enum_stationary,  NULL           },
    {"dsi", POSINT,        OPT, O,  O,  NA, NULL,             NULL           },
    {NULL,  ANY,           OPT, NP, NP, NA, NULL,             NULL           },
};

const struct attr activity_patterns[] = {
    {"ape", LIST | OBJECT, OPT, O,  O,  NA, activity_pattern, NULL},
    {NULL,  ANY,           OPT, NP, NP, NA, NULL,             NULL},
};

const struct attr deletion_contexts[] = {
    {"tod", LIST | SCHEDULE, OPT, O,  O,  NA, NULL,            NULL},
    {"lr",  LIST | OBJECT,   OPT, O,  O,  NA, location_region, NULL},
    {NULL,  ANY,             OPT, NP, NP, NA, NULL,            NULL},
};

const struct attr session_descriptions[] = {
    {"sdc", LIST | STRING, ONE, M,  O,  NA, NULL, check_not_empty},
    {NULL,  ANY,           OPT, NP, NP, NA, NULL, NULL           },
};

static const struct attr mashup_member[] = {
    {"muri", URI,   ONE, M,  O,  NA, NULL, NULL},
    {"mvl",  FLOAT, OPT, O,  O,  NA, NULL, NULL},
    {NULL,   ANY,   OPT, NP, NP, NA, NULL, NULL},
};

const struct attr mashup_members[] = {
    {"mmbr", LIST | OBJECT, ONE, M,  O,  NA, mashup_member, check_not_empty},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,          NULL           },
};

const struct attr action_input[] = {
    {"cstr", NCNAME, OPT, O,  O,  NA, NULL, NULL},
    {"rsid", ID,     OPT, O,  O,  NA, NULL, NULL},
    {"raid", ID,     OPT, O,  O,  NA, NULL, NULL},
    {NULL,   ANY,    OPT, NP, NP, NA, NULL, NULL},
};

const struct attr process_conditions[] = {
    {"evc", OBJECT, ONE, M,  O,  NA, eval_criteria, NULL},
    {"sri", ID,     ONE, M,  O,  NA, NULL,          NULL},
    {NULL,  ANY,    OPT, NP, NP, NA, NULL,          NULL},
};

const struct attr state_transition[] = {
    {"evc",  OBJECT, ONE, M,  O,  NA, eval_criteria, NULL},
    {"nxst", ID,     OPT, O,  O,  NA, NULL,          NULL},
    {"sri",  ID,     OPT, O,  O,  NA, NULL,          NULL},
    {NULL,   ANY,    OPT, NP, NP, NA, NULL,          NULL},
};
