#include "rule.h"

#include "address.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "primitive.h"
#include "rsc.h"

enum { ACTIVE = 1 };

bool rule_is_active(const json_t *rule)
{
    return json_int(rule, "srs", 0) == ACTIVE;
}

int rule_event_type(const json_t *event)
{
    return (int)json_int(event, "evt", DATA_OPERATION);
}

int64_t rule_end(const json_t *event)
{
    const char *eve = json_str(event, "eve");
    int64_t ms;

    return rule_event_type(event) == TIMER_BASED && eve && clock_parse(eve, &ms) == 0 ? ms : 0;
}

/* An absent list has them all. */
static bool has_number(const json_t *list, int number)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        if (json_integer_value(entry) == number)
            return true;
    }
    return json_array_size(list) == 0;
}

static bool has_entity(const json_t *list, const char *fr)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        auto_free char *stem = json_is_string(entry) ? address_originator(json_string_value(entry)) : NULL;

        if (stem && strcmp(stem, fr) == 0)
            return true;
    }
    return json_array_size(list) == 0;
}

/* By resource id or path, in any form that means one of this CSE. */
static bool is_target(const char *address, const struct usage *u)
{
    struct address a;
    char why[64];
    bool same;

    if (address_parse(&a, address, why, sizeof why) < 0)
        return false;
    same = a.hosted && ((u->ri && strcmp(a.local, u->ri) == 0) || (u->path && strcmp(a.local, u->path) == 0));
    address_done(&a);
    return same;
}

static bool has_target(const json_t *list, const struct usage *u)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        if (json_is_string(entry) && is_target(json_string_value(entry), u))
            return true;
    }
    return json_array_size(list) == 0;
}

/* collectPeriod; absent: always. */
static bool is_open(const json_t *period, int64_t at)
{
    const json_t *entries = json_object_get(period, "sce"), *entry;
    size_t i;

    json_array_foreach(entries, i, entry)
    {
        if (json_is_string(entry) && clock_schedule_matches(json_string_value(entry), at))
            return true;
    }
    return json_array_size(entries) == 0;
}

static bool is_within(const json_t *event, int64_t at)
{
    const char *evs = json_str(event, "evs"), *eve = json_str(event, "eve");
    int64_t ms;

    return !(evs && clock_parse(evs, &ms) == 0 && at < ms) && !(eve && clock_parse(eve, &ms) == 0 && at >= ms);
}

/* A request that has put content here. */
static bool has_stored(const struct usage *u)
{
    return (u->op == OP_CREATE || u->op == OP_UPDATE) && rsc_is_success(u->rsc);
}

bool rule_collects(const json_t *rule, const json_t *event, const struct usage *u)
{
    if (!rule_is_active(rule) || !has_entity(json_object_get(rule, "cdi"), u->fr) || !is_open(json_object_get(rule, "cp"), u->at))
        return false;
    if (!event)
        return true;
    return is_within(event, u->at) && has_number(json_object_get(event, "opt"), u->op) &&
           has_number(json_object_get(event, "erts"), u->ty) && has_target(json_object_get(event, "eris"), u) &&
           (rule_event_type(event) != STORAGE_BASED || has_stored(u));
}
