#include "event.h"

#include "json.h"
#include "mem.h"

#define MAX_MEMBERS 32

static const struct {
    const char *name;
    enum event_kind kind;
} kinds[] = {
    {"resource", EVENT_RESOURCE},
    {"earlier",  EVENT_RESOURCE}, /* the creation of a child before the subscription:
  preSubscriptionNotify */
    {"empty",    EVENT_EMPTY   },
    {"missing",  EVENT_MISSING },
    {"trigger",  EVENT_TRIGGER },
    {"attempt",  EVENT_ATTEMPT },
    {"relay",    EVENT_RELAY   },
    {"poll",     EVENT_POLL    },
};

static enum event_kind kind_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (name && strcmp(name, kinds[i].name) == 0)
            return kinds[i].kind;
    return EVENT_OTHER;
}

static struct slice member(const struct json_member *members, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, name))
            return members[i].value;
    return (struct slice){NULL, 0};
}

static int64_t number(struct slice raw)
{
    char text[24];

    if (raw.n == 0 || raw.n >= sizeof text || (raw.p[0] != '-' && (raw.p[0] < '0' || raw.p[0] > '9')))
        return STATE_ABSENT;
    memcpy(text, raw.p, raw.n);
    text[raw.n] = '\0';
    return strtoll(text, NULL, 10);
}

static struct slice unquoted(struct slice raw)
{
    if (raw.n < 2 || raw.p[0] != '"')
        return (struct slice){NULL, 0};
    return (struct slice){raw.p + 1, raw.n - 2};
}

static struct event_state state_read(struct slice raw)
{
    struct json_member members[MAX_MEMBERS];
    int count = raw.n ? json_members(raw.p, raw.n, members, MAX_MEMBERS) : 0;

    return (struct event_state){
        .ct = number(member(members, count, "ct")),
        .lt = number(member(members, count, "lt")),
        .et = number(member(members, count, "et")),
        .st = number(member(members, count, "st")),
        .cbs = number(member(members, count, "cbs")),
    };
}

int event_read(struct event *event, const struct envelope *e, char *why, size_t why_size)
{
    struct json_member members[MAX_MEMBERS];
    const char *path = envelope_str(e, "path");
    int count;

    memset(event, 0, sizeof *event);
    event->kind = kind_of(envelope_str(e, "event"));
    if (event->kind == EVENT_POLL)
        event->path = envelope_str(e, "url");
    if (event->kind == EVENT_POLL && !event->path)
        event->kind = EVENT_OTHER;
    if (event->kind == EVENT_POLL || event->kind == EVENT_OTHER)
        return 0;
    if (json_check(e->body, e->body_len, why, why_size) < 0)
        return -1;
    count = json_members(e->body, e->body_len, members, MAX_MEMBERS);
    if (count < 0 || !path) {
        snprintf(why, why_size, count < 0 ? "the content is no object" : "path is missing");
        return -1;
    }
    event->id = envelope_str(e, "id");
    event->path = path;
    event->pi = envelope_str(e, "pi");
    event->fr = envelope_str(e, "fr");
    event->trace = envelope_str(e, "trace");
    event->op = (int)envelope_int(e, "op", 0);
    event->ty = (int)envelope_int(e, "ty", 0);
    event->at = envelope_int(e, "at", 0);
    event->rep = member(members, count, "rep");
    event->mod = member(members, count, "mod");
    event->subs = member(members, count, "subs");
    event->self = state_read(member(members, count, "self"));
    event->parent = state_read(member(members, count, "parent"));
    return 0;
}

bool event_sub_read(struct event_sub *sub, struct slice element)
{
    struct json_member members[MAX_MEMBERS];
    int count = json_members(element.p, element.n, members, MAX_MEMBERS);

    if (count < 0)
        return false;
    sub->ri = unquoted(member(members, count, "ri"));
    sub->path = unquoted(member(members, count, "path"));
    sub->a = member(members, count, "a");
    sub->sched = member(members, count, "sched");
    sub->parent = slice_is(member(members, count, "side"), "\"parent\"");
    return sub->ri.n > 0 && sub->path.n > 0 && sub->a.n > 0;
}
