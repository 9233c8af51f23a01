/*
 * <flexContainer>, TS-0004 7.4.37: its size, and the history that it keeps as <flexContainerInstance> while fcinEnabled is
 * there. Each change is one more of them, made in the same transaction.
 */
#include "clock.h"
#include "flexcontainer.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { TY_INSTANCE = 58 };

static const char *const limits[] = {"mni", "mbs", "mia"};

/* The bytes of a text, or of anything else as JSON. */
static size_t size_of(const json_t *value)
{
    auto_str struct str text = STR_EMPTY;

    if (json_is_string(value))
        return json_string_length(value);
    json_write(&text, value);
    return text.len;
}

/* contentSize: of all custom attributes. TS-0001 9.6.35. */
static size_t content_size(const json_t *a)
{
    size_t size = 0;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)a, name, value)
    {
        if (flexcontainer_custom(name))
            size += size_of(value);
    }
    return size;
}

/* `a` as it will be. */
static enum rsc check_history(struct plan *plan, const struct rtype *type, const json_t *a, size_t size)
{
    const json_t *enabled = json_object_get(a, "fcied");

    if (json_is_true(enabled) && type->selected && !rtype_instance(type)->selected)
        return plan_refuse(plan, RSC_BAD_REQUEST, "fcied: there are no instances of a %s", type->key);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        const json_t *limit = json_object_get(a, limits[i]);

        if (limit && !enabled)
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: only with fcied", limits[i]);
        if (limit && json_integer_value(limit) == 0)
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: 0, no instance could be kept", limits[i]);
    }
    if (json_int(a, "mbs", INT64_MAX) < (int64_t)size)
        return plan_refuse(plan, RSC_BAD_REQUEST, "mbs: %lld, but the custom attributes have %zu bytes",
                           (long long)json_int(a, "mbs", 0), size);
    return RSC_OK;
}

/* maxInstanceAge in ms from now, unless the flexContainer itself ends before. */
static void add_expiry(json_t *instance, const json_t *a, int64_t now)
{
    int64_t mia = json_int(a, "mia", -1), et, limit;
    const char *text = json_str(a, "et");

    if (mia < 0 || __builtin_mul_overflow(mia, 1000, &et) || __builtin_add_overflow(et, now, &et))
        return;
    if (!text || clock_parse(text, &limit) < 0 || et < limit)
        json_object_set_new(instance, "et", json_integer(et));
}

/* The instance that keeps `a`, docs/contracts.md. NULL: none is to be kept. The caller owns it. */
static json_t *history(const struct plan *plan, const json_t *a, size_t size, int64_t now)
{
    json_t *kept = json_object(), *instance;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)a, name, value)
    {
        if (flexcontainer_custom(name) || strcmp(name, "lbl") == 0 || strcmp(name, "loc") == 0)
            json_object_set(kept, name, value);
    }
    json_object_set_new(kept, "org", json_string(plan->originator));
    instance = json_pack("{si sI so}", "ty", TY_INSTANCE, "cs", (json_int_t)size, "a", kept);
    for (size_t i = 0; i < 2; i++)
        if (json_object_get(a, limits[i]))
            json_object_set(instance, limits[i], json_object_get(a, limits[i]));
    add_expiry(instance, a, now);
    return instance;
}

enum rsc fcnt_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    size_t size = content_size(a);
    enum rsc rsc = check_history(plan, plan->type, a, size);

    (void)req;
    if (rsc != RSC_OK)
        return rsc;
    json_object_set_new(a, "cs", json_integer((json_int_t)size));
    if (json_is_true(json_object_get(a, "fcied")))
        plan->along = history(plan, a, size, snap->now);
    return RSC_OK;
}

enum rsc fcnt_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;
    json_auto_t *a = update_result(r, set, del);
    size_t size = content_size(a);
    enum rsc rsc = check_history(plan, r->type, a, size);

    (void)req;
    if (rsc != RSC_OK)
        return rsc;
    if (json_int(r->a, "cs", -1) != (int64_t)size)
        json_object_set_new(set, "cs", json_integer((json_int_t)size));
    if (json_object_get(r->a, "fcied") && !json_object_get(a, "fcied"))
        json_object_set_new(json_array_get(plan->ops, 0), "purge", json_true());
    if (json_is_true(json_object_get(a, "fcied")))
        plan->along = history(plan, a, size, snap->now);
    return RSC_OK;
}
