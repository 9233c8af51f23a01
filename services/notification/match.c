#include "match.h"

#include "advanced_query.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "primitive.h"
#include "wildcard.h"

#define TYPE_SUBSCRIPTION 23
#define TYPE_SCHEDULE 18

enum filter_operation { FILTER_AND = 1, FILTER_OR = 2, FILTER_XOR = 3 };

/* Half-open ranges, TS-0004 7.3.3.17: cra <= ct < crb, stb <= st < sts and so on. */
static const struct condition {
    const char *name;
    size_t offset; /* of the state's member */
    bool time;     /* the criterion is a timestamp, else a number */
    bool below;    /* holds when the state is less than the criterion, else when it is not */
} conditions[] = {
    {"crb", offsetof(struct event_state, ct),  true,  true },
    {"cra", offsetof(struct event_state, ct),  true,  false},
    {"us",  offsetof(struct event_state, lt),  true,  true },
    {"ms",  offsetof(struct event_state, lt),  true,  false},
    {"exb", offsetof(struct event_state, et),  true,  true },
    {"exa", offsetof(struct event_state, et),  true,  false},
    {"sts", offsetof(struct event_state, st),  false, true },
    {"stb", offsetof(struct event_state, st),  false, false},
    {"szb", offsetof(struct event_state, cbs), false, true },
    {"sza", offsetof(struct event_state, cbs), false, false},
};

/* Columns: operation, its bit in m2m:accessControlOperations. */
static const unsigned operation_bits[] = {
    [OP_CREATE] = 1, [OP_RETRIEVE] = 2, [OP_UPDATE] = 4, [OP_DELETE] = 8, [OP_NOTIFY] = 16,
};

static bool condition_holds(const struct condition *c, const json_t *criterion, const struct event_state *state)
{
    int64_t is = *(const int64_t *)((const char *)state + c->offset), limit;

    if (c->time) {
        if (!json_is_string(criterion) || clock_parse(json_string_value(criterion), &limit) < 0)
            return false;
    } else {
        if (!json_is_integer(criterion))
            return false;
        limit = json_integer_value(criterion);
    }
    if (is == STATE_ABSENT) /* what has no expiration time outlives every moment; nothing else can be said */
        return c->offset == offsetof(struct event_state, et) && !c->below;
    return c->below ? is < limit : is >= limit;
}

/* advancedQuery: of what the notification is about, the resource itself or the child. */
static bool query_holds(const json_t *enc, const struct event *event)
{
    char ignored[160];
    struct advanced_query *query = advanced_query_of(enc, ignored, sizeof ignored);
    json_auto_t *rep = query && event->rep.n > 0 ? json_loadb(event->rep.p, event->rep.n, 0, NULL) : NULL;
    const json_t *a = json_object_iter_value(json_object_iter(rep));
    bool holds = query && a && advanced_query_matches(query, a);

    advanced_query_free(query);
    return holds;
}

static bool conditions_hold(const json_t *enc, const struct event_state *state, const struct event *event)
{
    int64_t fo = json_int(enc, "fo", FILTER_AND);
    int given = 0, held = 0;

    for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
        const json_t *criterion = json_object_get(enc, conditions[i].name);

        if (!criterion)
            continue;
        given++;
        held += condition_holds(&conditions[i], criterion, state);
    }
    if (json_object_get(enc, "aq")) {
        given++;
        held += query_holds(enc, event);
    }
    if (given == 0)
        return true;
    if (fo == FILTER_OR)
        return held > 0;
    if (fo == FILTER_XOR)
        return held % 2 == 1;
    return held == given;
}

static bool attribute_changed(struct slice mod, const char *name)
{
    struct slice one;
    size_t len = strlen(name);

    while (json_next_element(&mod, &one))
        if (one.n == len + 2 && memcmp(one.p + 1, name, len) == 0)
            return true;
    return false;
}

/* atr: any of them; no list means every change. */
static bool attributes_match(const json_t *atr, struct slice mod)
{
    const json_t *name;
    size_t i;

    if (json_array_size(atr) == 0)
        return true;
    json_array_foreach(atr, i, name)
    {
        if (json_is_string(name) && attribute_changed(mod, json_string_value(name)))
            return true;
    }
    return false;
}

static bool type_matches(const json_t *chty, int ty)
{
    const json_t *one;
    size_t i;

    if (json_array_size(chty) == 0)
        return true;
    json_array_foreach(chty, i, one)
    {
        if (json_is_integer(one) && json_integer_value(one) == ty)
            return true;
    }
    return false;
}

static bool monitor_entry_matches(const json_t *entry, const struct event *event)
{
    const json_t *ops = json_object_get(entry, "ops");
    const char *originator = json_str(entry, "or");
    unsigned bit = event->op > 0 && event->op < (int)ARRAY_LEN(operation_bits) ? operation_bits[event->op] : 0;

    if (!json_is_object(entry) || (json_is_integer(ops) && !((unsigned)json_integer_value(ops) & bit)))
        return false;
    return !originator || wildcard_match(originator, event->fr ? event->fr : "", false);
}

static bool monitors(const json_t *om, const struct event *event)
{
    const json_t *entry;
    size_t i;

    if (json_is_object(om))
        return monitor_entry_matches(om, event);
    json_array_foreach(om, i, entry)
    {
        if (monitor_entry_matches(entry, event))
            return true;
    }
    return false;
}

static enum net net_of(const struct event *event, bool parent)
{
    static const struct {
        int op;
        bool parent;
        enum net net;
    } nets[] = {
        {OP_UPDATE, false, NET_UPDATE      },
        {OP_DELETE, false, NET_DELETE      },
        {OP_CREATE, true,  NET_CREATE_CHILD},
        {OP_DELETE, true,  NET_DELETE_CHILD},
    };

    if (event->kind == EVENT_EMPTY)
        return parent ? NET_NONE : NET_EMPTY;
    if (event->kind == EVENT_MISSING)
        return parent ? NET_NONE : NET_MISSING_DATA;
    if (event->kind == EVENT_TRIGGER)
        return parent ? NET_NONE : NET_TRIGGER;
    for (size_t i = 0; event->kind == EVENT_RESOURCE && i < ARRAY_LEN(nets); i++)
        if (nets[i].op == event->op && nets[i].parent == parent)
            return nets[i].net;
    return NET_NONE;
}

bool match_event(const struct event *event, const struct subscription *sub, bool parent, enum net *net)
{
    const json_t *enc = json_object_get(sub->a, "enc");

    *net = net_of(event, parent);
    if (event->kind == EVENT_RELAY)
        return true;
    if (event->kind == EVENT_ATTEMPT)
        return sub->monitors && !parent && monitors(json_object_get(enc, "om"), event) &&
               conditions_hold(enc, &event->self, event);
    if (*net == NET_NONE || !(sub->nets & 1u << *net))
        return false;
    if (*net == NET_UPDATE && !attributes_match(json_object_get(enc, "atr"), event->mod))
        return false;
    if (parent && !type_matches(json_object_get(enc, "chty"), event->ty))
        return false;
    return conditions_hold(enc, parent ? &event->parent : &event->self, event);
}

bool match_deletion(const struct event *event)
{
    return event->kind == EVENT_RESOURCE && event->op == OP_DELETE && event->ty == TYPE_SUBSCRIPTION;
}

bool match_schedule(const struct event *event)
{
    return event->kind == EVENT_RESOURCE && event->ty == TYPE_SCHEDULE && event->pi;
}
