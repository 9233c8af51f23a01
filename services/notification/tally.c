#include "tally.h"

#include "json.h"
#include "mem.h"

static void forget_targets(struct tally *t)
{
    for (int i = 0; i < t->count; i++)
        free(t->targets[i].target);
    free(t->targets);
    t->targets = NULL;
    t->count = 0;
}

void tally_done(struct tally *t)
{
    forget_targets(t);
}

static struct tally_target *target_get(struct tally *t, const char *target)
{
    for (int i = 0; i < t->count; i++)
        if (strcmp(t->targets[i].target, target) == 0)
            return &t->targets[i];
    t->targets = xrealloc(t->targets, (size_t)(t->count + 1) * sizeof *t->targets);
    t->targets[t->count] = (struct tally_target){xstrdup(target), 0, 0, 0};
    return &t->targets[t->count++];
}

/* On top of the events that came while this was asked for. */
static void load_stats(struct tally *t, const json_t *nsi)
{
    const json_t *one;
    size_t i;

    json_array_foreach(nsi, i, one)
    {
        const char *target = json_str(one, "tg");
        struct tally_target *entry = target ? target_get(t, target) : NULL;

        if (!entry)
            continue;
        entry->requests += json_int(one, "rqs", 0);
        entry->responses += json_int(one, "rsr", 0);
        entry->events += json_int(one, "noec", 0);
    }
}

/* From false to true begins with zero, from true to false freezes what is written. */
static void restart(struct tally *t, bool stats)
{
    forget_targets(t);
    t->stats = t->stats_new = stats;
}

void tally_load(struct tally *t, const json_t *a)
{
    int64_t exc = json_int(a, "exc", TALLY_UNLIMITED);
    bool stats = json_is_true(json_object_get(a, "nse"));

    /* What we have counted down and not written yet stays counted, unless the subscriber has set a new value. */
    if (!t->ready || exc != t->saved)
        t->left = exc;
    t->saved = exc;
    if (!t->ready && stats)
        load_stats(t, json_object_get(a, "nsi"));
    if (t->ready && stats != t->stats) {
        restart(t, stats);
    } else if (!t->ready) {
        t->stats_new = stats && t->count > 0;
        t->stats = stats;
    }
    t->ready = true;
}

void tally_statistics(struct tally *t, const json_t *a)
{
    const json_t *nsi = json_object_get(a, "nsi");
    bool stats = json_is_true(json_object_get(a, "nse"));
    bool anew = json_is_array(nsi) && json_array_size(nsi) == 0; /* off and on again, and no event between */

    if (t->ready && (stats != t->stats || (stats && anew)))
        restart(t, stats);
}

static struct tally_event *find(struct tally *t, uint64_t event)
{
    for (int i = 0; i < TALLY_EVENTS; i++)
        if (t->events[i].event == event && (t->events[i].flying > 0 || t->events[i].counted))
            return &t->events[i];
    return NULL;
}

/* A place for another event: free, or of the event counted longest ago; NULL when all are on their way. */
static struct tally_event *place(struct tally *t)
{
    for (int i = 0; i < TALLY_EVENTS; i++) {
        struct tally_event *e = &t->events[(t->next + i) % TALLY_EVENTS];

        if (e->flying > 0)
            continue;
        t->next = (t->next + i + 1) % TALLY_EVENTS;
        return e;
    }
    return NULL;
}

static int on_their_way(const struct tally *t)
{
    int count = 0;

    for (int i = 0; i < TALLY_EVENTS; i++)
        count += t->events[i].flying > 0 && !t->events[i].counted;
    return count;
}

enum admission tally_admit(struct tally *t, uint64_t event)
{
    struct tally_event *e;

    if (!t->ready)
        return ADMIT_LATER;
    if (t->left == TALLY_UNLIMITED)
        return ADMIT;
    e = find(t, event);
    if (!e) {
        if (t->left <= 0)
            return ADMIT_NEVER;
        e = on_their_way(t) < t->left ? place(t) : NULL;
        if (!e)
            return ADMIT_LATER;
        *e = (struct tally_event){event, 0, false};
    }
    e->flying++;
    return ADMIT;
}

static void count_target(struct tally *t, const char *target, enum outcome outcome)
{
    struct tally_target *entry = target_get(t, target);

    entry->requests++;
    entry->responses += outcome == OUTCOME_DELIVERED || outcome == OUTCOME_REFUSED;
    t->stats_new = true;
}

void tally_flown(struct tally *t, const char *target, uint64_t event, enum outcome outcome)
{
    struct tally_event *e = find(t, event);

    if (t->stats && outcome != OUTCOME_NONE)
        count_target(t, target, outcome);
    if (!e)
        return;
    if (e->flying > 0)
        e->flying--;
    if (outcome == OUTCOME_DELIVERED && !e->counted) {
        e->counted = true;
        if (t->left > 0)
            t->left--;
    }
}

void tally_event(struct tally *t, const char *target)
{
    if (t->ready && !t->stats)
        return;
    target_get(t, target)->events++;
    t->stats_new = t->stats;
}

bool tally_exhausted(const struct tally *t)
{
    return t->ready && t->left == 0;
}

bool tally_flying(const struct tally *t)
{
    for (int i = 0; i < TALLY_EVENTS; i++)
        if (t->events[i].flying > 0)
            return true;
    return false;
}

void tally_write(struct str *out, const struct tally *t)
{
    char separator = '{';

    if (t->left != TALLY_UNLIMITED) {
        str_addf(out, "{\"exc\":%lld", (long long)t->left);
        separator = ',';
    }
    if (t->stats_new) {
        str_addf(out, "%c\"nsi\":[", separator);
        separator = ',';
        for (int i = 0; i < t->count; i++) {
            const struct tally_target *one = &t->targets[i];

            str_puts(out, i > 0 ? ",{\"tg\":" : "{\"tg\":");
            str_json(out, one->target);
            str_addf(out, ",\"rqs\":%lld,\"rsr\":%lld,\"noec\":%lld}", (long long)one->requests, (long long)one->responses,
                     (long long)one->events);
        }
        str_putc(out, ']');
    }
    str_puts(out, separator == '{' ? "{}" : "}");
}
