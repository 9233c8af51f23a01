#include "book.h"

#include "clock.h"
#include "envelope.h"
#include "json.h"
#include "mem.h"
#include "table.h"

enum { TALLIES_MAX = 100000 };

/* What was counted since the last record. */
struct amounts {
    int64_t requests, asked, answered;
    int64_t first, last; /* ms */
};

/* What one rule has counted of one entity. */
struct tally {
    struct table_entry entry; /* key = rule, blank, entity */
    char *key, *rule, *entity;
    struct book_sum sum;
    struct amounts since;
};

static json_t *rules, *events; /* ri -> attributes */
static struct table tallies;
static struct str records;

static void keep(json_t **map, const char *ri, const json_t *a)
{
    if (!*map)
        *map = json_object();
    if (a)
        json_object_set(*map, ri, (json_t *)a);
    else
        json_object_del(*map, ri);
}

/* ---- tallies -------------------------------------------------------------------------------------------------------- */

static void tally_free(struct table_entry *entry, void *context)
{
    struct tally *t = (struct tally *)entry;

    (void)context;
    table_remove(&tallies, entry);
    free(t->key);
    free(t->rule);
    free(t->entity);
    free(t);
}

/* NULL: there are too many. */
static struct tally *tally_of(const char *rule, const char *entity)
{
    auto_free char *key = xasprintf("%s %s", rule, entity);
    struct tally *t = (struct tally *)table_find(&tallies, key);

    if (t || tallies.count >= TALLIES_MAX)
        return t;
    t = xcalloc(1, sizeof *t);
    t->rule = xstrdup(rule);
    t->entity = xstrdup(entity);
    t->key = xstrdup(key);
    t->entry.key = t->key;
    table_insert(&tallies, &t->entry);
    return t;
}

/* ---- records -------------------------------------------------------------------------------------------------------- */

static void add_time(const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(ms, text);
    head_str(&records, name, text);
}

/* `u`: the request that a record of a data operation is about, else NULL. What it tells counts from zero again. */
static void add_record(struct tally *t, const json_t *rule, const json_t *event, const struct usage *u)
{
    str_puts(&records, "{\"sci\":");
    str_json(&records, json_str(rule, "sci") ? json_str(rule, "sci") : t->rule);
    head_str(&records, "cei", json_str(rule, "cei"));
    head_str(&records, "evi", json_str(event, "evi"));
    head_int(&records, "evt", rule_event_type(event));
    head_str(&records, "entity", t->entity);
    add_time("from", t->since.first);
    add_time("to", t->since.last);
    head_int(&records, "requests", t->since.requests);
    head_int(&records, "asked", t->since.asked);
    head_int(&records, "answered", t->since.answered);
    if (u) {
        head_int(&records, "op", u->op);
        head_str(&records, "target", u->to);
        if (u->ty > 0)
            head_int(&records, "ty", u->ty);
        head_int(&records, "rsc", u->rsc);
        head_str(&records, "rqi", u->rqi);
        head_str(&records, "id", u->id);
    }
    str_puts(&records, "}\n");
    t->since = (struct amounts){0};
}

static const json_t *event_of(const json_t *rule)
{
    const char *evi = json_str(rule, "evi");

    return evi ? json_object_get(events, evi) : NULL;
}

/* Is the record of a rule that counts on its own due? */
static bool is_due(const json_t *event, const struct amounts *since)
{
    switch (rule_event_type(event)) {
    case STORAGE_BASED:
        return since->asked >= json_int(event, "ds", 0);
    case TIMER_BASED:
        return false; /* by the clock */
    default:
        return true;
    }
}

static void count(struct tally *t, const json_t *rule, const json_t *event, const struct usage *u)
{
    bool single = rule_event_type(event) == DATA_OPERATION;

    if (u->op > 0 && u->op < BOOK_OPERATIONS)
        t->sum.requests[u->op]++;
    t->sum.asked += u->asked;
    t->sum.answered += u->answered;
    if (t->since.requests++ == 0)
        t->since.first = u->at;
    t->since.last = u->at;
    t->since.asked += u->asked;
    t->since.answered += u->answered;
    if (is_due(event, &t->since))
        add_record(t, rule, event, single ? u : NULL);
}

bool book_count(const struct usage *u)
{
    const char *ri;
    json_t *rule;
    bool counted = false;

    json_object_foreach(rules, ri, rule)
    {
        const json_t *event = event_of(rule);
        struct tally *t;

        if ((json_str(rule, "evi") && !event) || !rule_collects(rule, event, u) || !(t = tally_of(ri, u->fr)))
            continue;
        count(t, rule, event, u);
        counted = true;
    }
    return counted;
}

/* ---- what ends ------------------------------------------------------------------------------------------------------ */

static void end_tally(struct table_entry *entry, void *context)
{
    struct tally *t = (struct tally *)entry;
    const char *ri = context;
    const json_t *rule = json_object_get(rules, ri);

    if (strcmp(t->rule, ri) == 0 && t->since.requests > 0)
        add_record(t, rule, event_of(rule), NULL);
}

static void drop_tally(struct table_entry *entry, void *context)
{
    if (strcmp(((struct tally *)entry)->rule, context) == 0)
        tally_free(entry, NULL);
}

/* What was counted by other terms than from now on is told before. */
void book_rule(const char *ri, const json_t *a)
{
    const json_t *old = json_object_get(rules, ri);

    if (old && (!a || !rule_is_active(a) || json_equal(json_object_get(old, "evi"), json_object_get(a, "evi")) != 1))
        if (!a || json_object_get(old, "evi"))
            table_each(&tallies, end_tally, (void *)ri);
    if (!a)
        table_each(&tallies, drop_tally, (void *)ri);
    keep(&rules, ri, a);
}

void book_event(const char *ri, const json_t *a)
{
    const json_t *old = json_object_get(events, ri);
    const char *rule_ri;
    json_t *rule;

    json_object_foreach(rules, rule_ri, rule)
    {
        if (old && event_of(rule) == old && (!a || rule_end(a) != rule_end(old)))
            table_each(&tallies, end_tally, (void *)rule_ri);
    }
    keep(&events, ri, a);
}

void book_clock(int64_t now)
{
    const char *ri;
    json_t *rule;

    json_object_foreach(rules, ri, rule)
    {
        int64_t end = rule_end(event_of(rule));

        if (end > 0 && now >= end)
            table_each(&tallies, end_tally, (void *)ri);
    }
}

size_t book_active_rules(void)
{
    const char *ri;
    json_t *rule;
    size_t active = 0;

    json_object_foreach(rules, ri, rule)
    {
        active += rule_is_active(rule);
    }
    return active;
}

/* ---- keeping -------------------------------------------------------------------------------------------------------- */

const struct str *book_records(void)
{
    return &records;
}

void book_written(void)
{
    str_reset(&records);
}

static void save_tally(struct table_entry *entry, void *context)
{
    const struct tally *t = (const struct tally *)entry;
    struct str *out = context;

    if (out->data[out->len - 1] != '[')
        str_puts(out, ",\n");
    str_puts(out, "{\"rule\":");
    str_json(out, t->rule);
    head_str(out, "entity", t->entity);
    str_puts(out, ",\"requests\":[0");
    for (int op = 1; op < BOOK_OPERATIONS; op++)
        str_addf(out, ",%lld", (long long)t->sum.requests[op]);
    str_putc(out, ']');
    head_int(out, "asked", t->sum.asked);
    head_int(out, "answered", t->sum.answered);
    str_addf(out, ",\"since\":[%lld,%lld,%lld,%lld,%lld]}", (long long)t->since.requests, (long long)t->since.asked,
             (long long)t->since.answered, (long long)t->since.first, (long long)t->since.last);
}

void book_save(struct str *out)
{
    str_putc(out, '[');
    table_each(&tallies, save_tally, out);
    str_putc(out, ']');
}

static int64_t number_at(const json_t *list, size_t i)
{
    return json_integer_value(json_array_get(list, i));
}

void book_restore(const json_t *list)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        const char *rule = json_str(entry, "rule"), *entity = json_str(entry, "entity");
        const json_t *requests = json_object_get(entry, "requests"), *since = json_object_get(entry, "since");
        struct tally *t = rule && entity ? tally_of(rule, entity) : NULL;

        if (!t)
            continue;
        for (size_t op = 1; op < BOOK_OPERATIONS; op++)
            t->sum.requests[op] = number_at(requests, op);
        t->sum.asked = json_int(entry, "asked", 0);
        t->sum.answered = json_int(entry, "answered", 0);
        t->since = (struct amounts){number_at(since, 0), number_at(since, 1), number_at(since, 2), number_at(since, 3),
                                    number_at(since, 4)};
    }
}

static void prune_tally(struct table_entry *entry, void *context)
{
    if (!json_object_get(rules, ((struct tally *)entry)->rule))
        tally_free(entry, context);
}

void book_prune(void)
{
    table_each(&tallies, prune_tally, NULL);
}

struct summing {
    const char *rule;
    struct book_sum sum;
};

static void add_tally(struct table_entry *entry, void *context)
{
    const struct tally *t = (const struct tally *)entry;
    struct summing *s = context;

    if (strcmp(t->rule, s->rule) != 0)
        return;
    for (int op = 1; op < BOOK_OPERATIONS; op++)
        s->sum.requests[op] += t->sum.requests[op];
    s->sum.asked += t->sum.asked;
    s->sum.answered += t->sum.answered;
}

void book_sums(book_fn *fn)
{
    const char *ri;
    json_t *rule;

    json_object_foreach(rules, ri, rule)
    {
        struct summing s = {
            ri, {{0}, 0, 0}
        };

        table_each(&tallies, add_tally, &s);
        fn(ri, &s.sum);
    }
}

void book_forget(void)
{
    table_each(&tallies, tally_free, NULL);
    json_decref(rules);
    json_decref(events);
    rules = events = NULL;
    str_reset(&records);
}
