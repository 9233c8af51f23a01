/*
 * <flexContainer>, TS-0001 9.6.35: attributes of its own. Which, its containerDefinition says: the specializations are registered
 * at start.
 */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    STATE_ATTR,
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"cnd",   URI,  ONE, M,  NP, MA, NULL, NULL},
    {"or",    URI,  OPT, O,  O,  OA, NULL, NULL},
    {"cs",    UINT, ONE, NP, NP, NA, NULL, NULL},
    {"nl",    URI,  OPT, O,  O,  OA, NULL, NULL},
    {"mni",   UINT, OPT, O,  O,  OA, NULL, NULL},
    {"mia",   UINT, OPT, O,  O,  OA, NULL, NULL},
    {"mbs",   UINT, OPT, O,  O,  OA, NULL, NULL},
    {"cbs",   UINT, ONE, NP, NP, NA, NULL, NULL},
    {"cni",   UINT, ONE, NP, NP, NA, NULL, NULL},
    {"fcied", BOOL, OPT, O,  O,  OA, NULL, NULL},
    LOCATION_ATTR(O),
    END_ATTRS,
};

static const char *const virtuals[] = {"la", "ol", NULL};
static const int children[] = {3, 23, 24, 28, 29, 51, 58, 65, 0};
static const int children_annc[] = {3, 4, 23, 24, 28, 29, 58, 65, 10003, 10004, 10024, 10028, 10029, 10065, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"cs", DEFAULT_VALUE, "0" },
    {NULL, DEFAULT_VALUE, NULL},
};

const struct rtype rtype_fcnt = {
    .ty = 28,
    .name = "flexContainer",
    .key = "m2m:fcnt",
    .sn = "fcnt",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = true,
    .instance = false,
    .selector = "cnd",
    .virtuals = virtuals,
    .virtuals_with = "fcied",
    .children = children,
    .children_annc = children_annc,
    .attrs = attrs,
    .defaults = defaults,
};
