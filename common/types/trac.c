/* <transaction>, TS-0001 9.6 and 10.2.18: the part of a transaction that its parent carries out. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    CREATOR_ATTR,
    {"tid",  STRING,    ONE, M,  NP, NA, NULL,                     NULL},
    {"tctl", ENUM,      ONE, NP, O,  NA, enum_transaction_control, NULL},
    {"trst", ENUM,      ONE, NP, NP, NA, enum_transaction_state,   NULL},
    {"tltm", TIMESTAMP, OPT, O,  NP, NA, NULL,                     NULL},
    {"text", TIMESTAMP, OPT, O,  NP, NA, NULL,                     NULL},
    {"tct",  TIMESTAMP, OPT, O,  NP, NA, NULL,                     NULL},
    {"tltp", ENUM,      OPT, O,  NP, NA, enum_transaction_lock,    NULL},
    {"rqp",  OBJECT,    ONE, M,  NP, NA, request_primitive,        NULL},
    {"rsp",  OBJECT,    OPT, NP, NP, NA, response_primitive,       NULL},
    END_ATTRS,
};

static const int children[] = {23, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"cr",   DEFAULT_FROM,  NULL},
    {"tctl", DEFAULT_VALUE, "1" },
    {"trst", DEFAULT_VALUE, "1" },
    {NULL,   DEFAULT_VALUE, NULL},
};

const struct rtype rtype_trac = {
    .ty = 51,
    .name = "transaction",
    .key = "m2m:trac",
    .sn = "trac",
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
    .defaults = defaults,
};
