/* <AE>, TS-0001 9.6.5, TS-0004 7.4.5. */
#include "mem.h"
#include "types/types.h"

#include <ctype.h>
#include <stdio.h>

/* App-ID: N not registered with an authority, R or r registered (TS-0001 7.1.3); applications made for release 1 show an OID. */
static bool check_app_id(const json_t *value, char *why, size_t why_size)
{
    const char *api = json_string_value(value);

    if (*api && (strchr("NRr", *api) || (isdigit((unsigned char)*api) && strspn(api, "0123456789.") == strlen(api))))
        return true;
    snprintf(why, why_size, "does not begin with N, R or r, and is no OID");
    return false;
}

/*
 * Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check.
 * `srv` is mandatory from release 2A on; applications of earlier releases do not send it, so it is optional here.
 */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    {"apn",  STRING,        OPT, O,  O,  OA, NULL,                     NULL                },
    {"api",  STRING,        ONE, M,  NP, OA, NULL,                     check_app_id        },
    {"aei",  ID,            ONE, NP, NP, OA, NULL,                     NULL                },
    {"poa",  LIST | STRING, OPT, O,  O,  OA, NULL,                     check_poa           },
    {"or",   URI,           OPT, O,  O,  OA, NULL,                     NULL                },
    {"nl",   URI,           OPT, O,  O,  OA, NULL,                     NULL                },
    {"rr",   BOOL,          ONE, M,  O,  OA, NULL,                     NULL                },
    {"csz",  LIST | STRING, OPT, O,  O,  OA, NULL,                     check_serializations},
    {"esi",  OBJECT,        OPT, O,  O,  MA, e2e_sec_info,             NULL                },
    {"mei",  STRING,        OPT, O,  O,  NA, NULL,                     NULL                },
    {"srv",  LIST | STRING, OPT, O,  O,  MA, NULL,                     check_releases      },
    {"regs", ENUM,          OPT, O,  O,  OA, enum_registration_status, NULL                },
    {"trps", BOOL,          OPT, O,  O,  OA, NULL,                     NULL                },
    {"scp",  LIST | STRING, OPT, O,  O,  OA, NULL,                     check_texts         },
    {"tren", BOOL,          OPT, O,  O,  OA, NULL,                     NULL                },
    {"ape",  OBJECT,        OPT, O,  O,  OA, activity_patterns,        NULL                },
    {"tri",  UINT,          OPT, O,  O,  NA, NULL,                     NULL                },
    {"trn",  UINT,          OPT, O,  O,  NA, NULL,                     check_uint32        },
    LOCATION_ATTR(O),
    END_ATTRS,
};

static const int children[] = {1, 3, 9, 10, 15, 23, 24, 28, 29, 34, 41, 46, 47, 48, 49, 50, 51, 60, 62, 63, 65, 0};
static const int children_annc[] = {1,     3,     9,     23,    24,    28,    29,    65,    10001,
                                    10003, 10009, 10010, 10024, 10028, 10029, 10063, 10065, 0};

const struct rtype rtype_ae = {
    .ty = 2,
    .name = "AE",
    .key = "m2m:ae",
    .sn = "ae",
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
