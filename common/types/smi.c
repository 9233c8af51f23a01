/* <semanticMashupInstance>, TS-0001 9.6: a mashup that follows a semanticMashupJobProfile. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"mjid", URI,      ONE, M, O, OA, NULL,               NULL},
    {"jpin", BASE64,   OPT, M, O, OA, NULL,               NULL},
    {"mst",  ENUM,     ONE, M, O, OA, enum_mashup_store,  NULL},
    {"msm",  OBJECT,   OPT, O, O, OA, mashup_members,     NULL},
    {"rgt",  ENUM,     ONE, M, O, OA, enum_mashup_result, NULL},
    {"prg",  DURATION, OPT, O, O, OA, NULL,               NULL},
    END_ATTRS,
};

static const char *const virtuals[] = {"msp", NULL};
static const int children[] = {23, 24, 42, 51, 0};

const struct rtype rtype_smi = {
    .ty = 41,
    .name = "semanticMashupInstance",
    .key = "m2m:smi",
    .sn = "smi",
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
    .attrs = attrs,
};
