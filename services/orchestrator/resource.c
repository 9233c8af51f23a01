/* A resource in memory: made from a record of storage (docs/contracts.md), counted, never changed. */
#include "access.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "snapshot.h"

/* Only its address counts. */
struct resource resource_absent = {.refs = 1};

static int64_t expiry(const json_t *a)
{
    const char *text = json_str(a, "et");
    int64_t ms;

    return text && clock_parse(text, &ms) == 0 ? ms : INT64_MAX;
}

/* A specialization that is no longer known is a flexContainer still. */
const struct rtype *resource_type(const json_t *record)
{
    const char *key = json_str(record, "key");
    const struct rtype *type = key ? rtype_by_key(key) : NULL;

    return type ? type : rtype_of((int)json_int(record, "ty", 0), json_object_get(record, "a"));
}

struct resource *resource_new(const json_t *record)
{
    const char *ri = json_str(record, "ri");
    const char *pi = json_str(record, "pi");
    const char *path = json_str(record, "path");
    const char *by = json_str(record, "by");
    json_t *a = json_object_get(record, "a");
    const struct rtype *type = resource_type(record);
    struct resource *r;

    if (!ri || !pi || !path || !type || !json_is_object(a))
        return NULL;
    r = xcalloc(1, sizeof(*r));
    r->refs = 1;
    r->ri = xstrdup(ri);
    r->pi = xstrdup(pi);
    r->path = xstrdup(path);
    r->by = by ? xstrdup(by) : NULL;
    r->type = type;
    r->v = json_int(record, "v", 0);
    r->subs = (uint32_t)json_int(record, "subs", 0);
    r->et = expiry(a);
    r->a = json_incref(a);
    return r;
}

/* As glibc and jansson 2.14 take it on 64 bits; a change of theirs makes a bound a little less exact. */
static size_t json_size(const json_t *value)
{
    const json_t *member;
    const char *name;
    size_t i, size = 32;

    switch (json_typeof(value)) {
    case JSON_OBJECT:
        size = 240;
        json_object_foreach((json_t *)value, name, member) size += 80 + strlen(name) + json_size(member);
        break;
    case JSON_ARRAY:
        size = 128;
        json_array_foreach(value, i, member) size += 8 + json_size(member);
        break;
    case JSON_STRING:
        size = 72 + json_string_length(value);
        break;
    default:
        break;
    }
    return size;
}

size_t resource_size(const struct resource *r)
{
    return 256 + strlen(r->path) + json_size(r->a);
}

struct packed_resource *resource_pack(const struct resource *r)
{
    const char *const parts[] = {r->ri, r->path, r->pi, r->by ? r->by : ""};
    auto_str struct str text = STR_EMPTY;
    struct packed_resource *p;
    size_t start;

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        str_add(&text, parts[i], strlen(parts[i]) + 1);
    start = text.len;
    json_write(&text, r->a);
    p = xmalloc(sizeof(*p) + text.len + 1);
    *p = (struct packed_resource){r->type, r->v, r->subs, r->et, r->by != NULL, text.len - start, strlen(r->ri) + 1};
    memcpy(p->text, text.data, text.len + 1);
    return p;
}

struct resource *resource_unpack(const struct packed_resource *p)
{
    const char *path = p->text + p->path, *pi = path + strlen(path) + 1, *by = pi + strlen(pi) + 1;
    struct resource *r = xcalloc(1, sizeof(*r));

    r->refs = 1;
    r->ri = xstrdup(p->text);
    r->pi = xstrdup(pi);
    r->path = xstrdup(path);
    r->by = p->by ? xstrdup(by) : NULL;
    r->type = p->type;
    r->v = p->v;
    r->subs = p->subs;
    r->et = p->et;
    r->a = json_loadb(by + strlen(by) + 1, p->a_len, JSON_ALLOW_NUL, NULL);
    return r;
}

struct resource *resource_ref(struct resource *r)
{
    r->refs++;
    return r;
}

void resource_free(struct resource *r)
{
    if (!r || r == &resource_absent || --r->refs > 0)
        return;
    free(r->ri);
    free(r->pi);
    free(r->path);
    free(r->by);
    json_decref(r->a);
    acl_free(r->pv);
    acl_free(r->pvs);
    free(r);
}
