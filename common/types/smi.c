/* <semanticMashupInstance>, TS-0001 9.6: a mashup that follows a semanticMashupJobProfile. */
#include "types/types.h"

#include <stdio.h>

/* m2m:mashupResultGenType, or a list of them: TS-0001 says that there may be several, TS-0004 that it is one. */
static bool check_generation(const json_t *value, char *why, size_t why_size)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;

    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;

        if (!json_is_integer(one) || json_integer_value(one) < 1 || json_integer_value(one) > 4) {
            snprintf(why, why_size, "not 1 to 4, or a list of these");
            return false;
        }
    }
    return count > 0;
}

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    CREATOR_ATTR,
    {"mjid", URI,      ONE, M, O, OA, NULL,              NULL            },
    {"jpin", BASE64,   OPT, M, O, OA, NULL,              NULL            },
    {"mst",  ENUM,     ONE, M, O, OA, enum_mashup_store, NULL            },
    {"msm",  OBJECT,   OPT, O, O, OA, mashup_members,    NULL            },
    {"rgt",  ANY,      ONE, M, O, OA, NULL,              check_generation},
    {"prg",  DURATION, OPT, O, O, OA, NULL,              NULL            },
    END_ATTRS,
};

static const char *const virtuals[] = {"msp", NULL};
static const int children[] = {23, 24, 42, 51, 0};

const struct rtype rtype_smi = {
    .ty = 41,
    .name = "semanticMashupInstance",
    .key = "m2m:smi",
    .sn = "smi",
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
