#include "lane.h"

#include "build.h"
#include "mem.h"

enum { STORE_NOTES = 128, STORE_BYTES = 192 * 1024, FIRST_WINDOW = 8, STORAGE_RETRY = 500 };

/* A flight that took longer than this per notification makes the next one smaller. */
#define SLOW_NOTE_MS 50

const char *const note_end_names[END_KINDS] = {
    [END_DELIVERED] = "delivered",     [END_REFUSED] = "refused",     [END_STORED] = "stored",
    [END_SUPERSEDED] = "superseded",   [END_EXPIRED] = "expired",     [END_CLOSED] = "closed",
    [END_UNREACHABLE] = "unreachable", [END_EXHAUSTED] = "exhausted", [END_DUPLICATE] = "duplicate",
};

struct lane *lane_new(const char *ri, const char *target, const struct lane_ops *ops, const struct limits *limits)
{
    struct lane *lane = xcalloc(1, sizeof *lane);

    lane->name = xasprintf("%s %s", ri, target);
    lane->entry.key = lane->name;
    lane->target = lane->name + strlen(ri) + 1;
    lane->ri = xstrdup(ri);
    lane->ops = ops;
    lane->limits = limits;
    lane->facts.window = FIRST_WINDOW;
    lane->used_at = ops->now();
    return lane;
}

void lane_free(struct lane *lane)
{
    if (!lane)
        return;
    notes_clear(&lane->flight);
    notes_clear(&lane->storing);
    notes_clear(&lane->queue);
    subscription_unref(lane->sub);
    free(lane->ri);
    free(lane->name);
    free(lane);
}

void lane_set_subscription(struct lane *lane, struct subscription *sub)
{
    if (lane->sub == sub)
        return;
    subscription_unref(lane->sub);
    lane->sub = subscription_ref(sub);
}

void lane_restore(struct lane *lane, int64_t kept, int64_t first_at)
{
    lane->facts.stored = true;
    lane->facts.kept = kept;
    lane->facts.collected = kept;
    lane->facts.first_at = first_at;
    lane->oldest_at = first_at;
}

static void set_mode(struct lane *lane, bool stored, const char *why)
{
    lane->facts.stored = stored;
    lane->ops->mode(lane, stored, why);
}

static void end_note(struct lane *lane, struct note *note, enum note_end end)
{
    lane->ops->ended(lane, note, end);
    note_free(note);
}

static void sync_counts(struct lane *lane)
{
    lane->facts.queued = lane->queue.count;
    lane->facts.flight = lane->flight.count;
    lane->facts.storing = lane->storing.count > 0;
}

/* ---- sending -------------------------------------------------------------------------------------------------------- */

static void launch(struct lane *lane)
{
    int64_t now = lane->ops->now();

    if (lane->sub->policy.limited && now >= lane->facts.window_at + lane->sub->policy.rate_window) {
        lane->facts.window_at = now;
        lane->facts.window_used = 0;
    }
    lane->facts.window_used += lane->flight.count;
    lane->facts.flight_at = now;
    lane->answered = 0;
    memset(lane->outcomes, 0, sizeof lane->outcomes);
    sync_counts(lane);
    lane->ops->send(lane);
}

/* A slow flight was put back into the queue, for storage, and arrived after all. */
static void skip_arrived(struct lane *lane)
{
    while (lane->queue.head && lane->queue.head->number <= lane->last_number)
        end_note(lane, notes_pop(&lane->queue), END_DUPLICATE);
}

static void send_queued(struct lane *lane, int count)
{
    enum admission admission = ADMIT;

    skip_arrived(lane);
    while (lane->flight.count < count && lane->queue.head) {
        admission = lane->ops->admit(lane, lane->queue.head);
        if (admission == ADMIT_LATER)
            break;
        if (admission == ADMIT)
            notes_push(&lane->flight, notes_pop(&lane->queue));
        else
            end_note(lane, notes_pop(&lane->queue), END_EXHAUSTED);
    }
    if (lane->flight.count > 0)
        launch(lane);
    else if (admission == ADMIT_LATER)
        lane->facts.blocked = true;
}

static void remove_done(struct lane *lane)
{
    int64_t upto = lane->upto;

    if (upto == 0)
        return;
    lane->upto = 0;
    lane->skip_to = upto;
    lane->facts.busy = true;
    lane->ops->remove(lane, upto);
}

static void note_done(struct lane *lane, struct note *note, enum note_end end)
{
    if (!note->foreign && note->number > lane->last_number)
        lane->last_number = note->number;
    if (note->seq) {
        lane->upto = note->cover > note->seq ? note->cover : note->seq;
        lane->removing += note->count;
        if (lane->sub->policy.batch) {
            lane->facts.collected = lane->facts.collected > lane->taken ? lane->facts.collected - lane->taken : 0;
            lane->facts.first_at = lane->ops->now();
        }
    }
    end_note(lane, note, end);
}

/* Small for slow targets: what waits behind a slow answer would time out and come twice. */
static void adapt_window(struct lane *lane, int count, int64_t took)
{
    int *window = &lane->facts.window;

    if (took > (int64_t)count * SLOW_NOTE_MS)
        *window = *window > 1 ? *window / 2 : 1;
    else if (*window < POLICY_FLIGHT)
        *window *= 2;
}

static void target_failed(struct lane *lane)
{
    lane->facts.failures++;
    lane->facts.retry_at = lane->ops->now() + policy_backoff(&lane->facts, lane->ops->random());
}

/*
 * All answers are there. Deliveries happen in order, so whatever stands before one that arrived has arrived as well. The
 * rest was not delivered, and goes back to where it came from.
 */
static void land(struct lane *lane)
{
    int count = lane->flight.count, done = 0;
    enum outcome last = OUTCOME_NONE;
    struct notes rest = {NULL, NULL, 0};
    bool failed, missed = false;
    struct note *note;

    for (int i = 0; i < count; i++)
        if (lane->outcomes[i] == OUTCOME_DELIVERED || lane->outcomes[i] == OUTCOME_REFUSED)
            done = i + 1;
    for (int i = 0; (note = notes_pop(&lane->flight)); i++) {
        enum outcome outcome = i < done && lane->outcomes[i] != OUTCOME_REFUSED ? OUTCOME_DELIVERED : lane->outcomes[i];

        if (i < done) {
            last = outcome;
            lane->ops->flown(lane, note, outcome);
            note_done(lane, note, outcome == OUTCOME_REFUSED ? END_REFUSED : END_DELIVERED);
            continue;
        }
        /* Behind a refusal the others were perhaps not tried: that says nothing about the target. */
        failed = i == done && last != OUTCOME_REFUSED && lane->outcomes[i] != OUTCOME_CLOSED;
        missed = missed || failed;
        lane->ops->flown(lane, note, failed ? OUTCOME_UNREACHABLE : OUTCOME_NONE);
        if (note->kept)
            note_free(note);
        else
            notes_push(&rest, note);
    }
    notes_prepend(&lane->queue, &rest);
    if (done > 0)
        lane->facts.failures = 0;
    if (missed)
        target_failed(lane);
    if (done > 0)
        adapt_window(lane, done, lane->ops->now() - lane->facts.flight_at);
    sync_counts(lane);
    remove_done(lane);
}

void lane_answer(struct lane *lane, int index, enum outcome outcome)
{
    lane->outcomes[index] = outcome;
    if (++lane->answered < lane->flight.count)
        return;
    land(lane);
    lane_pump(lane);
}

/* ---- storing -------------------------------------------------------------------------------------------------------- */

/* What is on its way is slow: storage gets it as well, so that its events can be acknowledged. */
static void keep_flight(struct lane *lane)
{
    struct notes copies = {NULL, NULL, 0};

    for (struct note *note = lane->flight.head; note; note = note->next) {
        struct note *copy;

        if (note->kept)
            continue;
        copy = note_copy(note);
        copy->source = note->source;
        note->source = NULL;
        note->kept = true;
        notes_push(&copies, copy);
    }
    notes_prepend(&lane->queue, &copies);
    sync_counts(lane);
}

static void spill(struct lane *lane)
{
    const struct policy *policy = &lane->sub->policy;
    const char *why = lane->facts.failures > 0                           ? "unreachable"
                      : policy->batch                                    ? "batch"
                      : policy->schedule || lane->facts.closed_until > 0 ? "closed"
                      : policy->limited                                  ? "rate"
                                                                         : "slow";

    set_mode(lane, true, why);
    if (lane->facts.failures > 0)
        lane->facts.retry_at = lane->ops->now() + policy_backoff(&lane->facts, lane->ops->random());
    keep_flight(lane);
}

static void store_queued(struct lane *lane)
{
    size_t bytes = 0;

    skip_arrived(lane);
    if (!lane->queue.head)
        return;
    while (lane->queue.head && lane->storing.count < STORE_NOTES && bytes < STORE_BYTES) {
        bytes += lane->queue.head->content->len;
        notes_push(&lane->storing, notes_pop(&lane->queue));
    }
    lane->newest_only = policy_keeps_latest(&lane->sub->policy, &lane->facts, lane->ops->now());
    sync_counts(lane);
    lane->ops->store(lane);
}

static void stored(struct lane *lane, int64_t dropped)
{
    struct facts *f = &lane->facts;
    int count = lane->storing.count;
    struct note *note;

    if (f->kept == 0 && lane->storing.head)
        lane->oldest_at = lane->storing.head->at;
    if (f->collected == 0)
        f->first_at = lane->ops->now();
    f->collected += count;
    lane->replaced = lane->replaced || lane->newest_only || dropped > 0;
    f->kept = lane->newest_only ? 1 : f->kept + count - dropped;
    while ((note = notes_pop(&lane->storing)))
        end_note(lane, note, lane->newest_only && lane->storing.head ? END_SUPERSEDED : END_STORED);
}

void lane_stored(struct lane *lane, bool ok, int64_t dropped)
{
    lane->stores++;
    if (ok) {
        stored(lane, dropped);
    } else {
        /* It may have been stored all the same: then it comes twice from there, and is told by its number. */
        lane->facts.kept += lane->storing.count;
        lane->facts.store_at = lane->ops->now() + STORAGE_RETRY;
        notes_prepend(&lane->queue, &lane->storing);
    }
    sync_counts(lane);
    lane_pump(lane);
}

/* ---- out of storage ------------------------------------------------------------------------------------------------- */

static void read_stored(struct lane *lane, int max)
{
    lane->facts.busy = true;
    lane->asked = max;
    lane->removing = 0;
    lane->replaced = false;
    lane->stores_at_read = lane->stores;
    lane->ops->read(lane, max);
}

static bool is_duplicate(const struct lane *lane, const struct note *note)
{
    return note->seq <= lane->skip_to || (!note->foreign && note->number <= lane->last_number);
}

static bool is_expired(const struct lane *lane, const struct note *note)
{
    int64_t now = lane->ops->now();

    return (note->until > 0 && now >= note->until) || policy_expired(&lane->sub->policy, lane->limits, note->at, now);
}

/* Drops what must not be sent; `fit` gets the rest. What is dropped behind one that is sent is removed together with it. */
static void filter(struct lane *lane, struct notes *read, struct notes *fit)
{
    struct note *note;

    while ((note = notes_pop(read))) {
        bool twice = is_duplicate(lane, note);

        if (!twice && !is_expired(lane, note)) {
            notes_push(fit, note);
            continue;
        }
        lane->removing += note->count;
        if (fit->tail)
            fit->tail->cover = note->seq;
        else
            lane->upto = note->seq;
        end_note(lane, note, twice ? END_DUPLICATE : END_EXPIRED);
    }
}

/* One m2m:agn of all. */
static struct note *aggregate(struct notes *notes)
{
    auto_str struct str text = STR_EMPTY;
    struct slice *sgns = xcalloc((size_t)notes->count, sizeof *sgns);
    struct note *whole = note_copy(notes->tail);
    int count = 0;

    for (const struct note *note = notes->head; note; note = note->next)
        sgns[count++] = (struct slice){note->content->text, note->content->len};
    build_aggregate(&text, sgns, count);
    free(sgns);
    content_unref(whole->content);
    whole->content = content_new(text.data, text.len, true);
    whole->count = count;
    notes_clear(notes);
    return whole;
}

static void launch_read(struct lane *lane, struct notes *fit)
{
    enum admission admission = ADMIT;
    struct note *note;

    if (lane->sub->policy.batch && fit->count > 0) {
        lane->taken = lane->sub->policy.latest ? lane->facts.collected : fit->count;
        note = aggregate(fit);
        notes_push(fit, note);
    }
    while (fit->head && lane->flight.count < POLICY_FLIGHT) {
        admission = lane->ops->admit(lane, fit->head);
        if (admission == ADMIT_LATER)
            break;
        note = notes_pop(fit);
        if (admission == ADMIT)
            notes_push(&lane->flight, note);
        else
            note_done(lane, note, END_EXHAUSTED);
    }
    notes_clear(fit); /* still in storage */
    if (lane->flight.count > 0)
        launch(lane);
    else if (admission == ADMIT_LATER)
        lane->facts.blocked = true;
}

void lane_read(struct lane *lane, struct notes *notes, bool ok)
{
    struct notes fit = {NULL, NULL, 0};

    lane->facts.busy = false;
    if (!ok) {
        notes_clear(notes);
        lane->facts.retry_at = lane->ops->now() + STORAGE_RETRY;
        lane_pump(lane);
        return;
    }
    if (notes->count < lane->asked && lane->stores == lane->stores_at_read && !lane->storing.count) {
        lane->facts.kept = notes->count;
        if (lane->facts.kept == 0)
            lane->facts.collected = 0;
    }
    if (notes->head)
        lane->oldest_at = notes->head->at;
    filter(lane, notes, &fit);
    launch_read(lane, &fit);
    if (lane->flight.count == 0)
        remove_done(lane);
    lane_pump(lane);
}

void lane_removed(struct lane *lane, bool ok)
{
    struct facts *f = &lane->facts;

    f->busy = false;
    if (ok) {
        /* When storage let go of something meanwhile, it may have been these: `kept` must not become too small. */
        if (!lane->replaced)
            f->kept = f->kept > lane->removing ? f->kept - lane->removing : 0;
        lane->skip_to = 0;
    } else {
        f->retry_at = lane->ops->now() + STORAGE_RETRY;
    }
    if (f->kept == 0)
        f->collected = 0;
    lane->removing = 0;
    lane_pump(lane);
}

/* ---- the motor ------------------------------------------------------------------------------------------------------ */

static void drop_queued(struct lane *lane)
{
    struct note *note;

    while ((note = notes_pop(&lane->queue)))
        end_note(lane, note, lane->facts.gone ? END_UNREACHABLE : END_CLOSED);
    lane->facts.failures = 0;
}

static void go_direct(struct lane *lane)
{
    lane->facts.failures = 0;
    lane->facts.kept = lane->facts.collected = 0;
    set_mode(lane, false, "empty");
}

/* False when nothing is to be done now. */
static bool perform(struct lane *lane, struct step step)
{
    switch (step.kind) {
    case STEP_NONE:
        return false;
    case STEP_WAIT:
        lane->ops->wake(lane, step.wait);
        return false;
    case STEP_SEND:
        send_queued(lane, step.count);
        break;
    case STEP_SPILL:
        spill(lane);
        break;
    case STEP_DIRECT:
        go_direct(lane);
        break;
    case STEP_STORE:
        store_queued(lane);
        break;
    case STEP_READ:
    case STEP_BATCH:
        read_stored(lane, step.count);
        break;
    case STEP_DROP:
        drop_queued(lane);
        break;
    }
    sync_counts(lane);
    return true;
}

void lane_pump(struct lane *lane)
{
    if (lane->pumping) { /* an answer that came at once: the loop below goes on */
        lane->again = true;
        return;
    }
    lane->pumping = true;
    do {
        lane->again = false;
        while (lane->sub && perform(lane, policy_next(&lane->sub->policy, &lane->facts, lane->limits, lane->ops->now())))
            ;
    } while (lane->again);
    lane->pumping = false;
}

void lane_add(struct lane *lane, struct note *note, bool final)
{
    lane->used_at = lane->ops->now();
    if (final)
        lane->facts.gone = true;
    notes_push(&lane->queue, note);
    sync_counts(lane);
    lane_pump(lane);
}

void lane_retry(struct lane *lane)
{
    lane->facts.retry_at = 0;
    lane_pump(lane);
}

void lane_unblock(struct lane *lane)
{
    lane->facts.blocked = false;
    lane_pump(lane);
}

bool lane_at_rest(const struct lane *lane)
{
    return lane->queue.count + lane->storing.count + lane->flight.count == 0 && !lane->facts.busy && lane->calls == 0;
}
