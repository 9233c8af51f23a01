/* <subscription>, TS-0001 9.6.8, TS-0004 7.4.8. */
#include "mem.h"
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    CREATOR_ATTR,
    {"enc",  OBJECT,        OPT, O,  O,  NA, event_criteria,            NULL           },
    {"exc",  POSINT,        OPT, O,  O,  NA, NULL,                      NULL           },
    {"nu",   LIST | URI,    ONE, M,  O,  NA, NULL,                      check_not_empty},
    {"gpi",  URI,           OPT, O,  O,  NA, NULL,                      NULL           },
    {"nfu",  URI,           OPT, O,  O,  NA, NULL,                      NULL           },
    {"bn",   OBJECT,        OPT, O,  O,  NA, batch_notify,              check_batch    },
    {"rl",   OBJECT,        OPT, O,  O,  NA, rate_limit,                NULL           },
    {"psn",  POSINT,        OPT, O,  NP, NA, NULL,                      NULL           },
    {"pn",   ENUM,          OPT, O,  O,  NA, enum_pending,              NULL           },
    {"nsp",  POSINT,        OPT, O,  O,  NA, NULL,                      NULL           },
    {"ln",   BOOL,          OPT, O,  O,  NA, NULL,                      NULL           },
    {"nct",  ENUM,          ONE, O,  O,  NA, enum_notification_content, NULL           },
    {"nec",  EVENTCAT,      OPT, O,  O,  NA, NULL,                      NULL           },
    {"su",   URI,           OPT, O,  NP, NA, NULL,                      NULL           },
    {"acrs", LIST | URI,    OPT, O,  O,  NA, NULL,                      NULL           },
    {"nse",  BOOL,          OPT, O,  O,  NA, NULL,                      NULL           },
    {"nsi",  LIST | OBJECT, OPT, NP, NP, NA, notification_stats,        NULL           },
    {"eeno", BOOL,          OPT, O,  O,  NA, NULL,                      NULL           },
    {"ma",   DURATION,      OPT, O,  O,  NA, NULL,                      NULL           },
    END_ATTRS,
};

static const char *const virtuals[] = {"ntsr", NULL};
static const int children[] = {18, 25, 51, 0};

const struct rtype rtype_sub = {
    .ty = 23,
    .name = "subscription",
    .key = "m2m:sub",
    .sn = "sub",
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
};
