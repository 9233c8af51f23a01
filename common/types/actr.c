/* <action>, release 4: sends a request when an attribute of a resource satisfies a condition. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"apy", POSINT,     OPT, O,  O,  OA, NULL,               NULL},
    {"sri", ID,         OPT, O,  O,  OA, NULL,               NULL},
    {"evc", OBJECT,     ONE, M,  O,  OA, eval_criteria,      NULL},
    {"evm", ENUM,       ONE, M,  O,  OA, enum_eval_mode,     NULL},
    {"ecp", POSINT,     OPT, O,  O,  OA, NULL,               NULL},
    {"dep", LIST | URI, OPT, NP, O,  OA, NULL,               NULL},
    {"orc", ID,         ONE, M,  O,  MA, NULL,               NULL},
    {"apv", OBJECT,     ONE, M,  O,  MA, request_primitive,  NULL},
    {"ipu", OBJECT,     OPT, O,  O,  OA, action_input,       NULL},
    {"air", OBJECT,     ONE, NP, NP, OA, response_primitive, NULL},
    END_ATTRS,
};

static const int children[] = {23, 66, 0};
static const int children_annc[] = {23, 10066, 0};

const struct rtype rtype_actr = {
    .ty = 65,
    .name = "action",
    .key = "m2m:actr",
    .sn = "actr",
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
