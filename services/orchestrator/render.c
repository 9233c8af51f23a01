#include "render.h"

#include "json.h"
#include "mem.h"

enum { ATTRIBUTES_MAX = 256 };

void render_debug(struct str *out, const char *text)
{
    str_puts(out, "{\"m2m:dbg\":");
    str_json(out, text);
    str_putc(out, '}');
}

static void open_resource(struct str *out, const struct rtype *type)
{
    str_puts(out, "{\"");
    str_puts(out, type->key);
    str_puts(out, "\":");
}

void render_resource(struct str *out, const struct rtype *type, const json_t *a)
{
    json_auto_t *shown = json_copy((json_t *)a);
    const char *name;
    json_t *value;
    void *next;

    json_object_foreach_safe(shown, next, name, value) if (rtype_attr_is_own(name)) json_object_del(shown, name);
    open_resource(out, type);
    json_write(out, shown);
    str_putc(out, '}');
}

void render_uri(struct str *out, const char *uri)
{
    str_puts(out, "{\"m2m:uri\":");
    str_json(out, uri);
    str_putc(out, '}');
}

void render_resource_uri(struct str *out, struct slice rep, const char *uri)
{
    while (rep.n > 0 && rep.p[rep.n - 1] != '}')
        rep.n--;
    if (rep.n == 0)
        return;
    str_puts(out, "{\"m2m:rce\":");
    str_add(out, rep.p, rep.n - 1);
    str_puts(out, ",\"uri\":");
    str_json(out, uri);
    str_puts(out, "}}");
}

struct slice render_inside(struct slice rep)
{
    struct json_member outer;

    if (json_members(rep.p, rep.n, &outer, 1) != 1 || *outer.value.p != '{')
        return (struct slice){NULL, 0};
    return outer.value;
}

static bool is_listed(struct slice name, const json_t *names)
{
    size_t i;
    json_t *listed;

    json_array_foreach(names, i, listed) if (json_is_string(listed) && slice_is(name, json_string_value(listed))) return true;
    return false;
}

bool render_some_inside(struct str *out, struct slice attributes, const json_t *names)
{
    struct json_member members[ATTRIBUTES_MAX];
    int count = json_members(attributes.p, attributes.n, members, ARRAY_LEN(members));
    const char *separator = "";

    if (count < 0)
        return false;
    str_putc(out, '{');
    for (int i = 0; i < count; i++) {
        if (!is_listed(members[i].name, names))
            continue;
        str_puts(out, separator);
        str_putc(out, '"');
        str_add(out, members[i].name.p, members[i].name.n);
        str_puts(out, "\":");
        str_add(out, members[i].value.p, members[i].value.n);
        separator = ",";
    }
    str_putc(out, '}');
    return true;
}

bool render_some(struct str *out, struct slice rep, const json_t *names)
{
    struct json_member outer;
    size_t start = out->len;

    if (json_members(rep.p, rep.n, &outer, 1) != 1)
        return false;
    str_puts(out, "{\"");
    str_add(out, outer.name.p, outer.name.n);
    str_puts(out, "\":");
    if (!render_some_inside(out, outer.value, names)) {
        out->len = start;
        return false;
    }
    str_putc(out, '}');
    return true;
}

/* What the originator takes for the value: what it asked for, or else what was there. */
static const json_t *expected(const char *name, const json_t *before, const json_t *asked)
{
    const json_t *wanted = json_object_get(asked, name);

    return wanted ? wanted : json_object_get(before, name);
}

void render_modified(struct str *out, const struct rtype *type, const json_t *after, const json_t *before, const json_t *asked)
{
    json_auto_t *told = json_object();
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)after, name, value) if (!json_equal(value, expected(name, before, asked)))
        json_object_set(told, name, value);
    json_object_foreach((json_t *)before, name,
                        value) if (!json_object_get(after, name) && !json_is_null(json_object_get(asked, name)))
        json_object_set_new(told, name, json_null());
    if (json_object_size(told) > 0)
        render_resource(out, type, told);
}
