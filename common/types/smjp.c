/* <semanticMashupJobProfile>, TS-0001 9.6: what a mashup takes, does and gives. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"mbft", STRING,     ONE, M, O, OA, NULL, NULL},
    {"miid", LIST | URI, OPT, O, O, OA, NULL, NULL},
    {"iptd", BASE64,     OPT, O, O, OA, NULL, NULL},
    {"uptd", BASE64,     ONE, M, O, OA, NULL, NULL},
    {"fucd", BASE64,     ONE, M, O, OA, NULL, NULL},
    END_ATTRS,
};

static const int children[] = {23, 24, 41, 51, 0};

const struct rtype rtype_smjp = {
    .ty = 40,
    .name = "semanticMashupJobProfile",
    .key = "m2m:smjp",
    .sn = "smjp",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
