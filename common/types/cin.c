/* <contentInstance>, TS-0001 9.6.7, TS-0004 7.4.7. Never updated; its container's policies apply. */
#include "mem.h"
#include "types/types.h"

#include <ctype.h>
#include <stdio.h>

/* Skips one half of a media type: RFC 6838 4.2 names, which have no slash, colon or blank. */
static const char *skip_media_name(const char *p)
{
    while (isalnum((unsigned char)*p) || (*p && strchr("!#$&^_.+-*;=", *p)))
        p++;
    return p;
}

/* m2m:contentInfo: "type/subtype:encoding[:security]", TS-0004 6.3.3. */
static bool check_content_info(const json_t *value, char *why, size_t why_size)
{
    const char *text = json_string_value(value), *slash = skip_media_name(text), *colon = slash;

    if (*slash == '/')
        colon = skip_media_name(slash + 1);
    if (slash > text && colon > slash + 1 && *colon == ':' && colon[1] >= '0' && colon[1] <= '2') {
        if (!colon[2] || (colon[2] == ':' && colon[3] >= '0' && colon[3] <= '5' && !colon[4]))
            return true;
    }
    snprintf(why, why_size, "not type/subtype:encoding[:security]");
    return false;
}

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    EXPIRY_ATTR(NP, NA),
    STATE_ATTR,
    LABELS_ATTR(O, NP),
    ANNOUNCE_ATTRS(NP),
    CREATOR_ATTR,
    {"cnf",  STRING, OPT, O,  NP, OA, NULL, check_content_info},
    {"cs",   UINT,   ONE, NP, NP, NA, NULL, NULL              },
    {"conr", ANY,    OPT, O,  NP, OA, NULL, check_content_ref },
    {"or",   URI,    OPT, O,  NP, OA, NULL, NULL              },
    {"dcnt", POSINT, OPT, O,  NP, NA, NULL, NULL              },
    {"dgt",  ABSREL, OPT, O,  NP, OA, NULL, NULL              },
    LOCATION_ATTR(NP),
    {"con",  ANY,    ONE, M,  NP, OA, NULL, NULL              },
    END_ATTRS,
};

static const char *const virtuals[] = {NULL};
static const int children[] = {24, 51, 0};

const struct rtype rtype_cin = {
    .ty = 4,
    .name = "contentInstance",
    .key = "m2m:cin",
    .sn = "cin",
    .access = ACCESS_PARENT,
    .create = true,
    .update = false,
    .del = true,
    .subscribable = false,
    .announceable = true,
    .state_tag = true,
    .instance = true,
    .virtuals = virtuals,
    .children = children,
    .attrs = attrs,
};
