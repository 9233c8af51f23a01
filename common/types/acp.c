/* <accessControlPolicy>, TS-0001 9.6.2, TS-0004 7.4.2. Access to it is ruled by its own selfPrivileges. */
#include "mem.h"
#include "types/types.h"

#include <stdio.h>

/* selfPrivileges without a rule would leave a policy that nobody can change. */
static bool check_self_privileges(const json_t *value, char *why, size_t why_size)
{
    if (json_array_size(json_object_get(value, "acr")) > 0)
        return true;
    snprintf(why, why_size, "no access control rule");
    return false;
}

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    UNIVERSAL_ATTRS,
    EXPIRY_ATTR(O, MA),
    LABELS_ATTR(O, O),
    ANNOUNCE_ATTRS(O),
    {"pv",   OBJECT,     ONE, M, O, MA, set_of_acrs, NULL                 },
    {"pvs",  OBJECT,     ONE, M, O, MA, set_of_acrs, check_self_privileges},
    {"adri", LIST | URI, OPT, O, O, MA, NULL,        NULL                 },
    {"apri", LIST | URI, OPT, O, O, MA, NULL,        NULL                 },
    {"airi", LIST | URI, OPT, O, O, MA, NULL,        NULL                 },
    END_ATTRS,
};

static const int children[] = {23, 51, 0};
static const int children_annc[] = {23, 0};

const struct rtype rtype_acp = {
    .ty = 1,
    .name = "accessControlPolicy",
    .key = "m2m:acp",
    .sn = "acp",
    .access = ACCESS_SELF,
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
