/* <delivery>, TS-0001 9.6.11, TS-0004 7.4.11: requests on their way to another CSE. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"sr",  ID,        ONE, M, NP, NA, NULL,               NULL},
    {"tg",  ID,        ONE, M, NP, NA, NULL,               NULL},
    {"ls",  TIMESTAMP, ONE, M, O,  NA, NULL,               NULL},
    {"ec",  EVENTCAT,  ONE, M, O,  NA, NULL,               NULL},
    {"dmd", OBJECT,    ONE, M, O,  NA, delivery_meta_data, NULL},
    {"arq", OBJECT,    ONE, O, O,  NA, aggregated_request, NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_dlv = {
    .ty = 6,
    .name = "delivery",
    .key = "m2m:dlv",
    .sn = "dlv",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
