/* <localMulticastGroup>, TS-0001 9.6: members of a group that share a multicast address. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"egid", STRING,     OPT, O, O,  NA, NULL,       NULL           },
    {"mad",  OBJECT,     ONE, M, O,  NA, ip_address, NULL           },
    {"mgft", URI,        ONE, M, NP, NA, NULL,       NULL           },
    {"mli",  LIST | URI, ONE, M, O,  NA, NULL,       check_not_empty},
    {"rstt", URI,        ONE, O, O,  NA, NULL,       NULL           },
    {"rstw", DURATION,   OPT, O, O,  NA, NULL,       NULL           },
    {"tmgi", STRING,     OPT, O, O,  NA, NULL,       NULL           },
    END_ATTRS,
};

static const int children[] = {51, 0};

const struct rtype rtype_lmg = {
    .ty = 45,
    .name = "localMulticastGroup",
    .key = "m2m:lmg",
    .sn = "lmg",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = false,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
};
