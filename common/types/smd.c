/* <semanticDescriptor>, TS-0001 9.6.30: what its parent means, as RDF. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"dcrp", ENUM,       ONE, M,  O,  OA, enum_descriptor_format, NULL},
    {"soe",  STRING,     OPT, NP, O,  NA, NULL,                   NULL},
    {"dsp",  BASE64,     ONE, M,  O,  OA, NULL,                   NULL},
    {"or",   URI,        OPT, O,  O,  OA, NULL,                   NULL},
    {"rels", LIST | URI, OPT, O,  O,  OA, NULL,                   NULL},
    {"svd",  BOOL,       OPT, NP, NP, OA, NULL,                   NULL},
    {"vlde", BOOL,       OPT, O,  O,  OA, NULL,                   NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};
static const int children_annc[] = {23, 0};

const struct rtype rtype_smd = {
    .ty = 24,
    .name = "semanticDescriptor",
    .key = "m2m:smd",
    .sn = "smd",
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
};
