/*
 * What subscriptions and filters ask for: m2m:eventNotificationCriteria, m2m:filterCriteria and their parts,
 * TS-0004 6.3.5.6 to 8, 31, 40, 57 and 66.
 */
#include "attr.h"
#include "mem.h"
#include "types/types.h"

#include <stdio.h>

/* notificationEventType: at least one, none twice. */
static bool check_events(const json_t *value, char *why, size_t why_size)
{
    size_t count = json_array_size(value);
    unsigned seen = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned bit = 1U << json_integer_value(json_array_get(value, i));

        if (seen & bit) {
            snprintf(why, why_size, "the same value twice");
            return false;
        }
        seen |= bit;
    }
    return check_not_empty(value, why, why_size);
}

/* operationMonitor: each entry says an operation or an originator. */
static bool check_monitors(const json_t *value, char *why, size_t why_size)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (json_object_size(json_array_get(value, i)) == 0) {
            snprintf(why, why_size, "an entry with neither ops nor or");
            return false;
        }
    }
    return check_not_empty(value, why, why_size);
}

bool check_batch(const json_t *value, char *why, size_t why_size)
{
    if (json_object_size(value) > 0)
        return true;
    snprintf(why, why_size, "neither num nor dur");
    return false;
}

bool check_criteria_set(const json_t *value, char *why, size_t why_size)
{
    if (json_object_size(value) == 1)
        return true;
    snprintf(why, why_size, "not one list of criteria");
    return false;
}

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr operation_monitor[] = {
    {"ops", MASK, OPT, O,  O,  NA, NULL, NULL},
    {"or",  ID,   OPT, O,  O,  NA, NULL, NULL},
    {NULL,  ANY,  OPT, NP, NP, NA, NULL, NULL},
};

static const struct attr missing_data[] = {
    {"num", POSINT,   ONE, M,  O,  NA, NULL, NULL},
    {"dur", DURATION, ONE, M,  O,  NA, NULL, NULL},
    {NULL,  ANY,      OPT, NP, NP, NA, NULL, NULL},
};

/* A batch of none would never be complete, a limit of none never send: zero is refused although the types allow it. */
const struct attr batch_notify[] = {
    {"num", POSINT,   OPT, O,  O,  NA, NULL, NULL},
    {"dur", DURATION, OPT, O,  O,  NA, NULL, NULL},
    {NULL,  ANY,      OPT, NP, NP, NA, NULL, NULL},
};

const struct attr rate_limit[] = {
    {"mnn", POSINT,   ONE, M,  O,  NA, NULL, NULL},
    {"tww", DURATION, ONE, M,  O,  NA, NULL, NULL},
    {NULL,  ANY,      OPT, NP, NP, NA, NULL, NULL},
};

const struct attr notification_stats[] = {
    {"tg",   ID,   ONE, M,  O,  NA, NULL, NULL},
    {"rqs",  UINT, ONE, M,  O,  NA, NULL, NULL},
    {"rsr",  UINT, ONE, M,  O,  NA, NULL, NULL},
    {"noec", UINT, ONE, M,  O,  NA, NULL, NULL},
    {NULL,   ANY,  OPT, NP, NP, NA, NULL, NULL},
};

const struct attr event_criteria[] = {
    {"crb",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                    NULL          },
    {"cra",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                    NULL          },
    {"ms",   TIMESTAMP,     OPT, O,  O,  NA, NULL,                    NULL          },
    {"us",   TIMESTAMP,     OPT, O,  O,  NA, NULL,                    NULL          },
    {"sts",  POSINT,        OPT, O,  O,  NA, NULL,                    NULL          },
    {"stb",  UINT,          OPT, O,  O,  NA, NULL,                    NULL          },
    {"exb",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                    NULL          },
    {"exa",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                    NULL          },
    {"sza",  UINT,          OPT, O,  O,  NA, NULL,                    NULL          },
    {"szb",  POSINT,        OPT, O,  O,  NA, NULL,                    NULL          },
    {"om",   LIST | OBJECT, OPT, O,  O,  NA, operation_monitor,       check_monitors},
    {"atr",  LIST | NCNAME, OPT, O,  O,  NA, NULL,                    NULL          },
    {"net",  LIST | ENUM,   OPT, O,  O,  NA, enum_notification_event, check_events  },
    {"chty", LIST | ENUM,   OPT, O,  O,  NA, enum_resource_type,      NULL          },
    {"md",   OBJECT,        OPT, O,  O,  NA, missing_data,            NULL          },
    {"fo",   ENUM,          OPT, O,  O,  NA, enum_filter_operation,   NULL          },
    {"aq",   STRING,        OPT, O,  O,  NA, NULL,                    NULL          },
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,                    NULL          },
};

/* Release 3 calls the list `encn`, later ones `enc`. */
const struct attr event_criteria_set[] = {
    {"encn", LIST | OBJECT, OPT, O,  O,  NA, event_criteria, check_not_empty},
    {"enc",  LIST | OBJECT, OPT, O,  O,  NA, event_criteria, check_not_empty},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,           NULL           },
};

const struct attr filter_criteria[] = {
    {"crb",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                  NULL             },
    {"cra",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                  NULL             },
    {"ms",   TIMESTAMP,     OPT, O,  O,  NA, NULL,                  NULL             },
    {"us",   TIMESTAMP,     OPT, O,  O,  NA, NULL,                  NULL             },
    {"sts",  POSINT,        OPT, O,  O,  NA, NULL,                  NULL             },
    {"stb",  UINT,          OPT, O,  O,  NA, NULL,                  NULL             },
    {"exb",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                  NULL             },
    {"exa",  TIMESTAMP,     OPT, O,  O,  NA, NULL,                  NULL             },
    {"lbl",  LIST | STRING, OPT, O,  O,  NA, NULL,                  check_texts      },
    {"clbl", LIST | STRING, OPT, O,  O,  NA, NULL,                  check_texts      },
    {"palb", LIST | STRING, OPT, O,  O,  NA, NULL,                  check_texts      },
    {"lbq",  STRING,        OPT, O,  O,  NA, NULL,                  NULL             },
    {"ty",   LIST | ENUM,   OPT, O,  O,  NA, enum_resource_type,    NULL             },
    {"chty", LIST | ENUM,   OPT, O,  O,  NA, enum_resource_type,    NULL             },
    {"pty",  LIST | ENUM,   OPT, O,  O,  NA, enum_resource_type,    NULL             },
    {"sza",  UINT,          OPT, O,  O,  NA, NULL,                  NULL             },
    {"szb",  POSINT,        OPT, O,  O,  NA, NULL,                  NULL             },
    {"cty",  LIST | STRING, OPT, O,  O,  NA, NULL,                  check_texts      },
    {"atr",  LIST | OBJECT, OPT, O,  O,  NA, attribute_value,       NULL             },
    {"catr", LIST | OBJECT, OPT, O,  O,  NA, attribute_value,       NULL             },
    {"patr", LIST | OBJECT, OPT, O,  O,  NA, attribute_value,       NULL             },
    {"fu",   ENUM,          OPT, O,  O,  NA, enum_filter_usage,     NULL             },
    {"lim",  UINT,          OPT, O,  O,  NA, NULL,                  NULL             },
    {"smf",  LIST | STRING, OPT, O,  O,  NA, NULL,                  check_texts      },
    {"fo",   ENUM,          OPT, O,  O,  NA, enum_filter_operation, NULL             },
    {"cfs",  ENUM,          OPT, O,  O,  NA, enum_filter_syntax,    NULL             },
    {"cfq",  STRING,        OPT, O,  O,  NA, NULL,                  NULL             },
    {"lvl",  POSINT,        OPT, O,  O,  NA, NULL,                  NULL             },
    {"ofst", POSINT,        OPT, O,  O,  NA, NULL,                  NULL             },
    {"arp",  URI,           OPT, O,  O,  NA, NULL,                  NULL             },
    {"ops",  MASK,          OPT, O,  O,  NA, NULL,                  NULL             },
    {"gmty", ENUM,          OPT, O,  O,  NA, enum_geometry,         NULL             },
    {"geom", ANY,           OPT, O,  O,  NA, NULL,                  check_coordinates},
    {"gsf",  ENUM,          OPT, O,  O,  NA, enum_geo_function,     NULL             },
    {"aq",   STRING,        OPT, O,  O,  NA, NULL,                  NULL             },
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,                  NULL             },
};
