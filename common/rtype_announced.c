/*
 * Announced resource types, TS-0001 9.6.26 and TS-0004 7.4.26: the attributes whose announcement is mandatory or optional, and
 * the link to the original. They are made for the life of the process and never freed.
 */
#include "mem.h"
#include "types/types.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr common[] = {
    UNIVERSAL_ATTRS,
    ACCESS_ATTRS,
    EXPIRY_ATTR(O, NA),
    LABELS_ATTR(O, O),
    {"lnk", URI,  ONE, M, O, NA, NULL,           NULL},
    {"ast", ENUM, OPT, O, O, NA, enum_sync_type, NULL},
    END_ATTRS,
};

static const int childless[] = {0};

static bool has(const struct attr *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return true;
    return false;
}

/* Without policies of its own where the original has none. */
static bool wanted(const struct rtype *original, const char *name)
{
    static const char *const access[] = {"acpi", "daci", "cstn"};

    for (size_t i = 0; original->access != ACCESS_ACPI && i < ARRAY_LEN(access); i++)
        if (strcmp(name, access[i]) == 0)
            return false;
    return true;
}

static const struct attr *announced_attrs(const struct rtype *original)
{
    const struct attr *attr;
    struct attr *table;
    size_t count = 0, room = ARRAY_LEN(common);

    for (attr = original->attrs; attr->name; attr++)
        room++;
    table = xcalloc(room, sizeof(*table));
    for (attr = common; attr->name; attr++)
        if (wanted(original, attr->name))
            table[count++] = *attr;
    for (attr = original->attrs; attr->name; attr++) {
        if (attr->annc == NA || has(table, count, attr->name))
            continue;
        table[count] = *attr;
        table[count].mult = OPT;
        table[count].create = table[count].update = O;
        table[count++].annc = NA;
    }
    table[count] = common[ARRAY_LEN(common) - 1];
    return table;
}

/* "m2m:cntA", "m2m:batA", but "cod:tempeAnnc": the flexContainers of TS-0023 are called so, TS-0004 6.5.5. */
static char *announced_key(const struct rtype *original)
{
    bool flex = original->ty == 28 || original->ty == 58;

    return xasprintf("%s%s", original->key, flex && strncmp(original->key, "m2m:", 4) != 0 ? "Annc" : "A");
}

const struct rtype *rtype_announced(const struct rtype *original)
{
    struct rtype *type = xcalloc(1, sizeof(*type));

    *type = (struct rtype){
        .ty = original->ty + TY_ANNOUNCED,
        .name = xasprintf("%sAnnc", original->name),
        .key = announced_key(original),
        .sn = xasprintf("%sA", original->sn),
        .access = original->access,
        .create = true,
        .update = true,
        .del = true,
        .selector = original->selector,
        .selected = original->selected,
        .children = original->children_annc ? original->children_annc : childless,
        .attrs = announced_attrs(original),
    };
    type->subscribable = rtype_child_allowed(type, 23);
    return type;
}
