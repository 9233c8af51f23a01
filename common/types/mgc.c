/* <mgmtCmd>, TS-0001 9.6.16, TS-0004 7.4.16: a management command for devices. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"dc",   STRING,   OPT, O, O,  NA, NULL,           NULL},
    {"cmt",  ENUM,     ONE, M, NP, NA, enum_command,   NULL},
    {"exra", OBJECT,   OPT, O, O,  NA, exec_args,      NULL},
    {"exe",  BOOL,     ONE, O, O,  NA, NULL,           NULL},
    {"ext",  STRING,   ONE, M, O,  NA, NULL,           NULL},
    {"exm",  ENUM,     OPT, O, O,  NA, enum_exec_mode, NULL},
    {"exf",  DURATION, OPT, O, O,  NA, NULL,           NULL},
    {"exy",  DURATION, OPT, O, O,  NA, NULL,           NULL},
    {"exn",  UINT,     OPT, O, O,  NA, NULL,           NULL},
    END_ATTRS,
};

static const int children[] = {8, 23, 51, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"exe", DEFAULT_VALUE, "false"},
    {NULL,  DEFAULT_VALUE, NULL   },
};

const struct rtype rtype_mgc = {
    .ty = 12,
    .name = "mgmtCmd",
    .key = "m2m:mgc",
    .sn = "mgc",
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
