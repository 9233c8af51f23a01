/*
 * <execInstance>, TS-0001 9.6.17, TS-0004 7.4.17: one execution of a management command. Made by the CSE when the execEnable of
 * the mgmtCmd is set.
 */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(NP, O),
    {"exs",  ENUM,     ONE, NP, NP, NA, enum_exec_status, NULL},
    {"exr",  ENUM,     ONE, NP, NP, NA, enum_exec_result, NULL},
    {"exd",  BOOL,     OPT, NP, O,  NA, NULL,             NULL},
    {"ext",  STRING,   ONE, NP, NP, NA, NULL,             NULL},
    {"exm",  ENUM,     OPT, NP, NP, NA, enum_exec_mode,   NULL},
    {"exf",  DURATION, OPT, NP, NP, NA, NULL,             NULL},
    {"exy",  DURATION, OPT, NP, NP, NA, NULL,             NULL},
    {"exn",  UINT,     OPT, NP, NP, NA, NULL,             NULL},
    {"exra", OBJECT,   OPT, NP, NP, NA, exec_args,        NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_exin = {
    .ty = 8,
    .name = "execInstance",
    .key = "m2m:exin",
    .sn = "exin",
    .access = ACCESS_ACPI,
    .create = false,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
