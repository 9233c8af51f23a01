/*
 * A small world around one lane: a clock, a target, a storage, a broker that delivers again what was not acknowledged.
 * Everything takes time and can fail, on purpose or by chance.
 */
#ifndef NOTIFICATION_TEST_WORLD_H
#define NOTIFICATION_TEST_WORLD_H

#include "fixture.h"
#include "lane.h"

enum { WORLD_EVENTS = 2000, WORLD_RECEIVED = 20000 };
#define WORLD_START INT64_C(1767225600000)

enum world_job_kind { JOB_NONE, JOB_SEND, JOB_STORE, JOB_READ, JOB_REMOVE, JOB_KINDS };

struct world_kept {
    int64_t seq, at;
    char *n;
};

static struct world {
    int64_t now, wake_at;
    struct lane *lane;
    struct limits limits;
    struct subscription *sub;
    int64_t job_at[JOB_KINDS]; /* when it ends; 0 = none under way */
    int64_t job_arg;
    /* the target */
    bool up;
    int refuse; /* this one; 0 = none */
    int64_t latency;
    int received[WORLD_RECEIVED], received_count;
    int64_t received_at[WORLD_RECEIVED];
    int batches, largest_batch;
    /* storage */
    bool storage_up;
    struct world_kept kept[WORLD_EVENTS * 4];
    int kept_count;
    int64_t seq;
    /* the broker */
    int last; /* newest event */
    bool acknowledged[WORLD_EVENTS + 1];
    bool crashing;
    uint64_t numbers;
    unsigned process;
    /* chance, in per mille */
    uint32_t random;
    int lost_answers, failures;
    int ends[END_KINDS];
    enum admission admission;
} w;

static inline uint32_t world_random(void)
{
    w.random = w.random * 1664525u + 1013904223u;
    return w.random >> 8;
}

static inline bool world_chance(int per_mille)
{
    return (int)(world_random() % 1000) < per_mille;
}

static inline int64_t world_now(void)
{
    return w.now;
}

static inline void world_wake(struct lane *lane, int64_t ms)
{
    (void)lane;
    w.wake_at = w.now + ms;
}

static inline void world_begin(enum world_job_kind kind, int64_t ms)
{
    ck_assert_msg(w.job_at[kind] == 0, "two requests of kind %d at once", (int)kind);
    w.job_at[kind] = w.now + ms;
}

static inline void world_send(struct lane *lane)
{
    world_begin(JOB_SEND, w.latency * lane->flight.count);
}

static inline void world_store(struct lane *lane)
{
    (void)lane;
    world_begin(JOB_STORE, 2);
}

static inline void world_read(struct lane *lane, int max)
{
    (void)lane;
    w.job_arg = max;
    world_begin(JOB_READ, 1);
}

static inline void world_remove(struct lane *lane, int64_t upto)
{
    (void)lane;
    w.job_arg = upto;
    world_begin(JOB_REMOVE, 2);
}

static inline enum admission world_admit(struct lane *lane, const struct note *note)
{
    (void)lane, (void)note;
    return w.admission;
}

static inline void world_ended(struct lane *lane, const struct note *note, enum note_end end)
{
    (void)lane;
    w.ends[end] += note->count;
}

static inline void world_flown(struct lane *lane, const struct note *note, enum outcome outcome)
{
    (void)lane, (void)note, (void)outcome;
}

static inline void world_mode(struct lane *lane, bool stored, const char *why)
{
    (void)lane, (void)stored, (void)why;
}

static const struct lane_ops world_ops = {
    .now = world_now,
    .random = world_random,
    .wake = world_wake,
    .send = world_send,
    .store = world_store,
    .read = world_read,
    .remove = world_remove,
    .admit = world_admit,
    .ended = world_ended,
    .flown = world_flown,
    .mode = world_mode,
};

/* ---- what ends ---- */

/* Notes what a content brought: every number in it, {"e":7}. Returns the last. */
static inline int world_receive(const char *text)
{
    int last = 0, count = 0;

    for (const char *p = text; (p = strstr(p, "{\"e\":")); p++, count++) {
        last = (int)strtol(p + 5, NULL, 10);
        ck_assert_int_lt(w.received_count, WORLD_RECEIVED);
        w.received_at[w.received_count] = w.now;
        w.received[w.received_count++] = last;
    }
    w.batches++;
    if (count > w.largest_batch)
        w.largest_batch = count;
    return last;
}

static inline void world_end_send(void)
{
    enum outcome outcomes[POLICY_FLIGHT];
    int count = w.lane->flight.count, i = 0;
    bool failed = false;

    for (const struct note *note = w.lane->flight.head; note; note = note->next, i++) {
        bool refused = w.refuse && strtol(note->content->text + 5, NULL, 10) == w.refuse;

        failed = failed || !w.up || world_chance(w.failures);
        outcomes[i] = failed ? OUTCOME_UNREACHABLE : refused ? OUTCOME_REFUSED : OUTCOME_DELIVERED;
        if (!failed && !refused) {
            world_receive(note->content->text);
            if (world_chance(w.lost_answers))
                outcomes[i] = OUTCOME_UNREACHABLE;
        }
    }
    for (i = 0; i < count; i++)
        lane_answer(w.lane, i, outcomes[i]);
}

static inline void world_keep(const struct note *note)
{
    struct str text = STR_EMPTY;
    char process[16];

    snprintf(process, sizeof process, "p%u", w.process);
    note_write(&text, note, process);
    w.kept[w.kept_count++] = (struct world_kept){++w.seq, note->at, str_take(&text)};
}

static inline void world_unkeep(int64_t upto)
{
    int n = 0;

    while (n < w.kept_count && w.kept[n].seq <= upto)
        free(w.kept[n++].n);
    memmove(w.kept, w.kept + n, (size_t)(w.kept_count - n) * sizeof w.kept[0]);
    w.kept_count -= n;
}

static inline void world_end_store(void)
{
    bool ok = w.storage_up && !world_chance(w.failures), heard = ok && !world_chance(w.lost_answers);

    if (ok && w.lane->newest_only)
        world_unkeep(INT64_MAX);
    for (const struct note *note = w.lane->newest_only ? w.lane->storing.tail : w.lane->storing.head; ok && note;
         note = note->next)
        world_keep(note);
    lane_stored(w.lane, heard, 0);
}

static inline void world_end_read(void)
{
    struct notes notes = {NULL, NULL, 0};
    bool ok = w.storage_up && !world_chance(w.failures);
    char process[16];

    snprintf(process, sizeof process, "p%u", w.process);
    for (int i = 0; ok && i < w.kept_count && i < w.job_arg; i++) {
        struct note *note = note_read((struct slice){w.kept[i].n, strlen(w.kept[i].n)}, process);

        note->seq = w.kept[i].seq;
        note->at = w.kept[i].at;
        notes_push(&notes, note);
    }
    lane_read(w.lane, &notes, ok);
}

static inline void world_end_remove(void)
{
    bool ok = w.storage_up && !world_chance(w.failures);

    if (ok)
        world_unkeep(w.job_arg);
    lane_removed(w.lane, ok && !world_chance(w.lost_answers));
}

static void (*const world_ends[JOB_KINDS])(void) = {
    [JOB_SEND] = world_end_send,
    [JOB_STORE] = world_end_store,
    [JOB_READ] = world_end_read,
    [JOB_REMOVE] = world_end_remove,
};

/* ---- time ---- */

/* Does what is next before `until`. False when nothing is. */
static inline bool world_step(int64_t until)
{
    int64_t first = w.wake_at > 0 && w.wake_at <= until ? w.wake_at : until + 1;
    int kind = JOB_NONE;

    for (int i = 1; i < JOB_KINDS; i++) {
        if (w.job_at[i] > 0 && w.job_at[i] < first) {
            first = w.job_at[i];
            kind = i;
        }
    }
    if (first > until)
        return false;
    w.now = first > w.now ? first : w.now;
    if (kind == JOB_NONE) {
        w.wake_at = 0;
        lane_pump(w.lane);
        return true;
    }
    w.job_at[kind] = 0;
    world_ends[kind]();
    return true;
}

static inline void world_run(int64_t ms)
{
    int64_t until = w.now + ms;

    for (int steps = 0; world_step(until); steps++)
        ck_assert_msg(steps < 1000000, "goes in circles");
    w.now = until;
}

/* ---- events ---- */

static inline void world_source_end(struct source *source)
{
    if (!w.crashing)
        w.acknowledged[(intptr_t)source->context] = true;
    free(source);
}

static inline void world_event(int event, bool final)
{
    struct source *source = xcalloc(1, sizeof *source);
    auto_free char *text = xasprintf("{\"e\":%d}", event);
    struct note *note;

    *source = (struct source){1, world_source_end, (void *)(intptr_t)event};
    note = note_new(source, content_new(text, strlen(text), false));
    note->number = ++w.numbers;
    note->event = (uint64_t)event;
    note->at = w.now;
    snprintf(note->rqi, sizeof note->rqi, "e%d", event);
    lane_add(w.lane, note, final);
    source_release(source);
}

static inline void world_events(int count)
{
    while (count-- > 0)
        world_event(++w.last, false);
}

static inline void world_lane(void)
{
    w.lane = lane_new("sub1", "http://target", &world_ops, &w.limits);
    lane_set_subscription(w.lane, w.sub);
}

static inline void world_init(const char *attributes)
{
    memset(&w, 0, sizeof w);
    w.now = WORLD_START;
    w.limits = (struct limits){.memory = 100, .patience = 500, .batch = 60000, .retry = 86400000};
    w.sub = fixture_subscription(attributes);
    w.up = w.storage_up = true;
    w.latency = 1;
    w.random = 1;
    w.admission = ADMIT;
    world_lane();
}

static inline void world_done(void)
{
    w.crashing = true;
    lane_free(w.lane);
    world_unkeep(INT64_MAX);
    subscription_unref(w.sub);
}

/* The process dies; another one takes over. */
static inline void world_crash(void)
{
    w.crashing = true;
    lane_free(w.lane);
    w.crashing = false;
    memset(w.job_at, 0, sizeof w.job_at);
    w.wake_at = 0;
    w.process++;
    w.numbers = 0;
    world_lane();
    if (w.kept_count > 0)
        lane_restore(w.lane, w.kept_count, w.kept[0].at);
    lane_pump(w.lane);
    for (int i = 1; i <= w.last; i++)
        if (!w.acknowledged[i])
            world_event(i, false);
}

/* ---- what must be true ---- */

/* Everything arrived, in order; what came twice came after its first time. */
static inline void world_check_order(const char *name)
{
    int next = 1;

    for (int i = 0; i < w.received_count; i++) {
        ck_assert_msg(w.received[i] <= next, "%s: %d came, %d is missing", name, w.received[i], next);
        if (w.received[i] == next)
            next++;
    }
    ck_assert_msg(next == w.last + 1, "%s: %d of %d came", name, next - 1, w.last);
    for (int i = 1; i <= w.last; i++)
        ck_assert_msg(w.acknowledged[i], "%s: %d is not acknowledged", name, i);
}

#endif
