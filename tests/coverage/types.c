/* Prints what the program's own tables say as JSON: the resource types, and what requests may ask for. For
 * tests/coverage/generate. */
#include "types/types.h"
#include "attr.h"
#include "mem.h"
#include "rtype.h"

#include <stdio.h>

/* Adds the names below a complex type, as "acco.acip.ipv4". */
static void add_members(json_t *names, const struct attr *attrs, const char *prefix)
{
    char name[200];

    for (; attrs->name; attrs++) {
        snprintf(name, sizeof name, "%s%s", prefix, attrs->name);
        if ((attrs->kind & ~LIST) != OBJECT) {
            json_array_append_new(names, json_string(name));
            continue;
        }
        snprintf(name, sizeof name, "%s%s.", prefix, attrs->name);
        add_members(names, attrs->detail, name);
    }
}

static json_t *members(const struct attr *attrs)
{
    json_t *names = json_array();

    add_members(names, attrs, "");
    return names;
}

static json_t *own_attributes(const struct rtype *type)
{
    json_t *names = json_array();

    for (const struct attr *attr = type->attrs; attr->name; attr++) {
        if (!rtype_attr_is_own(attr->name))
            json_array_append_new(names, json_string(attr->name));
    }
    return names;
}

static json_t *values(const int *list)
{
    json_t *names = json_array();

    for (; *list >= 0; list++)
        json_array_append_new(names, json_sprintf("%d", *list));
    return names;
}

static json_t *texts(const char *const *list)
{
    json_t *names = json_array();

    for (; list && *list; list++)
        json_array_append_new(names, json_string(*list));
    return names;
}

static json_t *describe(const struct rtype *type)
{
    return json_pack("{si ss ss ss sb sb sb sb sb so so}", "ty", type->ty, "name", type->name, "sn", type->sn, "key", type->key,
                     "create", type->create, "update", type->update, "del", type->del, "in_only", type->in_only, "announceable",
                     type->announceable, "virtuals", texts(type->virtuals), "attributes", own_attributes(type));
}

int main(void)
{
    json_t *types = json_array(), *variants = json_array();

    for (const struct rtype *const *type = rtype_all(); *type; type++)
        json_array_append_new(types, describe(*type));
    for (const struct rtype *const *type = rtype_variants(); *type; type++)
        json_array_append_new(variants, describe(*type));
    json_auto_t *all =
        json_pack("{so so so so so so so so}", "types", types, "variants", variants, "filter", members(filter_criteria), "event",
                  members(event_criteria), "rule", members(set_of_acrs[0].detail), "net", values(enum_notification_event), "nct",
                  values(enum_notification_content), "rcn", values(enum_result_content));

    json_dumpf(all, stdout, JSON_INDENT(1));
    return 0;
}
