/*
 * Lookups in the tables of resource types. The registry is put together at the first lookup: by number in an array, by root key
 * and by value of the selector in hash tables, as there are hundreds of variants.
 */
#include "rtype.h"
#include "mem.h"
#include "types/types.h"

#include <stdint.h>
#include <threads.h>

enum { TY_END = 100, LEAST_SLOTS = 64 };

#define ADDRESS_OF(sn) &rtype_##sn,
static const struct rtype *const types[] = {RESOURCE_TYPES(ADDRESS_OF) NULL};
static const struct rtype *const mgmt_objs[] = {MGMT_OBJS(ADDRESS_OF) NULL};

struct list {
    const struct rtype **items; /* NULL-terminated */
    size_t count;
};

/* Open addressing, never more than half full. */
struct index {
    bool by_selected; /* else by key */
    const struct rtype **slots;
    size_t size, count; /* a power of 2 */
};

static struct list all, variants;
static struct index by_key, by_selected = {.by_selected = true};
static const struct rtype *by_ty[2][TY_END]; /* originals, announced ones */
static once_flag built = ONCE_FLAG_INIT;

static void list_add(struct list *list, const struct rtype *type)
{
    list->items = xrealloc(list->items, (list->count + 2) * sizeof(struct rtype *));
    list->items[list->count++] = type;
    list->items[list->count] = NULL;
}

static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261U;

    while (*text)
        h = (h ^ (unsigned char)*text++) * 16777619U;
    return h ^ h >> 15;
}

/* The slot of the type with this name, or the free one where it would be. Of the same value several types have variants. */
static const struct rtype **slot_of(const struct index *index, int ty, const char *name)
{
    for (size_t i = hash(name);; i++) {
        const struct rtype **slot = &index->slots[i & (index->size - 1)], *type = *slot;

        if (!type ||
            (strcmp(index->by_selected ? type->selected : type->key, name) == 0 && (!index->by_selected || type->ty == ty)))
            return slot;
    }
}

static void index_grow(struct index *index)
{
    struct index old = *index;

    index->size = old.size ? old.size * 2 : LEAST_SLOTS;
    index->slots = xcalloc(index->size, sizeof(struct rtype *));
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i])
            *slot_of(index, old.slots[i]->ty, index->by_selected ? old.slots[i]->selected : old.slots[i]->key) = old.slots[i];
    free(old.slots);
}

static const struct rtype *index_find(const struct index *index, int ty, const char *name)
{
    return index->size ? *slot_of(index, ty, name) : NULL;
}

static void index_add(struct index *index, const struct rtype *type)
{
    if (index->count * 2 >= index->size)
        index_grow(index);
    *slot_of(index, type->ty, index->by_selected ? type->selected : type->key) = type;
    index->count++;
}

static void add_plain(const struct rtype *type)
{
    list_add(&all, type);
    index_add(&by_key, type);
    by_ty[type->ty > TY_ANNOUNCED][type->ty % TY_ANNOUNCED] = type;
}

static void add_variant(const struct rtype *type)
{
    list_add(&variants, type);
    index_add(&by_key, type);
    if (*type->selected)
        index_add(&by_selected, type);
    if (type->announceable)
        add_variant(rtype_announced(type));
}

static void build(void)
{
    for (size_t i = 0; types[i]; i++)
        add_plain(types[i]);
    for (size_t i = 0; types[i]; i++)
        if (types[i]->announceable)
            add_plain(rtype_announced(types[i]));
    for (size_t i = 0; mgmt_objs[i]; i++)
        add_variant(mgmt_objs[i]);
}

int rtype_register(const struct rtype *type)
{
    call_once(&built, build);
    if (index_find(&by_key, 0, type->key) || (*type->selected && index_find(&by_selected, type->ty, type->selected)))
        return -1;
    add_variant(type);
    return 0;
}

const struct rtype *const *rtype_all(void)
{
    call_once(&built, build);
    return all.items;
}

const struct rtype *const *rtype_variants(void)
{
    call_once(&built, build);
    return variants.items;
}

const struct rtype *rtype_by_ty(int ty)
{
    int number = ty % TY_ANNOUNCED;

    call_once(&built, build);
    if (ty < 0 || ty >= 2 * TY_ANNOUNCED || number >= TY_END)
        return NULL;
    return by_ty[ty > TY_ANNOUNCED][number];
}

const struct rtype *rtype_by_key(const char *key)
{
    call_once(&built, build);
    return index_find(&by_key, 0, key);
}

/* The variant of `type` with this value of its selector. */
static const struct rtype *variant_of(const struct rtype *type, const char *value)
{
    const struct rtype *variant = value ? index_find(&by_selected, type->ty, value) : NULL;

    return variant ? variant : type;
}

const struct rtype *rtype_of(int ty, const json_t *attrs)
{
    const struct rtype *type = rtype_by_ty(ty);
    const json_t *value;
    char number[24];

    if (!type || !type->selector)
        return type;
    value = json_object_get(attrs, type->selector);
    if (!json_is_integer(value))
        return variant_of(type, json_string_value(value));
    snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return variant_of(type, number);
}

bool rtype_child_allowed(const struct rtype *parent, int ty)
{
    for (const int *child = parent->children; *child; child++)
        if (*child == ty)
            return true;
    return false;
}

const struct rtype *rtype_instance(const struct rtype *parent)
{
    const struct rtype *type = NULL, *variant = NULL;

    for (const int *child = parent->children; *child && !(type && type->instance); child++)
        type = rtype_by_ty(*child);
    if (!type || !type->instance)
        return NULL;
    if (parent->selected) {
        auto_free char *key = xasprintf("%sInst", parent->key);

        variant = rtype_by_key(key);
    }
    return variant ? variant : type;
}

const struct attr *rtype_attr(const struct rtype *type, const char *name)
{
    for (const struct attr *attr = type->attrs; attr->name; attr++)
        if (strcmp(attr->name, name) == 0)
            return attr;
    return NULL;
}

const struct attr_default *rtype_default(const struct rtype *type, const char *name)
{
    for (const struct attr_default *given = type->defaults; given && given->name; given++)
        if (strcmp(given->name, name) == 0)
            return given;
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
