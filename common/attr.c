/* The checks walk a representation along its table; kinds are in kind.c, what the columns cannot say in types/. */
#include "attr.h"
#include "json.h"
#include "kind.h"
#include "mem.h"

#include <stdarg.h>
#include <stdio.h>

#define WHY_SIZE 256

/* What differs between the requests that carry a representation. */
struct rule {
    const char *request;
    enum presence (*presence)(const struct attr *attr);
    bool complete; /* mandatory attributes must be there */
    bool deletes;  /* null removes what may be absent */
};

static enum presence on_create(const struct attr *attr)
{
    return attr->create;
}

static enum presence on_update(const struct attr *attr)
{
    return attr->update;
}

static const struct rule create_rule = {"CREATE", on_create, true, false};
static const struct rule update_rule = {"UPDATE", on_update, false, true};

__attribute__((format(printf, 3, 4))) static bool refuse(char *why, size_t why_size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, why_size, format, args);
    va_end(args);
    json_ascii(why);
    return false;
}

static const struct attr *find(const struct attr *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static bool in_values(const int *values, const json_t *value)
{
    for (; *values >= 0; values++)
        if (*values == json_integer_value(value))
            return true;
    return false;
}

/* One value of the row's kind, the LIST flag aside. `where` names it: "net", or "net[1]". */
static bool element_ok(const struct attr *attr, const char *where, const json_t *value, char *why, size_t why_size)
{
    int kind = attr->kind & ~LIST;
    char inner[WHY_SIZE];

    if (kind == OBJECT && json_is_object(value)) {
        if (attr_object_ok(attr->detail, value, inner, sizeof inner))
            return true;
        return refuse(why, why_size, "%s.%s", where, inner);
    }
    if (kind == OBJECT || !kind_fits(kind, value) || (kind == ENUM && !in_values(attr->detail, value)))
        return refuse(why, why_size, "%s: not %s", where, kind_name(kind));
    return true;
}

static bool list_ok(const struct attr *attr, const json_t *list, char *why, size_t why_size)
{
    char where[64];

    if (!json_is_array(list))
        return refuse(why, why_size, "%s: not a list", attr->name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        snprintf(where, sizeof where, "%s[%zu]", attr->name, i);
        if (!element_ok(attr, where, json_array_get(list, i), why, why_size))
            return false;
    }
    return true;
}

bool attr_value_ok(const struct attr *attr, const json_t *value, char *why, size_t why_size)
{
    char inner[WHY_SIZE];

    /* Only a check of its own can want null. */
    if (json_is_null(value) && (attr->kind != ANY || !attr->check))
        return refuse(why, why_size, "%s: null is not permitted", attr->name);
    if (attr->kind & LIST) {
        if (!list_ok(attr, value, why, why_size))
            return false;
    } else if (!element_ok(attr, attr->name, value, why, why_size)) {
        return false;
    }
    if (attr->check && !attr->check(value, inner, sizeof inner))
        return refuse(why, why_size, "%s: %s", attr->name, inner);
    return true;
}

bool attr_object_ok(const struct attr *members, const json_t *object, char *why, size_t why_size)
{
    json_t *o = (json_t *)object; /* jansson's iterators want it writable, and do not write */
    const struct attr *member;

    if (!json_is_object(object))
        return refuse(why, why_size, "not an object");
    for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i)) {
        member = find(members, json_object_iter_key(i));
        if (!member)
            return refuse(why, why_size, "%.64s: unknown member", json_object_iter_key(i));
        if (!attr_value_ok(member, json_object_iter_value(i), why, why_size))
            return false;
    }
    for (member = members; member->name; member++)
        if (member->create == M && !json_object_get(object, member->name))
            return refuse(why, why_size, "%s: mandatory, missing", member->name);
    return true;
}

static bool member_ok(const struct rtype *type, const struct rule *rule, const char *name, const json_t *value, char *why,
                      size_t why_size)
{
    const struct attr *attr = rtype_attr(type, name);

    if (!attr)
        return refuse(why, why_size, "%.64s: unknown attribute of %s", name, type->name);
    if (rule->presence(attr) == NP)
        return refuse(why, why_size, "%s: not permitted in %s", name, rule->request);
    if (json_is_null(value) && rule->deletes) {
        if (attr->mult == OPT)
            return true;
        return refuse(why, why_size, "%s: mandatory, cannot be deleted", name);
    }
    return attr_value_ok(attr, value, why, why_size);
}

/* announcedAttribute names attributes whose announcement is optional, TS-0001 9.6.26.1. */
static bool announced_ok(const struct rtype *type, const json_t *names, char *why, size_t why_size)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        const struct attr *attr = rtype_attr(type, name);

        if (!attr || attr->annc != OA)
            return refuse(why, why_size, "aa[%zu]: %.64s is no attribute to be announced by choice", i, name);
    }
    return true;
}

static bool attrs_ok(const struct rtype *type, const struct rule *rule, const json_t *attrs, char *why, size_t why_size)
{
    json_t *o = (json_t *)attrs;

    if (!json_is_object(attrs))
        return refuse(why, why_size, "%s: not an object", type->key);
    for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i))
        if (!member_ok(type, rule, json_object_iter_key(i), json_object_iter_value(i), why, why_size))
            return false;
    for (const struct attr *attr = type->attrs; rule->complete && attr->name; attr++)
        if (rule->presence(attr) == M && !json_object_get(attrs, attr->name))
            return refuse(why, why_size, "%s: mandatory, missing", attr->name);
    return announced_ok(type, json_object_get(attrs, "aa"), why, why_size);
}

enum rsc attr_check_create(const struct rtype *type, const json_t *attrs, char *why, size_t why_size)
{
    return attrs_ok(type, &create_rule, attrs, why, why_size) ? RSC_OK : RSC_BAD_REQUEST;
}

enum rsc attr_check_update(const struct rtype *type, const json_t *attrs, char *why, size_t why_size)
{
    return attrs_ok(type, &update_rule, attrs, why, why_size) ? RSC_OK : RSC_BAD_REQUEST;
}
