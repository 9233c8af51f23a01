/* What several management objects use: links, states of actions, back-off: TS-0004 6.3.5.14, 24 and 54, TS-0022. */
#include "types/mgmt.h"
#include "attr.h"

#include <stdio.h>

/* Columns: name, kind, multiplicity, on create (of a member: mandatory or not), on update, announced, detail, extra check. */
static const struct attr mgmt_link[] = {
    {"val", URI,    ONE, M,  O,  NA, NULL,                 NULL},
    {"nm",  STRING, ONE, M,  O,  NA, NULL,                 NULL},
    {"typ", ENUM,   ONE, M,  O,  NA, enum_mgmt_definition, NULL},
    {NULL,  ANY,    OPT, NP, NP, NA, NULL,                 NULL},
};

static const struct attr mgmt_links[] = {
    {"link", LIST | OBJECT, ONE, M,  O,  NA, mgmt_link, check_not_empty},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,      NULL           },
};

/* Most management objects may have several links; release 3 writes one without a list around it. */
bool check_mgmt_links(const json_t *value, char *why, size_t why_size)
{
    return json_is_array(value) ? attr_value_ok(&mgmt_links[0], value, why, why_size)
                                : attr_object_ok(mgmt_link, value, why, why_size);
}

const struct attr action_status[] = {
    {"acn", URI,  OPT, O,  O,  NA, NULL,               NULL},
    {"sus", ENUM, OPT, O,  O,  NA, enum_action_status, NULL},
    {NULL,  ANY,  OPT, NP, NP, NA, NULL,               NULL},
};

static const struct attr back_off_set[] = {
    {"nwa", ENUM, OPT, O,  O,  NA, enum_network_action, NULL},
    {"ibt", UINT, ONE, M,  O,  NA, NULL,                NULL},
    {"abt", UINT, ONE, M,  O,  NA, NULL,                NULL},
    {"mbt", UINT, ONE, M,  O,  NA, NULL,                NULL},
    {"rbt", UINT, OPT, O,  O,  NA, NULL,                NULL},
    {NULL,  ANY,  OPT, NP, NP, NA, NULL,                NULL},
};

const struct attr back_off_parameters[] = {
    {"bops", LIST | OBJECT, ONE, M,  O,  NA, back_off_set, check_not_empty},
    {NULL,   ANY,           OPT, NP, NP, NA, NULL,         NULL           },
};

const struct attr wifi_credentials[] = {
    {"enct", ENUM,   ONE, M,  O,  NA, enum_wifi_encryption_type, NULL},
    {"unm",  STRING, OPT, O,  O,  NA, NULL,                      NULL},
    {"pwd",  STRING, OPT, O,  O,  NA, NULL,                      NULL},
    {"wepk", STRING, OPT, O,  O,  NA, NULL,                      NULL},
    {"wpap", STRING, OPT, O,  O,  NA, NULL,                      NULL},
    {NULL,   ANY,    OPT, NP, NP, NA, NULL,                      NULL},
};
