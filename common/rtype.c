/* Lookups in the tables of resource types. There are few types and short tables: a walk is as fast as anything. */
#include "rtype.h"
#include "mem.h"
#include "types/types.h"

#define ADDRESS_OF(sn) &rtype_##sn,
static const struct rtype *const types[] = {RESOURCE_TYPES(ADDRESS_OF) NULL};

const struct rtype *const *rtype_all(void)
{
    return types;
}

const struct rtype *rtype_by_ty(int ty)
{
    for (size_t i = 0; types[i]; i++)
        if (types[i]->ty == ty)
            return types[i];
    return NULL;
}

const struct rtype *rtype_by_key(const char *key)
{
    for (size_t i = 0; types[i]; i++)
        if (strcmp(types[i]->key, key) == 0)
            return types[i];
    return NULL;
}

bool rtype_exists(int ty)
{
    for (const int *value = enum_resource_type; *value >= 0; value++)
        if (*value == ty)
            return true;
    return false;
}

bool rtype_child_allowed(const struct rtype *parent, int ty)
{
    for (const int *child = parent->children; *child; child++)
        if (*child == ty)
            return true;
    return false;
}

const struct attr *rtype_attr(const struct rtype *type, const char *name)
{
    for (const struct attr *attr = type->attrs; attr->name; attr++)
        if (strcmp(attr->name, name) == 0)
            return attr;
    return NULL;
}

bool rtype_name_is_virtual(const char *rn)
{
    static const char *const names[] = {"la", "ol", "fopt", "sfop", "pcu", "ntsr", "smv", "msp"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(rn, names[i]) == 0)
            return true;
    return false;
}
