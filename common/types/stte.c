/* <state>, release 4: one state of a processManagement. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"sact",  BOOL,          ONE, NP, NP, OA, NULL,             NULL},
    {"stac",  ID,            OPT, NP, O,  OA, NULL,             NULL},
    {"sttrs", LIST | OBJECT, OPT, O,  O,  OA, state_transition, NULL},
    END_ATTRS,
};

static const int children[] = {23, 65, 0};
static const int children_annc[] = {23, 10065, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"sact", DEFAULT_VALUE, "false"},
    {NULL,   DEFAULT_VALUE, NULL   },
};

const struct rtype rtype_stte = {
    .ty = 64,
    .name = "state",
    .key = "m2m:stte",
    .sn = "stte",
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
    .defaults = defaults,
};
