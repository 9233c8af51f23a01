/* <triggerRequest>, TS-0001 9.6: asks the underlying network to wake a device up. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"mei",  STRING,   ONE, M,  NP, NA, NULL,                 NULL},
    {"tri",  UINT,     ONE, M,  O,  NA, NULL,                 NULL},
    {"tpe",  ENUM,     ONE, O,  O,  NA, enum_trigger_purpose, NULL},
    {"tst",  ENUM,     ONE, NP, NP, NA, enum_trigger_status,  NULL},
    {"tvt",  DURATION, ONE, M,  O,  NA, NULL,                 NULL},
    {"tiae", ID,       OPT, O,  O,  NA, NULL,                 NULL},
    {"tia",  URI,      OPT, O,  O,  NA, NULL,                 NULL},
    {"tio",  ENUM,     OPT, O,  O,  NA, enum_operation,       NULL},
    {"tirt", ENUM,     OPT, O,  O,  NA, enum_resource_type,   NULL},
    {"trf",  STRING,   OPT, NP, NP, NA, NULL,                 NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"tpe", DEFAULT_VALUE, "1" },
    {"tst", DEFAULT_VALUE, "1" },
    {NULL,  DEFAULT_VALUE, NULL},
};

const struct rtype rtype_tgr = {
    .ty = 47,
    .name = "triggerRequest",
    .key = "m2m:tgr",
    .sn = "tgr",
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
    .defaults = defaults,
};
