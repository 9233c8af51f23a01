/* <ontologyRepository>, TS-0001 9.6: the ontologies of a CSE. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS, ACCESS_ATTRS, EXPIRY_ATTR(O, MA), LABELS_ATTR(O, O), ANNOUNCE_ATTRS(O), CREATOR_ATTR, END_ATTRS,
};

static const char *const virtuals[] = {"smv", NULL};
static const int children[] = {23, 39, 51, 0};

const struct rtype rtype_ontr = {
    .ty = 38,
    .name = "ontologyRepository",
    .key = "m2m:ontr",
    .sn = "ontr",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .virtuals = virtuals,
    .children = children,
    .attrs = attrs,
};
