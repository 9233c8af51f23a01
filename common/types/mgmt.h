/*
 * What the specializations of <mgmtObj> share, TS-0001 9.6.15 and annex D, TS-0022. Each is a variant of resource type 13
 * with a root key of its own, chosen by mgmtDefinition.
 */
#ifndef TESSERA_TYPES_MGMT_H
#define TESSERA_TYPES_MGMT_H

#include "types/types.h"

extern const int children_mgmt[], children_mgmt_annc[];

/* Attributes of every management object. `mult` and `create` are of its links to others. */
/* clang-format off */
#define MGMT_OBJ_ATTRS(mult, create)                                                                   \
    UNIVERSAL_ATTRS,                                                                                   \
    ACCESS_ATTRS,                                                                                      \
    EXPIRY_ATTR(O, MA),                                                                                \
    LABELS_ATTR(O, O),                                                                                 \
    ANNOUNCE_ATTRS(O),                                                                                 \
    {"mgd",  ENUM,        ONE, M,      NP,     MA,   enum_mgmt_definition, NULL},                      \
    {"obis", LIST|URI,    OPT, O,      NP,     OA,   NULL,               NULL},                        \
    {"obps", LIST|URI,    OPT, O,      NP,     OA,   NULL,               NULL},                        \
    {"dc",   STRING,      OPT, O,      O,      OA,   NULL,               NULL},                        \
    {"mgs",  URI,         OPT, O,      NP,     MA,   NULL,               NULL},                        \
    {"cmlk", ANY,         mult, create, O,     OA,   NULL,               check_mgmt_links}
/* clang-format on */

/* A specialization: its root key, name, mgmtDefinition as text, attributes, and what the CSE gives (or NULL). */
#define MGMT_OBJ(root_key, long_name, definition, attr_table, given)                                                             \
    {                                                                                                                            \
        .ty = 13, .name = (long_name), .key = (root_key), .sn = "mgo", .access = ACCESS_ACPI, .create = true, .update = true,    \
        .del = true, .subscribable = true, .announceable = true, .selector = "mgd", .selected = (definition),                    \
        .children = children_mgmt, .children_annc = children_mgmt_annc, .attrs = (attr_table), .defaults = (given),              \
    }

#endif
