/* <crossResourceSubscription>, TS-0001 9.6, TS-0004 7.4: one notification when several resources change within a time window. */
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    CREATOR_ATTR,
    {"rrat",  LIST | URI,    OPT, O,  NP, NA, NULL,                       NULL              },
    {"srat",  LIST | URI,    OPT, O,  NP, NA, NULL,                       NULL              },
    {"rrats", LIST | URI,    OPT, NP, NP, NA, NULL,                       NULL              },
    {"twt",   ENUM,          ONE, M,  O,  NA, enum_time_window,           NULL              },
    {"tws",   DURATION,      ONE, M,  O,  NA, NULL,                       NULL              },
    {"encs",  OBJECT,        OPT, O,  NP, NA, event_criteria_set,         check_criteria_set},
    {"nec",   EVENTCAT,      OPT, O,  NP, NA, NULL,                       NULL              },
    {"exc",   POSINT,        OPT, O,  O,  NA, NULL,                       NULL              },
    {"nu",    LIST | URI,    ONE, M,  O,  NA, NULL,                       check_not_empty   },
    {"su",    URI,           OPT, O,  NP, NA, NULL,                       NULL              },
    {"eem",   ENUM,          OPT, O,  O,  NA, enum_event_evaluation_mode, NULL              },
    {"nse",   BOOL,          OPT, O,  O,  NA, NULL,                       NULL              },
    {"nsi",   LIST | OBJECT, OPT, NP, NP, NA, notification_stats,         NULL              },
    END_ATTRS,
};

static const char *const virtuals[] = {"ntsr", NULL};
static const int children[] = {18, 25, 51, 0};

/* Columns: name, source, value. */
static const struct attr_default defaults[] = {
    {"cr", DEFAULT_FROM,  NULL},
    {NULL, DEFAULT_VALUE, NULL},
};

const struct rtype rtype_crs = {
    .ty = 48,
    .name = "crossResourceSubscription",
    .key = "m2m:crs",
    .sn = "crs",
    .access = ACCESS_ACPI,
    .create = true,
    .update = true,
    .del = true,
    .subscribable = false,
    .announceable = false,
    .state_tag = false,
    .instance = false,
    .virtuals = virtuals,
    .children = children,
    .attrs = attrs,
    .defaults = defaults,
};
