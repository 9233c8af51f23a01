#include "change.h"

#include "active.h"
#include "json.h"
#include "mem.h"

#define MEMBERS_MAX 256

json_t *attributes_read(struct slice object)
{
    json_t *whole = json_loadb(object.p, object.n, 0, NULL), *value;
    struct json_member members[MEMBERS_MAX];
    int count;

    if (whole || (count = json_members(object.p, object.n, members, MEMBERS_MAX)) < 0)
        return whole;
    whole = json_object();
    for (int i = 0; i < count; i++) {
        value = json_loadb(members[i].value.p, members[i].value.n, JSON_DECODE_ANY, NULL);
        if (value)
            json_object_setn_new(whole, members[i].name.p, members[i].name.n, value);
    }
    return whole;
}

/* {"rep":{"m2m:cnt":{...}},"mod":[...],...} */
static int read_body(struct change *change, struct slice body, char *why, size_t why_size)
{
    struct json_member members[16], root;
    int count;

    if (json_check(body.p, body.n, why, why_size) < 0)
        return -1;
    count = json_members(body.p, body.n, members, ARRAY_LEN(members));
    if (count < 0) {
        snprintf(why, why_size, "the content is no object");
        return -1;
    }
    for (int i = 0; i < count; i++) {
        struct slice value = members[i].value;

        if (slice_is(members[i].name, "rep") && json_members(value.p, value.n, &root, 1) == 1)
            change->a = attributes_read(root.value);
        else if (slice_is(members[i].name, "mod"))
            change->mod = json_loadb(value.p, value.n, 0, NULL);
    }
    return 0;
}

int change_read(struct change *change, const struct envelope *e, char *why, size_t why_size)
{
    *change = (struct change){
        .event = envelope_str(e, "event"),
        .op = (int)envelope_int(e, "op", 0),
        .ty = (int)envelope_int(e, "ty", 0),
        .ri = envelope_str(e, "ri"),
        .pi = envelope_str(e, "pi"),
        .fr = envelope_str(e, "fr"),
        .seq = envelope_int(e, "seq", 0),
        .at = envelope_int(e, "at", 0),
        .marks = envelope_int(e, "marks", 0),
    };
    if (!change->event) {
        snprintf(why, why_size, "event is missing");
        return -1;
    }
    if (strcmp(change->event, "resource") != 0 && strcmp(change->event, "armed") != 0)
        return 0;
    if (!change->ri || !change->pi || change->ty <= 0) {
        snprintf(why, why_size, "ri, pi or ty is missing");
        return -1;
    }
    return read_body(change, (struct slice){e->body, e->body_len}, why, why_size);
}

void change_done(struct change *change)
{
    json_decref(change->a);
    json_decref(change->mod);
}

bool change_touches(const struct change *change, const char *const *names)
{
    const json_t *name;
    size_t i;

    json_array_foreach(change->mod, i, name)
    {
        for (const char *const *n = names; json_is_string(name) && *n; n++)
            if (strcmp(json_string_value(name), *n) == 0)
                return true;
    }
    return false;
}

struct source *source_new(struct bus_delivery *delivery)
{
    struct source *source = xmalloc(sizeof *source);

    *source = (struct source){1, delivery};
    return source;
}

struct source *source_hold(struct source *source)
{
    if (source)
        source->open++;
    return source;
}

void source_release(struct source *source)
{
    if (!source || --source->open > 0)
        return;
    active_done(source->delivery);
    free(source);
}
