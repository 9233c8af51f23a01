/* A resource in memory: made from a record of storage (docs/contracts.md), counted, never changed. */
#include "access.h"
#include "json.h"
#include "mem.h"
#include "snapshot.h"

/* Only its address counts. */
struct resource resource_absent = {.refs = 1};

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
    r->a = json_incref(a);
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
