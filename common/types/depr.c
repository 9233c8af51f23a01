/* <dependency>, release 4: a further condition of an action. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"sfc", BOOL,   ONE, M, O, OA, NULL,          NULL},
    {"evc", OBJECT, ONE, M, O, OA, eval_criteria, NULL},
    {"rri", ID,     ONE, M, O, MA, NULL,          NULL},
    END_ATTRS,
};

static const int children[] = {23, 0};
static const int children_annc[] = {23, 0};

const struct rtype rtype_depr = {
    .ty = 66,
    .name = "dependency",
    .key = "m2m:depr",
    .sn = "depr",
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
