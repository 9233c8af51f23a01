#include "result.h"

#include "clock.h"
#include "json.h"
#include "mem.h"
#include "primitive.h"

enum { TY_REQUEST = 17, ASYNCH = 2, COMPLETED = 1, FAILED = 2, MAX_MEMBERS = 64 };

static struct slice member(struct slice object, const char *name)
{
    struct json_member members[MAX_MEMBERS];
    int count = json_members(object.p, object.n, members, MAX_MEMBERS);

    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, name))
            return members[i].value;
    return (struct slice){NULL, 0};
}

static json_t *read_member(struct slice object, const char *name)
{
    struct slice raw = member(object, name);

    return raw.n > 0 ? json_loadb(raw.p, raw.n, JSON_DECODE_ANY, NULL) : NULL;
}

/* The targets named, or the originator if none are; nobody unless the request is asynchronous. */
static json_t *targets_of(struct slice a)
{
    json_auto_t *rt = read_member(member(a, "mi"), "rt"), *org = read_member(a, "org");
    json_t *nu = json_object_get(rt, "nu");

    if (json_int(rt, "rtv", 0) != ASYNCH)
        return NULL;
    return nu ? json_incref(nu) : json_pack("[O]", org);
}

bool result_read(struct result *result, const struct event *event)
{
    struct slice a, ors;
    json_auto_t *rs = NULL, *et = NULL;
    int64_t status;

    *result = (struct result){NULL, STR_EMPTY, 0};
    if (event->kind != EVENT_RESOURCE || event->ty != TY_REQUEST || event->op != OP_UPDATE)
        return false;
    a = member(event->rep, "m2m:req");
    rs = read_member(a, "rs");
    ors = member(a, "ors");
    status = json_integer_value(rs);
    if ((status != COMPLETED && status != FAILED) || ors.n == 0)
        return false;
    et = read_member(a, "et");
    if (!json_is_string(et) || clock_parse(json_string_value(et), &result->until) < 0)
        result->until = 0;
    result->targets = targets_of(a);
    str_puts(&result->content, "{\"m2m:rsp\":");
    str_add(&result->content, ors.p, ors.n);
    str_putc(&result->content, '}');
    if (json_array_size(result->targets) > 0)
        return true;
    result_done(result);
    return false;
}

void result_done(struct result *result)
{
    json_decref(result->targets);
    str_done(&result->content);
    *result = (struct result){NULL, STR_EMPTY, 0};
}
