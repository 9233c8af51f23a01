/* <serviceSubscribedNode>, TS-0001 9.6.20, TS-0004 7.4.20: a node that belongs to a service subscription. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"ni",  STRING,        ONE, M, NP, NA, NULL, NULL       },
    {"csi", ID,            OPT, O, NP, NA, NULL, NULL       },
    {"di",  LIST | STRING, OPT, O, NP, NA, NULL, check_texts},
    {"rlk", LIST | URI,    OPT, O, O,  NA, NULL, NULL       },
    {"nrq", BOOL,          OPT, O, O,  NA, NULL, NULL       },
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_svsn = {
    .ty = 20,
    .name = "serviceSubscribedNode",
    .key = "m2m:svsn",
    .sn = "svsn",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .in_only = true,
    .subscribable = true,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
