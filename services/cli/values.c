#include "values.h"

#include "attr.h"
#include "json.h"
#include "kind.h"
#include "near.h"
#include "typename.h"

#include <errno.h>

#include "mem.h"

#define NAME_MAX_LENGTH 64

/* ---- names ---- */

static const struct attr *find(const struct attr *attrs, const char *name, struct near *near)
{
    for (; attrs && attrs->name; attrs++) {
        if (strcmp(attrs->name, name) == 0)
            return attrs;
        if (!rtype_attr_is_own(attrs->name))
            near_try(near, attrs->name);
    }
    return NULL;
}

static void list_names(const struct attr *attrs, bool update, char *why, size_t why_size)
{
    for (; attrs && attrs->name; attrs++) {
        size_t len = strlen(why);

        if ((update ? attrs->update : attrs->create) != NP && !rtype_attr_is_own(attrs->name))
            snprintf(why + len, why_size - len, " %s", attrs->name);
    }
}

/* ---- values ---- */

/* A whole number, or a decimal one; NULL when it is neither. */
static json_t *number(const char *text, bool whole)
{
    char *end;
    long long n;
    double d;

    errno = 0;
    n = strtoll(text, &end, 10);
    if (*text && !*end && !errno && *text != ' ' && *text != '+')
        return json_integer(n);
    if (whole || !strchr("-0123456789", *text))
        return NULL;
    d = strtod(text, &end);
    return *text && !*end && strspn(text, "+-.0123456789eE") == strlen(text) ? json_real(d) : NULL;
}

static json_t *boolean(const char *text)
{
    static const char *const words[] = {"false", "true", "no", "yes", "0", "1"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(text, words[i]) == 0)
            return json_boolean(i % 2);
    return NULL;
}

/* Any JSON value, which jansson takes within a list only. */
static json_t *as_json(const char *text)
{
    auto_free char *wrapped = xasprintf("[%s]", text);
    char why[128];
    json_auto_t *list_of_one = json_parse(wrapped, strlen(wrapped), why, sizeof why);

    return json_array_size(list_of_one) == 1 ? json_incref(json_array_get(list_of_one, 0)) : NULL;
}

/* A value of no fixed kind: JSON if it is some, else a text. */
static json_t *any(const char *text)
{
    json_t *value = as_json(text);

    return value ? value : json_string(text);
}

/* One value of a simple kind; NULL when the text cannot be one. */
static json_t *scalar(int kind, const char *text)
{
    switch (kind) {
    case BOOL:
        return boolean(text);
    case UINT:
    case POSINT:
    case INT:
    case ENUM:
    case MASK:
    case EVENTCAT:
        return number(text, true);
    case FLOAT:
        return number(text, false);
    case OBJECT:
        return as_json(text);
    case ANY:
        return any(text);
    default:
        return json_string(text);
    }
}

/* "a,b,c": of simple kinds. Of objects, or as it begins with '[', JSON. */
static json_t *list(int kind, const char *text)
{
    json_t *values;

    if (*text == '[' || kind == OBJECT)
        return as_json(text);
    values = json_array();
    for (const char *p = text;;) {
        size_t len = strcspn(p, ",");
        auto_free char *one = xstrndup(p, len);

        if (json_array_append_new(values, scalar(kind, one)) < 0) {
            json_decref(values);
            return NULL;
        }
        if (!p[len])
            return values;
        p += len + 1;
    }
}

static json_t *typed(const struct attr *attr, const char *text, char *why, size_t why_size)
{
    json_t *value = attr->kind & LIST ? list(attr->kind & ~LIST, text) : scalar(attr->kind, text);

    if (!value)
        snprintf(why, why_size, "%s: \"%.200s\" is not %s%s", attr->name, text, attr->kind & LIST ? "a list; each is " : "",
                 (attr->kind & ~LIST) == OBJECT ? "JSON" : kind_name(attr->kind & ~LIST));
    return value;
}

/* ---- a word ---- */

/* Where a dotted name leads: the object that holds the last part, made on the way. NULL with `why`. */
static json_t *descend(const struct attr **attrs, json_t *object, char *name, const char **last, char *why, size_t why_size)
{
    *last = name;
    for (char *dot; (dot = strchr(*last, '.')); *last = dot + 1) {
        struct near near;
        const struct attr *attr;
        json_t *inner;

        *dot = '\0';
        near_start_short(&near, *last);
        attr = find(*attrs, *last, &near);
        if (!attr || attr->kind != OBJECT) {
            snprintf(why, why_size, "%s: %s", *last,
                     attr ? "no object with members of its own; give it as JSON" : "no such attribute");
            return NULL;
        }
        inner = json_object_get(object, *last);
        if (!json_is_object(inner)) {
            inner = json_object();
            json_object_set_new(object, *last, inner);
        }
        object = inner;
        *attrs = attr->detail;
    }
    return object;
}

static void unknown(const struct rtype *type, const struct attr *attrs, bool update, const struct near *near, char *why,
                    size_t why_size)
{
    snprintf(why, why_size, "%s: no attribute of %s", near->word, typename_short(type));
    if (near->best) {
        snprintf(why + strlen(why), why_size - strlen(why), "; did you mean %s?", near->best);
    } else {
        snprintf(why + strlen(why), why_size - strlen(why), "; there are");
        list_names(attrs, update, why, why_size);
    }
}

int values_set(const struct rtype *type, bool update, json_t *attrs, const char *word, char *why, size_t why_size)
{
    const char *equals = strchr(word, '=');
    bool raw = equals && equals > word && equals[-1] == ':';
    size_t len = equals ? (size_t)(equals - word) - raw : 0;
    auto_free char *name = xstrndup(word, len);
    const struct attr *table = type->attrs, *attr;
    const char *last;
    json_t *object, *value;
    struct near near;

    if (len == 0 || len > NAME_MAX_LENGTH) {
        snprintf(why, why_size, "\"%.80s\": expected name=value", word);
        return -1;
    }
    if (!(object = descend(&table, attrs, name, &last, why, why_size)))
        return -1;
    near_start_short(&near, last);
    attr = find(table, last, &near);
    if (!attr) {
        unknown(type, table, update, &near, why, why_size);
        return -1;
    }
    if (table == type->attrs && (update ? attr->update : attr->create) == NP) {
        snprintf(why, why_size, "%s: %s", last, update ? "cannot be changed" : "is given by the CSE");
        return -1;
    }
    if (raw && !(value = as_json(equals + 1)))
        snprintf(why, why_size, "%s: \"%.200s\" is not JSON", last, equals + 1);
    else if (!raw)
        value = update && !equals[1] ? json_null() : typed(attr, equals + 1, why, why_size);
    if (!value)
        return -1;
    json_object_set_new(object, last, value);
    return 0;
}

/* Each value against its row: what the CSE would say, said before it is asked. */
static int check(const struct rtype *type, const json_t *attrs, char *why, size_t why_size)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)attrs, name, value)
    {
        const struct attr *attr = rtype_attr(type, name);

        if (attr && !json_is_null(value) && !attr_value_ok(attr, value, why, why_size))
            return -1;
    }
    return 0;
}

/* The attributes of a JSON text, with or without a root key. NULL with `why`. */
static json_t *from_json(const struct rtype *type, const char *json, size_t len, char *why, size_t why_size)
{
    json_t *value = json_parse(json, len, why, why_size), *inner;

    if (value && !json_is_object(value)) {
        snprintf(why, why_size, "the JSON text is no object");
        json_decref(value);
        return NULL;
    }
    inner = json_object_get(value, type->key);
    if (!json_is_object(inner))
        return value;
    json_incref(inner);
    json_decref(value);
    return inner;
}

/* What a variant is chosen by is said by the type already. */
static void select_variant(const struct rtype *type, json_t *attrs)
{
    char *end;
    long number;

    if (!type->selected || !*type->selected || json_object_get(attrs, type->selector))
        return;
    number = strtol(type->selected, &end, 10);
    json_object_set_new(attrs, type->selector, *end ? json_string(type->selected) : json_integer(number));
}

json_t *values_representation(const struct rtype *type, bool update, const char *json, size_t len, char *const *words, char *why,
                              size_t why_size)
{
    json_t *attrs = json ? from_json(type, json, len, why, why_size) : json_object();

    if (!attrs)
        return NULL;
    for (; *words; words++) {
        if (values_set(type, update, attrs, *words, why, why_size) < 0) {
            json_decref(attrs);
            return NULL;
        }
    }
    if (!update)
        select_variant(type, attrs);
    if (!json && check(type, attrs, why, why_size) < 0) {
        json_decref(attrs);
        return NULL;
    }
    return json_pack("{s:o}", type->key, attrs);
}
