#include "count.h"

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
#include "tally.h"

enum { TICK_MS = 1000, SETTLE_MS = 100, DELETE_MS = 10000, IDLE_MS = 600000 };

struct counter {
    struct table_entry entry; /* key = sub->ri */
    struct tally tally;
    struct subscription *sub; /* as the latest event brought it */
    bool stale;               /* to be loaded */
    bool loading, saving, deleting;
    unsigned saves, saves_at_load;
    bool deleted; /* exhausted and deleted: a tombstone for events that are still on their way here */
    int64_t used_at;
};

static struct table counters;
static struct loop_timer *tick, *settle;
static void (*on_change)(const char *ri);
static bool (*is_settled)(const char *ri);

static struct metric exhausted_total =
    METRIC_COUNTER("tessera_notification_exhausted_total", "Subscriptions deleted because exc was used up", NULL);

static struct counter *find(const char *ri)
{
    return (struct counter *)table_find(&counters, ri);
}

/* Answers come for a name, as the counter may be gone by then. */
static struct counter *take(void *name)
{
    auto_free char *ri = name;

    return find(ri);
}

/* ---- deletion ------------------------------------------------------------------------------------------------------- */

static void on_deleted(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct counter *counter = take(context);
    int64_t rsc = failure == BUS_OK ? envelope_int(reply, "rsc", 0) : 0;

    if (!counter)
        return;
    counter->deleting = false;
    counter->deleted = rsc == RSC_DELETED || rsc == RSC_NOT_FOUND;
    if (counter->deleted) {
        metric_add(&exhausted_total, 1, NULL);
        log_info("subscription.exhausted", "sub=%s", counter->sub->ri);
    } else {
        log_warn("subscription.undeleted", "sub=%s rsc=%d", counter->sub->ri, (int)rsc);
    }
}

/* Through the orchestrator, as the CSE itself: access rights, events and sud are its business. */
static void delete_subscription(struct counter *counter)
{
    static const char identity[] = "{\"by\":\"internal\",\"name\":\"notification\"}";
    auto_str struct str head = STR_EMPTY;
    int64_t deadline = clock_now_ms() + DELETE_MS;
    char rqi[ID_SIZE];
    char *ri = xstrdup(counter->sub->ri);

    id_random("n", rqi);
    head_str(&head, "tenant", STORE_TENANT);
    head_raw(&head, "identity", identity, sizeof identity - 1);
    head_int(&head, "op", OP_DELETE);
    head_str(&head, "to", ri);
    head_str(&head, "fr", cse_id());
    head_str(&head, "rqi", rqi);
    head_str(&head, "rvi", "3");
    counter->deleting = true;
    if (bus_send("orchestrator", &head, "", 0, deadline, on_deleted, ri) < 0) {
        counter->deleting = false;
        free(ri);
    }
}

/* ---- what storage has ----------------------------------------------------------------------------------------------- */

static bool unsaved(const struct counter *counter)
{
    return counter->tally.ready && (counter->tally.left != counter->tally.saved || counter->tally.stats_new);
}

static void save(struct counter *counter);

static void on_saved(void *context, enum store_status st, const struct envelope *reply)
{
    struct counter *counter = take(context);

    (void)reply;
    if (!counter)
        return;
    counter->saving = false;
    /* Refused: the subscription is gone. Failed: the next tick tries again, as `saved` is reset. */
    if (st == STORE_FAILED)
        counter->tally.saved = TALLY_UNLIMITED - 1;
    else if (counter->tally.left != counter->tally.saved)
        save(counter);
    if (tally_exhausted(&counter->tally))
        loop_timer_start(settle, 0, SETTLE_MS);
}

static void save(struct counter *counter)
{
    auto_str struct str head = STR_EMPTY, body = STR_EMPTY;
    char *ri;
    char key[ID_SIZE];

    if (counter->saving || counter->deleted)
        return;
    id_random("count", key);
    store_begin(&head, "commit");
    head_str(&head, "key", key);
    head_int(&head, "at", clock_now_ms());
    head_str(&head, "fr", cse_id());
    str_puts(&body, "{\"ops\":[{\"op\":\"count\",\"ri\":");
    str_json(&body, counter->sub->ri);
    str_puts(&body, ",\"set\":");
    tally_write(&body, &counter->tally);
    str_puts(&body, "}]}");
    ri = xstrdup(counter->sub->ri);
    if (store_send(&head, body.data, body.len, on_saved, ri) < 0) {
        free(ri);
        return;
    }
    counter->saving = true;
    counter->saves++;
    counter->tally.saved = counter->tally.left;
    counter->tally.stats_new = false;
}

static void load(struct counter *counter);

static void on_loaded(void *context, enum store_status st, const struct envelope *reply)
{
    struct counter *counter = take(context);
    json_auto_t *list = st == STORE_OK ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;
    const json_t *a = json_object_get(json_array_get(list, 0), "a");

    if (!counter)
        return;
    counter->loading = false;
    if (!list) /* the tick asks again */
        return;
    if (counter->saving || counter->saves != counter->saves_at_load) { /* who came first? */
        load(counter);
        return;
    }
    counter->stale = false;
    /* Gone: then its last notifications are told with what the event said. */
    tally_load(&counter->tally, a ? a : counter->sub->a);
    if (tally_exhausted(&counter->tally))
        loop_timer_start(settle, 0, SETTLE_MS);
    on_change(counter->sub->ri);
}

static void load(struct counter *counter)
{
    char *ri = xstrdup(counter->sub->ri);

    counter->saves_at_load = counter->saves;
    if (store_record(ri, NULL, on_loaded, ri) == 0)
        counter->loading = true;
    else
        free(ri);
}

/* ---- the clock ------------------------------------------------------------------------------------------------------ */

static void counter_free(struct counter *counter)
{
    table_remove(&counters, &counter->entry);
    tally_done(&counter->tally);
    subscription_unref(counter->sub);
    free(counter);
}

static void tick_one(struct table_entry *entry, void *context)
{
    struct counter *counter = (struct counter *)entry;

    (void)context;
    if ((!counter->tally.ready || counter->stale) && !counter->loading)
        load(counter);
    if (unsaved(counter))
        save(counter);
    if (!counter->loading && !counter->saving && !counter->deleting && !unsaved(counter) && counter->tally.ready &&
        !tally_flying(&counter->tally) && clock_mono_us() / 1000 - counter->used_at > IDLE_MS)
        counter_free(counter);
}

static void on_tick(void *context)
{
    (void)context;
    table_each(&counters, tick_one, NULL);
    loop_timer_start(settle, 0, SETTLE_MS); /* deletions that failed */
}

static void settle_one(struct table_entry *entry, void *context)
{
    struct counter *counter = (struct counter *)entry;
    bool *more = context;

    if (!tally_exhausted(&counter->tally) || counter->deleted || counter->deleting)
        return;
    if (!unsaved(counter) && !counter->saving && !tally_flying(&counter->tally) && is_settled(counter->sub->ri))
        delete_subscription(counter);
    else
        *more = true;
}

static void on_settle(void *context)
{
    bool more = false;

    (void)context;
    table_each(&counters, settle_one, &more);
    if (!more)
        loop_timer_stop(settle);
}

/* ---- from outside --------------------------------------------------------------------------------------------------- */

void count_init(void (*changed)(const char *ri), bool (*settled)(const char *ri))
{
    on_change = changed;
    is_settled = settled;
    tick = loop_timer_new(on_tick, NULL);
    settle = loop_timer_new(on_settle, NULL);
    loop_timer_start(tick, TICK_MS, TICK_MS);
}

void count_subscription(struct subscription *sub)
{
    struct counter *counter = find(sub->ri);

    if (!counter && !sub->counts)
        return;
    if (!counter) {
        counter = xcalloc(1, sizeof *counter);
        counter->sub = subscription_ref(sub);
        counter->entry.key = sub->ri;
        counter->used_at = clock_mono_us() / 1000;
        table_insert(&counters, &counter->entry);
        load(counter);
        return;
    }
    counter->used_at = clock_mono_us() / 1000;
    if (counter->sub == sub || strcmp(counter->sub->lt, sub->lt) >= 0) /* text order is time order */
        return;
    counter->entry.key = sub->ri; /* the same text in another place */
    subscription_unref(counter->sub);
    counter->sub = subscription_ref(sub);
    counter->stale = true;
    tally_statistics(&counter->tally, sub->a);
    if (!counter->loading)
        load(counter);
}

void count_event(const char *ri, const char *target)
{
    struct counter *counter = find(ri);

    if (counter)
        tally_event(&counter->tally, target);
}

enum admission count_admit(struct lane *lane, const struct note *note)
{
    struct counter *counter = lane->sub->counts ? find(lane->ri) : NULL;

    if (!lane->sub->counts || note->uncounted)
        return ADMIT;
    if (!counter) { /* out of storage, before any event brought the subscription */
        count_subscription(lane->sub);
        return ADMIT_LATER;
    }
    return counter->deleted ? ADMIT_NEVER : tally_admit(&counter->tally, note->event);
}

void count_flown(struct lane *lane, const struct note *note, enum outcome outcome)
{
    struct counter *counter = lane->sub->counts ? find(lane->ri) : NULL;

    if (!counter || note->uncounted)
        return;
    tally_flown(&counter->tally, lane->target, note->event, outcome);
    counter->used_at = clock_mono_us() / 1000;
    if (counter->tally.left != counter->tally.saved)
        save(counter);
    if (counter->tally.left != TALLY_UNLIMITED)
        on_change(lane->ri);
}

static void flush_one(struct table_entry *entry, void *context)
{
    struct counter *counter = (struct counter *)entry;
    bool *clean = context;

    if (unsaved(counter))
        save(counter);
    if (counter->saving || unsaved(counter))
        *clean = false;
}

bool count_flush(void)
{
    bool clean = true;

    table_each(&counters, flush_one, &clean);
    return clean;
}

static void forget_one(struct table_entry *entry, void *context)
{
    (void)context;
    counter_free((struct counter *)entry);
}

void count_forget(void)
{
    table_each(&counters, forget_one, NULL);
}
