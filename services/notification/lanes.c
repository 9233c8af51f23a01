#include "lanes.h"

#include "clock.h"
#include "count.h"
#include "cse.h"
#include "deliver.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "pending.h"
#include "recent.h"
#include "route.h"
#include "store.h"

#include <sys/random.h>

enum {
    SWEEP_MS = 10000,
    LANE_IDLE_MS = 60000,
    CACHE_IDLE_MS = 600000,
    RETRY_MS = 1000,
    CROWDED = 32,
    QUESTION_MAX = 200,
    TY_SUBSCRIPTION = 23
};

struct cached {
    struct table_entry entry; /* key = sub->ri */
    struct subscription *sub;
    int64_t used_at;
};

static struct table lanes, cache;
static struct limits *limits;
static int64_t total_max, total;
static int64_t lane_max; /* `limits->memory` as it was set */
static struct loop_timer *sweep, *kick, *retry;
static void (*restored)(void);
static unsigned generation; /* grows with lanes_forget(): answers of before are not heard */

static struct metric results =
    METRIC_COUNTER("tessera_notifications_total", "Notifications by what became of them", "result", "binding");
static struct metric by_state = METRIC_GAUGE("tessera_notification_lanes", "Targets of subscriptions by state", "state");
static struct metric pending = METRIC_GAUGE("tessera_notifications_pending", "Notifications not delivered yet", "where");
static struct metric oldest =
    METRIC_GAUGE("tessera_notification_oldest_seconds", "Age of the oldest notification that waits in storage", NULL);
static struct metric seconds = METRIC_HISTOGRAM("tessera_notification_delivery_seconds",
                                                "Time from the event to the delivery of its notification", metric_seconds, NULL);

/* ---- lane_ops ------------------------------------------------------------------------------------------------------- */

static uint32_t random_number(void)
{
    uint32_t number = 0;

    return getrandom(&number, sizeof number, GRND_NONBLOCK) == sizeof number ? number : 0;
}

static void on_wake(void *context)
{
    lane_pump(context);
}

static void wake(struct lane *lane, int64_t ms)
{
    if (!lane->timer)
        lane->timer = loop_timer_new(on_wake, lane);
    loop_timer_start(lane->timer, ms, 0);
}

static void log_end(const struct lane *lane, const struct note *note, enum note_end end, int64_t ms)
{
    const char *event = end == END_DELIVERED ? "notify.delivered" : end == END_REFUSED ? "notify.refused" : "notify.dropped";

    if (end == END_DELIVERED || end == END_STORED || end == END_DUPLICATE || end == END_SUPERSEDED)
        log_debug(event, "rqi=%s sub=%s target=%s end=%s ms=%lld trace=%s", note->rqi, lane->ri, lane->target,
                  note_end_names[end], (long long)ms, note->trace);
    else
        log_info(event, "rqi=%s sub=%s target=%s end=%s ms=%lld trace=%s", note->rqi, lane->ri, lane->target, note_end_names[end],
                 (long long)ms, note->trace);
}

static void ended(struct lane *lane, const struct note *note, enum note_end end)
{
    int64_t ms = clock_now_ms() - note->at;

    if (note->source || !note->kept) {
        total--;
        recent_add(note->rqi);
    }
    metric_add(&results, note->count, note_end_names[end], deliver_binding(lane));
    if (end == END_DELIVERED)
        metric_observe(&seconds, (double)(ms > 0 ? ms : 0) / 1000, NULL);
    log_end(lane, note, end, ms);
}

static void flown(struct lane *lane, const struct note *note, enum outcome outcome)
{
    count_flown(lane, note, outcome);
}

static void mode(struct lane *lane, bool stored, const char *why)
{
    if (stored && (lane->facts.failures > 0 || strcmp(why, "slow") == 0)) {
        lane->troubled = true;
        log_info("lane.spilled", "sub=%s target=%s why=%s queued=%d", lane->ri, lane->target, why, lane->facts.queued);
    } else if (!stored && lane->troubled) {
        lane->troubled = false;
        log_info("lane.recovered", "sub=%s target=%s", lane->ri, lane->target);
    }
}

static const struct lane_ops ops = {
    .now = clock_now_ms,
    .random = random_number,
    .wake = wake,
    .send = deliver_send,
    .store = pending_store,
    .read = pending_read,
    .remove = pending_remove,
    .admit = count_admit,
    .ended = ended,
    .flown = flown,
    .mode = mode,
};

/* ---- coming and going ----------------------------------------------------------------------------------------------- */

static void free_dead(struct lane *lane)
{
    loop_timer_free(lane->timer);
    lane_free(lane);
}

/* Out of the table now, out of memory when nobody will answer to it any more. */
static void lane_forget(struct lane *lane)
{
    table_remove(&lanes, &lane->entry);
    lane->dead = true;
    if (lane->timer)
        loop_timer_stop(lane->timer);
    if (lane->calls == 0)
        free_dead(lane);
}

bool lanes_answered(struct lane *lane)
{
    lane->calls--;
    if (!lane->dead)
        return true;
    if (lane->calls == 0)
        free_dead(lane);
    return false;
}

static struct lane *lane_find(const char *ri, const char *target)
{
    static struct str name;

    str_reset(&name);
    str_puts(&name, ri);
    str_putc(&name, ' ');
    str_puts(&name, target);
    return (struct lane *)table_find(&lanes, name.data);
}

static struct lane *lane_make(const char *ri, const char *target)
{
    struct lane *lane = lane_find(ri, target);

    if (!lane) {
        lane = lane_new(ri, target, &ops, limits);
        table_insert(&lanes, &lane->entry);
    }
    return lane;
}

struct lane *lanes_get(struct subscription *sub, const char *target)
{
    struct lane *lane = lane_make(sub->ri, target);

    lane_set_subscription(lane, sub);
    return lane;
}

void lanes_add(struct lane *lane, struct note *note, bool final)
{
    total++;
    limits->memory = total > total_max && lane_max > CROWDED ? CROWDED : lane_max;
    lane_add(lane, note, final);
}

static void retry_polled(struct table_entry *entry, void *context)
{
    struct lane *lane = (struct lane *)entry;

    if (lane->channel == *(const uint64_t *)context && lane->facts.failures > 0)
        lane_retry(lane);
}

void lanes_polled(const char *channel_url)
{
    uint64_t channel = table_hash(channel_url);

    table_each(&lanes, retry_polled, &channel);
}

struct subscription *lanes_subscription(const struct event_sub *event)
{
    auto_free char *ri = xstrndup(event->ri.p, event->ri.n);
    struct cached *cached = (struct cached *)table_find(&cache, ri);
    struct subscription *sub;

    if (cached && subscription_same(cached->sub, event)) {
        cached->used_at = clock_now_ms();
        return cached->sub;
    }
    sub = subscription_new(event);
    if (!sub)
        return NULL;
    if (cached) {
        table_remove(&cache, &cached->entry);
        subscription_unref(cached->sub);
    } else {
        cached = xcalloc(1, sizeof *cached);
    }
    cached->sub = sub;
    cached->entry.key = sub->ri;
    cached->used_at = clock_now_ms();
    table_insert(&cache, &cached->entry);
    return sub;
}

struct subscription *lanes_results(void)
{
    static struct subscription *nobody;

    if (!nobody)
        nobody = subscription_from(cse_ri(), cse_name(), json_object(), NULL);
    return nobody;
}

static void sweep_lane(struct table_entry *entry, void *context)
{
    struct lane *lane = (struct lane *)entry;
    int64_t now = *(int64_t *)context, window = lane->sub ? lane->sub->policy.rate_window : 0;

    if (lane_at_rest(lane) && (!lane->facts.stored || lane->facts.kept == 0 || lane->facts.gone) &&
        now - lane->used_at > LANE_IDLE_MS && now - lane->facts.window_at > window)
        lane_forget(lane);
}

static void cached_free(struct cached *cached)
{
    table_remove(&cache, &cached->entry);
    subscription_unref(cached->sub);
    free(cached);
}

static void sweep_cached(struct table_entry *entry, void *context)
{
    struct cached *cached = (struct cached *)entry;

    if (*(int64_t *)context - cached->used_at > CACHE_IDLE_MS)
        cached_free(cached);
}

static void on_sweep(void *context)
{
    int64_t now = clock_now_ms();

    (void)context;
    table_each(&lanes, sweep_lane, &now);
    table_each(&cache, sweep_cached, &now);
    route_sweep(clock_mono_us() / 1000);
}

/* ---- the expiration counter ----------------------------------------------------------------------------------------- */

static void unblock_one(struct table_entry *entry, void *context)
{
    struct lane *lane = (struct lane *)entry;

    (void)context;
    if (lane->facts.blocked)
        lane_unblock(lane);
}

static void on_kick(void *context)
{
    (void)context;
    table_each(&lanes, unblock_one, NULL);
}

/* Later: the lane that caused it is still at work. */
static void counter_changed(const char *ri)
{
    (void)ri;
    loop_timer_start(kick, 0, 0);
}

struct unsettled {
    const char *ri;
    bool found;
};

static void look_unsettled(struct table_entry *entry, void *context)
{
    struct lane *lane = (struct lane *)entry;
    struct unsettled *u = context;

    if (strcmp(lane->ri, u->ri) == 0 && (lane->queue.count > 0 || lane->flight.count > 0 || lane->storing.count > 0))
        u->found = true;
}

static bool counter_settled(const char *ri)
{
    struct unsettled u = {ri, false};

    table_each(&lanes, look_unsettled, &u);
    return !u.found;
}

/* ---- restoring ------------------------------------------------------------------------------------------------------ */

static void restore_lane(const char *ri, const char *target, int64_t count, int64_t first_at)
{
    lane_restore(lane_make(ri, target), count, first_at);
}

/* A question to storage about subscriptions. */
struct question {
    unsigned generation;
    json_t *records; /* ri -> its record; null before the answer, and when there is none */
};

static void add_unknown(struct table_entry *entry, void *context)
{
    struct lane *lane = (struct lane *)entry;
    struct question *q = context;

    if (!lane->sub && json_object_size(q->records) < QUESTION_MAX)
        json_object_set_new(q->records, lane->ri, json_null());
}

/* What has no subscription any more was deleted by storage, too. */
static void learn(struct table_entry *entry, void *context)
{
    struct lane *lane = (struct lane *)entry;
    const struct question *q = context;
    const json_t *record = lane->sub ? NULL : json_object_get(q->records, lane->ri);
    struct subscription *sub;

    if (!record)
        return;
    if (!json_str(record, "path")) {
        lane_forget(lane);
        return;
    }
    if (strcmp(lane->ri, cse_ri()) == 0)
        sub = subscription_ref(lanes_results());
    else
        sub = subscription_from(lane->ri, json_str(record, "path"), json_incref(json_object_get(record, "a")),
                                json_incref(json_object_get(record, "sched")));
    lane_set_subscription(lane, sub);
    subscription_unref(sub);
    lane_pump(lane);
}

static void question_free(struct question *q)
{
    json_decref(q->records);
    free(q);
}

static void ask_unknown(void);

static void on_records(void *context, enum store_status st, const struct envelope *reply)
{
    struct question *q = context;
    json_auto_t *list = st == STORE_OK ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;
    bool heard = q->generation == generation;
    const json_t *record;
    size_t i;

    json_array_foreach(list, i, record)
    {
        if (json_str(record, "ri"))
            json_object_set(q->records, json_str(record, "ri"), (json_t *)record);
    }
    if (heard && list)
        table_each(&lanes, learn, q);
    question_free(q);
    if (heard && list)
        ask_unknown();
    else if (heard)
        loop_timer_start(retry, RETRY_MS, 0);
}

static void ask_unknown(void)
{
    auto_str struct str head = STR_EMPTY, list = STR_EMPTY;
    struct question *q = xmalloc(sizeof *q);
    const char *ri;
    json_t *unknown;

    *q = (struct question){generation, json_object()};
    table_each(&lanes, add_unknown, q);
    json_object_foreach(q->records, ri, unknown)
    {
        str_putc(&list, list.len ? ',' : '[');
        str_json(&list, ri);
    }
    if (list.len == 0) {
        question_free(q);
        return;
    }
    str_putc(&list, ']');
    store_begin(&head, "records");
    if (store_send(&head, list.data, list.len, on_records, q) < 0) {
        question_free(q);
        loop_timer_start(retry, RETRY_MS, 0);
    }
}

static void on_summary(bool ok)
{
    void (*ready)(void) = restored;

    if (!ready)
        return;
    if (!ok) {
        loop_timer_start(retry, RETRY_MS, 0);
        return;
    }
    restored = NULL;
    log_info("lanes.restored", "count=%zu", lanes.count);
    ask_unknown();
    ready();
}

static void on_retry(void *context)
{
    (void)context;
    if (restored)
        pending_summary(restore_lane, on_summary);
    else
        ask_unknown();
}

void lanes_restore(void (*ready)(void))
{
    restored = ready;
    pending_summary(restore_lane, on_summary);
}

/* ---- schedules ------------------------------------------------------------------------------------------------------ */

/* A subscription whose schedule has changed. */
struct rescheduled {
    unsigned generation;
    char *ri;
    struct subscription *sub;
    struct loop_timer *retry;
};

static void rescheduled_free(struct rescheduled *r)
{
    subscription_unref(r->sub);
    loop_timer_free(r->retry);
    free(r->ri);
    free(r);
}

static void reschedule_one(struct table_entry *entry, void *context)
{
    struct lane *lane = (struct lane *)entry;
    const struct rescheduled *r = context;

    if (strcmp(lane->ri, r->ri) != 0)
        return;
    lane_set_subscription(lane, r->sub);
    lane_pump(lane);
}

static void on_rescheduled(void *context, enum store_status st, const struct envelope *reply)
{
    struct rescheduled *r = context;
    json_auto_t *list = st == STORE_OK ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;
    const json_t *record = json_array_get(list, 0);

    if (r->generation == generation && st == STORE_FAILED) {
        loop_timer_start(r->retry, RETRY_MS, 0);
        return;
    }
    if (r->generation == generation && json_int(record, "ty", 0) == TY_SUBSCRIPTION && json_str(record, "path")) {
        r->sub = subscription_from(r->ri, json_str(record, "path"), json_incref(json_object_get(record, "a")),
                                   json_incref(json_object_get(record, "sched")));
        table_each(&lanes, reschedule_one, r);
    }
    rescheduled_free(r);
}

static void ask_rescheduled(void *context)
{
    struct rescheduled *r = context;

    if (r->generation != generation)
        rescheduled_free(r);
    else if (store_record(r->ri, NULL, on_rescheduled, r) < 0)
        loop_timer_start(r->retry, RETRY_MS, 0);
}

void lanes_reschedule(const char *ri)
{
    struct rescheduled *r = xcalloc(1, sizeof *r);

    r->generation = generation;
    r->ri = xstrdup(ri);
    r->retry = loop_timer_new(ask_rescheduled, r);
    ask_rescheduled(r);
}

static void forget_one(struct table_entry *entry, void *context)
{
    struct lane *lane = (struct lane *)entry;

    (void)context;
    notes_clear(&lane->queue);
    notes_clear(&lane->storing);
    notes_clear(&lane->flight);
    lane_forget(lane);
}

void lanes_forget(void)
{
    generation++;
    restored = NULL;
    loop_timer_stop(retry);
    table_each(&lanes, forget_one, NULL);
    total = 0;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------ */

static void busy_one(struct table_entry *entry, void *context)
{
    const struct lane *lane = (const struct lane *)entry;
    const struct note *flying = lane->flight.head;
    /* What flies out of storage is waited for only as long as it takes usually: it can come again. */
    bool flight = flying && (!flying->kept || clock_now_ms() - lane->facts.flight_at < limits->patience);

    if (flight || lane->queue.count > 0 || lane->storing.count > 0 || lane->facts.busy)
        *(bool *)context = true;
}

bool lanes_drain(void)
{
    bool busy = false;

    limits->ending = true;
    table_each(&lanes, busy_one, &busy);
    return !busy;
}

struct sums {
    int64_t direct, stored, kept, first_at;
};

static void sum_one(struct table_entry *entry, void *context)
{
    const struct lane *lane = (const struct lane *)entry;
    struct sums *s = context;

    if (!lane->facts.stored) {
        s->direct++;
        return;
    }
    s->stored++;
    s->kept += lane->facts.kept;
    if (lane->facts.kept > 0 && lane->oldest_at > 0 && (s->first_at == 0 || lane->oldest_at < s->first_at))
        s->first_at = lane->oldest_at;
}

static void on_render(void)
{
    struct sums s = {0, 0, 0, 0};
    int64_t now = clock_now_ms();

    table_each(&lanes, sum_one, &s);
    metric_set(&by_state, (double)s.direct, "direct");
    metric_set(&by_state, (double)s.stored, "stored");
    metric_set(&pending, (double)total, "memory");
    metric_set(&pending, (double)s.kept, "storage");
    metric_set(&oldest, s.first_at > 0 && now > s.first_at ? (double)(now - s.first_at) / 1000 : 0, NULL);
}

void lanes_init(struct limits *l, int64_t max)
{
    limits = l;
    total_max = max;
    lane_max = l->memory;
    sweep = loop_timer_new(on_sweep, NULL);
    kick = loop_timer_new(on_kick, NULL);
    retry = loop_timer_new(on_retry, NULL);
    loop_timer_start(sweep, SWEEP_MS, SWEEP_MS);
    count_init(counter_changed, counter_settled);
    metrics_on_render(on_render);
}
