#include "mashups.h"

#include "bus.h"
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "primitive.h"
#include "store.h"
#include "subjects.h"
#include "table.h"

/* m2m:mashupResultGenType */
enum { PERIODICALLY = 3, ON_CHANGE };

enum { TIMER_MAX_MS = 86400000, PERIOD_MIN_MS = 1000, ANSWER_MS = 20000 };

struct held {
    struct held *next;
    struct source *source;
};

struct mash {
    struct table_entry entry; /* key = ri */
    char *ri;
    json_t *subjects;      /* ids of members that are looked at */
    int64_t phase, period; /* made at phase + n * period, which a restart does not change; 0 = not periodically */
    int64_t due;
    struct loop_timer *timer;
    bool busy, again;        /* a result is being made; another one is to follow */
    struct held *now, *next; /* events that this one answers; that the next one will */
};

/* A request under way. It outlives the instance, and what is learnt of it anew. */
struct asking {
    char *ri;
    unsigned age;
};

static struct table all;
static unsigned age; /* of all that is known: forgotten with it */

static struct metric made_total =
    METRIC_COUNTER("tessera_timing_mashups_total", "Mashup results asked for, by response status", "rsc");

static struct mash *find(const char *ri)
{
    return (struct mash *)table_find(&all, ri);
}

static void release(struct held **list)
{
    while (*list) {
        struct held *next = (*list)->next;

        source_release((*list)->source);
        free(*list);
        *list = next;
    }
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

static void start(struct mash *m);

static void on_made(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct asking *asking = context;
    struct mash *m = asking->age == age ? find(asking->ri) : NULL;
    int64_t rsc = failure == BUS_OK && reply ? envelope_int(reply, "rsc", 0) : 0;
    char text[16];

    snprintf(text, sizeof text, "%lld", (long long)rsc);
    metric_add(&made_total, 1, text);
    log_info("mashup.made", "mashup=%s rsc=%s", asking->ri, text);
    free(asking->ri);
    free(asking);
    if (!m)
        return;
    m->busy = false;
    release(&m->now);
    if (m->again)
        start(m);
}

static void start(struct mash *m)
{
    auto_free char *to = xasprintf("%s/msp", m->ri);
    auto_str struct str head = STR_EMPTY;
    struct asking *asking;
    char rqi[ID_SIZE];

    m->again = m->busy;
    if (m->busy)
        return;
    m->now = m->next;
    m->next = NULL;
    id_random("msp", rqi);
    head_str(&head, "tenant", STORE_TENANT);
    head_int(&head, "op", OP_RETRIEVE);
    head_str(&head, "to", to);
    head_str(&head, "fr", cse_id());
    head_str(&head, "rqi", rqi);
    head_str(&head, "rvi", cse_release_answered(NULL));
    asking = xcalloc(1, sizeof *asking);
    asking->ri = xstrdup(m->ri);
    asking->age = age;
    m->busy = true;
    if (bus_send("orchestrator", &head, "", 0, clock_now_ms() + ANSWER_MS, on_made, asking) < 0)
        on_made(asking, NULL, BUS_LOST);
}

void mashups_on_member(const char *ri, struct source *source)
{
    struct mash *m = find(ri);
    struct held *held;

    if (!m)
        return;
    held = xcalloc(1, sizeof *held);
    held->source = source_hold(source);
    held->next = m->next;
    m->next = held;
    start(m);
}

/* ---- periods -------------------------------------------------------------------------------------------------------- */

static void schedule(struct mash *m)
{
    int64_t now = clock_now_ms(), since = now - m->phase, wait;

    m->due = m->phase + (since < 0 ? 0 : since / m->period + 1) * m->period;
    wait = m->due - now;
    loop_timer_start(m->timer, wait > TIMER_MAX_MS ? TIMER_MAX_MS : wait, 0);
}

static void on_timer(void *context)
{
    struct mash *m = context;

    if (clock_now_ms() >= m->due)
        start(m);
    schedule(m);
}

static bool generates(const json_t *a, int when)
{
    const json_t *rgt = json_object_get(a, "rgt"), *one;
    size_t i;

    if (json_is_integer(rgt))
        return json_integer_value(rgt) == when;
    json_array_foreach(rgt, i, one)
    {
        if (json_integer_value(one) == when)
            return true;
    }
    return false;
}

static void set_timer(struct mash *m, const json_t *a)
{
    const char *period = json_str(a, "prg"), *lt = json_str(a, "lt");

    m->period = 0;
    if (m->timer)
        loop_timer_stop(m->timer);
    if (!generates(a, PERIODICALLY) || !period || clock_parse_duration(period, &m->period) < 0 || !lt ||
        clock_parse(lt, &m->phase) < 0) {
        m->period = 0;
        return;
    }
    if (m->period < PERIOD_MIN_MS)
        m->period = PERIOD_MIN_MS;
    if (!m->timer)
        m->timer = loop_timer_new(on_timer, m);
    schedule(m);
}

/* ---- members -------------------------------------------------------------------------------------------------------- */

static void drop_subjects(struct mash *m)
{
    const json_t *subject;
    size_t i;

    json_array_foreach(m->subjects, i, subject)
    {
        subjects_remove(json_string_value(subject), USER_MASHUP, m->ri);
    }
    json_decref(m->subjects);
    m->subjects = json_array();
}

/* Members are kept as "/id-in/ID" where they are resources of this CSE. NULL: it is none. */
static const char *id_of(const char *uri)
{
    size_t len = strlen(cse_id());
    const char *ri = uri && strncmp(uri, cse_id(), len) == 0 && uri[len] == '/' ? uri + len + 1 : NULL;

    return ri && *ri && !strchr(ri, '/') ? ri : NULL;
}

static void look_at_members(struct mash *m, const json_t *a)
{
    const json_t *members = json_object_get(json_object_get(a, "msm"), "mmbr"), *member;
    size_t i;

    drop_subjects(m);
    json_array_foreach(members, i, member)
    {
        const char *ri = generates(a, ON_CHANGE) ? id_of(json_str(member, "muri")) : NULL;

        if (!ri)
            continue;
        subjects_add(ri, USER_MASHUP, m->ri);
        json_array_append_new(m->subjects, json_string(ri));
    }
}

/* ---- coming and going ----------------------------------------------------------------------------------------------- */

static void mash_free(struct mash *m)
{
    drop_subjects(m);
    table_remove(&all, &m->entry);
    loop_timer_free(m->timer);
    release(&m->now);
    release(&m->next);
    json_decref(m->subjects);
    free(m->ri);
    free(m);
}

void mashups_learn(const char *ri, const json_t *a)
{
    struct mash *m = find(ri);

    if (!m && !generates(a, PERIODICALLY) && !generates(a, ON_CHANGE))
        return;
    if (!m) {
        m = xcalloc(1, sizeof *m);
        m->ri = xstrdup(ri);
        m->entry.key = m->ri;
        table_insert(&all, &m->entry);
    }
    set_timer(m, a);
    look_at_members(m, a);
}

void mashups_on_change(const struct change *change, struct source *source)
{
    struct mash *m = find(change->ri);

    (void)source;
    if (change->op != OP_DELETE)
        mashups_learn(change->ri, change->a);
    else if (m)
        mash_free(m);
}

static void free_one(struct table_entry *entry, void *context)
{
    (void)context;
    mash_free((struct mash *)entry);
}

void mashups_forget(void)
{
    age++;
    table_each(&all, free_one, NULL);
}
