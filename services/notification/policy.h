/*
 * What to do next with a lane: the subscription's rules (TS-0001 9.6.8: batchNotify, rateLimit, pendingNotification,
 * latestNotify, notificationEventCat, notificationSchedule, maxAge) and our own bounds, as one pure decision.
 */
#ifndef NOTIFICATION_POLICY_H
#define NOTIFICATION_POLICY_H

#include "subscription.h"

#define POLICY_FLIGHT 32 /* notifications of a lane on their way at once */

/* What is so about a lane now. Times are ms. */
struct facts {
    bool stored;          /* new notifications go to storage; else straight to the target */
    bool gone;            /* the subscription is deleted: nothing can be stored for it any more */
    bool blocked;         /* the expiration counter must settle first */
    bool storing;         /* storage is taking some right now */
    bool busy;            /* reading from storage, or telling it what was delivered */
    int queued;           /* in memory and not sent */
    int flight;           /* sent and not all answered */
    int64_t flight_at;    /* since when */
    int64_t kept;         /* in storage, at most */
    int64_t collected;    /* events in storage since the last batch left */
    int64_t first_at;     /* when the first of them came */
    int failures;         /* the target was not reached, in a row */
    int64_t retry_at;     /* not to be tried before */
    int64_t store_at;     /* storage is not to be asked before */
    int64_t closed_until; /* its target cannot be reached before, by the schedule of its node */
    int64_t window_at;    /* start of the rate limit's window */
    int64_t window_used;
    int window; /* how many may fly at once: small for slow targets */
};

/* Settings. */
struct limits {
    int64_t memory;   /* queued per lane */
    int64_t patience; /* ms without an answer after which a lane is slow */
    int64_t batch;    /* ms: bn without dur */
    int64_t retry;    /* ms that a notification is kept */
    bool ending;      /* the process is to end: nothing more is read from storage */
};

enum step_kind {
    STEP_NONE,   /* until something happens */
    STEP_WAIT,   /* ... or `wait` ms have passed */
    STEP_SEND,   /* `count` from memory */
    STEP_SPILL,  /* from now on into storage */
    STEP_DIRECT, /* from now on straight to the target */
    STEP_STORE,  /* what is in memory */
    STEP_READ,   /* up to `count` from storage, and send them */
    STEP_BATCH,  /* likewise, as one aggregated notification */
    STEP_DROP,   /* what is in memory */
};

struct step {
    enum step_kind kind;
    int count;
    int64_t wait;
};

/* Is a moment in one of the windows? No list means always. */
bool policy_open(const json_t *schedule, int64_t now);
/* A moment, soon, at which it may be open again: what is closed is looked at anew then. */
int64_t policy_look_again(const json_t *schedule, int64_t now);

struct step policy_next(const struct policy *policy, const struct facts *facts, const struct limits *limits, int64_t now);

/* ms to wait after the `failures`-th failure in a row; `random` is any number. */
int64_t policy_backoff(const struct facts *facts, uint32_t random);
/* True if storage is to hold the newest only. */
bool policy_keeps_latest(const struct policy *policy, const struct facts *facts, int64_t now);
/* Event category of a notification; 0 = none. `kept`: it waited in storage. */
int policy_category(const struct policy *policy, bool kept);
/* A notification that waited is too old to be sent. */
bool policy_expired(const struct policy *policy, const struct limits *limits, int64_t at, int64_t now);

#endif
