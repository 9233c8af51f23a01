#include "policy.h"

#include "clock.h"
#include "mem.h"

enum {
    QUICK_TRIES = 3, /* failures after which a lane goes to storage */
    GONE_TRIES = 5,  /* failures after which what can't be stored is dropped */
    BATCH_MAX = 500, /* notifications in one m2m:agn */
    SCHEDULE_TICK = 1000,
    LOOK_AHEAD = 4, /* seconds */
};

static const int64_t quick[] = {100, 300, 1000, 3000};
#define BACKOFF_FIRST 1000
#define BACKOFF_MAX 60000

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static struct step step(enum step_kind kind, int64_t count)
{
    return (struct step){kind, (int)count, 0};
}

static struct step wait_until(int64_t when, int64_t now)
{
    return (struct step){STEP_WAIT, 0, when > now ? when - now : 1};
}

bool policy_open(const json_t *schedule, int64_t now)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(schedule, i, entry)
    {
        if (json_is_string(entry) && clock_schedule_matches(json_string_value(entry), now))
            return true;
    }
    return json_array_size(schedule) == 0;
}

int64_t policy_look_again(const json_t *schedule, int64_t now)
{
    int64_t second = now - now % SCHEDULE_TICK + SCHEDULE_TICK, last = second + (int64_t)LOOK_AHEAD * SCHEDULE_TICK;

    while (second < last && !policy_open(schedule, second))
        second += SCHEDULE_TICK;
    return second;
}

/*
 * Outside the windows of its notificationSchedule and of its target's node nothing is sent, but notificationEventCat "immediate"
 * ignores both.
 */
static bool closed(const struct policy *policy, const struct facts *f, int64_t now)
{
    return policy->category != EC_IMMEDIATE && (now < f->closed_until || !policy_open(policy->schedule, now));
}

static int64_t opens(const struct policy *policy, const struct facts *f, int64_t now)
{
    return now < f->closed_until ? f->closed_until : policy_look_again(policy->schedule, now);
}

/* How many the rate limit lets through now. */
static int64_t allowance(const struct policy *policy, const struct facts *f, int64_t now)
{
    int64_t used = now >= f->window_at + policy->rate_window ? 0 : f->window_used;

    if (!policy->limited)
        return POLICY_FLIGHT;
    return policy->rate_number > used ? policy->rate_number - used : 0;
}

/* The subscription is deleted: what is in memory is sent now, or tried a few times, or lost. */
static struct step next_gone(const struct facts *f, int64_t now)
{
    if (f->storing || f->busy || f->flight > 0 || f->queued == 0 || f->blocked)
        return step(STEP_NONE, 0);
    if (f->stored)
        return step(STEP_DIRECT, 0);
    if (f->failures >= GONE_TRIES)
        return step(STEP_DROP, 0);
    if (f->failures > 0 && now < f->retry_at)
        return wait_until(f->retry_at, now);
    return step(STEP_SEND, f->window);
}

static struct step next_direct(const struct policy *policy, const struct facts *f, const struct limits *limits, int64_t now)
{
    int64_t allowed = allowance(policy, f, now);

    if (f->flight > 0 && now - f->flight_at >= limits->patience)
        return step(STEP_SPILL, 0);
    if ((f->queued > limits->memory && f->flight > 0) || (policy->batch && f->queued > 0))
        return step(STEP_SPILL, 0);
    if (f->flight > 0)
        return wait_until(f->flight_at + limits->patience, now);
    if (f->queued == 0 || f->blocked)
        return step(STEP_NONE, 0);
    if (closed(policy, f, now))
        return step(policy->pending == PENDING_UNSET ? STEP_DROP : STEP_SPILL, 0);
    if (f->failures >= QUICK_TRIES || allowed == 0)
        return step(STEP_SPILL, 0);
    if (f->failures > 0 && now < f->retry_at)
        return wait_until(f->retry_at, now);
    return step(STEP_SEND, least(allowed, f->window));
}

static bool batch_due(const struct policy *policy, const struct facts *f, const struct limits *limits, int64_t now, int64_t *due)
{
    *due = f->first_at + (policy->batch_duration > 0 ? policy->batch_duration : limits->batch);
    return (policy->batch_number > 0 && f->collected >= policy->batch_number) || now >= *due;
}

/* What is in storage, when nothing is on its way. */
static struct step next_kept(const struct policy *policy, const struct facts *f, const struct limits *limits, int64_t now)
{
    int64_t allowed = allowance(policy, f, now), due;

    if (limits->ending)
        return step(STEP_NONE, 0);
    if (closed(policy, f, now))
        return wait_until(opens(policy, f, now), now);
    if (now < f->retry_at)
        return wait_until(f->retry_at, now);
    if (allowed == 0)
        return wait_until(f->window_at + policy->rate_window, now);
    if (!policy->batch)
        return step(STEP_READ, least(allowed, f->window));
    if (!batch_due(policy, f, limits, now, &due))
        return wait_until(due, now);
    return step(STEP_BATCH, policy->batch_number > 0 ? least(policy->batch_number, BATCH_MAX) : BATCH_MAX);
}

static struct step next_stored(const struct policy *policy, const struct facts *f, const struct limits *limits, int64_t now)
{
    struct step next = {STEP_NONE, 0, 0};
    bool idle = f->flight == 0 && !f->busy && !f->storing && !f->blocked;

    if (idle && f->kept == 0 && f->failures == 0 && !policy->batch && allowance(policy, f, now) > 0 && !closed(policy, f, now))
        return step(STEP_DIRECT, 0);
    if (f->queued > 0 && !f->storing && now >= f->store_at)
        return step(STEP_STORE, 0);
    if (f->kept > 0 && f->flight == 0 && !f->busy && !f->blocked)
        next = next_kept(policy, f, limits, now);
    else if (idle && f->kept == 0 && f->queued == 0 && f->failures > 0)
        return step(STEP_DIRECT, 0); /* all that could not be delivered was dropped */
    if (f->queued > 0 && !f->storing && (next.kind == STEP_NONE || (next.kind == STEP_WAIT && next.wait > f->store_at - now)))
        return wait_until(f->store_at, now);
    return next;
}

struct step policy_next(const struct policy *policy, const struct facts *f, const struct limits *limits, int64_t now)
{
    if (f->gone)
        return next_gone(f, now);
    return f->stored ? next_stored(policy, f, limits, now) : next_direct(policy, f, limits, now);
}

int64_t policy_backoff(const struct facts *f, uint32_t random)
{
    int n = f->failures - (f->stored ? QUICK_TRIES : 0);
    int64_t ms = BACKOFF_FIRST;

    if (!f->stored)
        return quick[n < 1 ? 0 : n > (int)ARRAY_LEN(quick) ? (int)ARRAY_LEN(quick) - 1 : n - 1];
    for (; n > 0 && ms < BACKOFF_MAX; n--)
        ms *= 2;
    ms = least(ms, BACKOFF_MAX);
    return ms - ms / 4 + (int64_t)(random % (uint32_t)(ms / 4 + 1)); /* 75-100 % */
}

bool policy_keeps_latest(const struct policy *policy, const struct facts *f, int64_t now)
{
    return policy->latest || (policy->pending == PENDING_LATEST && (f->failures > 0 || closed(policy, f, now)));
}

int policy_category(const struct policy *policy, bool kept)
{
    if (policy->latest || (kept && policy->pending == PENDING_LATEST))
        return EC_LATEST;
    return policy->category;
}

bool policy_expired(const struct policy *policy, const struct limits *limits, int64_t at, int64_t now)
{
    return now - at > limits->retry || (policy->max_age > 0 && now - at > policy->max_age);
}
