/* <transactionMgmt>, TS-0001 9.6 and 10.2.18: requests that are carried out together or not at all. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    CREATOR_ATTR,
    {"tltm", TIMESTAMP, OPT, O,  NP, NA, NULL,                      NULL},
    {"text", TIMESTAMP, OPT, O,  NP, NA, NULL,                      NULL},
    {"tct",  TIMESTAMP, OPT, O,  NP, NA, NULL,                      NULL},
    {"tept", TIMESTAMP, OPT, O,  NP, NA, NULL,                      NULL},
    {"tmd",  ENUM,      OPT, O,  NP, NA, enum_transaction_mode,     NULL},
    {"tltp", ENUM,      OPT, O,  NP, NA, enum_transaction_lock,     NULL},
    {"tctl", ENUM,      OPT, NP, O,  NA, enum_transaction_control,  NULL},
    {"trst", ENUM,      ONE, NP, NP, NA, enum_transaction_state,    NULL},
    {"tmr",  UINT,      OPT, O,  O,  NA, NULL,                      NULL},
    {"tmh",  ENUM,      OPT, O,  O,  NA, enum_transaction_handling, NULL},
    {"rqps", OBJECT,    ONE, M,  NP, NA, aggregated_request,        NULL},
    {"rsps", OBJECT,    ONE, NP, NP, NA, aggregated_response,       NULL},
    END_ATTRS,
};

static const int children[] = {23, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"cr",   DEFAULT_FROM,  NULL},
    {"trst", DEFAULT_VALUE, "1" },
    {"rsps", DEFAULT_VALUE, "{}"},
    {NULL,   DEFAULT_VALUE, NULL},
};

const struct rtype rtype_tram = {
    .ty = 50,
    .name = "transactionMgmt",
    .key = "m2m:tram",
    .sn = "tram",
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
