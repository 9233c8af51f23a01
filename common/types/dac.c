/* <dynamicAuthorizationConsultation>, TS-0001 9.6.40: where to ask for rights that policies do not give. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"dae", BOOL,          ONE, M, O, NA, NULL, NULL     },
    {"dap", LIST | STRING, ONE, M, O, NA, NULL, check_poa},
    {"dal", TIMESTAMP,     OPT, O, O, NA, NULL, NULL     },
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

const struct rtype rtype_dac = {
    .ty = 34,
    .name = "dynamicAuthorizationConsultation",
    .key = "m2m:dac",
    .sn = "dac",
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
