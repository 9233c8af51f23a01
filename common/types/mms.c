/* <multimediaSession>, TS-0001 9.6: a session between two applications, and its descriptions. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    {"soi", ID,     ONE, M,  NP, OA, NULL,                 NULL},
    {"asd", OBJECT, ONE, NP, O,  OA, session_descriptions, NULL},
    {"osd", OBJECT, ONE, M,  O,  NA, session_descriptions, NULL},
    {"sst", ENUM,   ONE, NP, O,  OA, enum_session_state,   NULL},
    END_ATTRS,
};

static const int children[] = {23, 51, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"sst", DEFAULT_VALUE, "1" },
    {NULL,  DEFAULT_VALUE, NULL},
};

const struct rtype rtype_mms = {
    .ty = 46,
    .name = "multimediaSession",
    .key = "m2m:mms",
    .sn = "mms",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = true,
    .announceable = true,
    .state_tag = false,
    .instance = false,
    .children = children,
    .attrs = attrs,
    .defaults = defaults,
};
