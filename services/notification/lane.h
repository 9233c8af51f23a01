/*
 * A lane: one target of one subscription. Keeps order whatever happens. Direct while the target keeps up; otherwise
 * through storage, until that is empty again. Decisions are policy.c's; what touches the world goes through lane_ops.
 *
 * Invariants: `queue` is in order and younger than `storing`, `flight` and everything in storage (a slow flight that was
 * given to storage, too, is marked `kept`). At most one request of each kind is under way.
 */
#ifndef NOTIFICATION_LANE_H
#define NOTIFICATION_LANE_H

#include "note.h"
#include "policy.h"
#include "table.h"

enum outcome {
    OUTCOME_NONE, /* no answer yet */
    OUTCOME_DELIVERED,
    OUTCOME_REFUSED,
    OUTCOME_UNREACHABLE,
    OUTCOME_CLOSED, /* not tried: it is not the time of the target's node */
};

/* How a note ended. */
enum note_end {
    END_DELIVERED,
    END_REFUSED,     /* the target answered no */
    END_STORED,      /* storage has it; it will be delivered from there */
    END_SUPERSEDED,  /* only the newest was wanted */
    END_EXPIRED,     /* too old */
    END_CLOSED,      /* outside the notification schedule */
    END_UNREACHABLE, /* and the subscription is gone */
    END_EXHAUSTED,   /* the expiration counter is used up */
    END_DUPLICATE,   /* read twice */
    END_KINDS,
};
extern const char *const note_end_names[END_KINDS];

enum admission { ADMIT, ADMIT_LATER, ADMIT_NEVER };

struct lane {
    struct table_entry entry; /* key = name */
    char *name;               /* "SUBSCRIPTION-RI TARGET" */
    char *ri;
    const char *target;       /* in `name` */
    struct subscription *sub; /* its latest state; NULL until it is loaded: nothing is sent before */
    const struct lane_ops *ops;
    const struct limits *limits;
    struct facts facts;
    struct notes queue, storing, flight;
    enum outcome outcomes[POLICY_FLIGHT];
    int answered;
    int asked;            /* of the read under way */
    int64_t upto;         /* in storage: done with, and to be removed there */
    int removing;         /* how many that are */
    int64_t taken;        /* events in the batch under way */
    uint64_t last_number; /* of the newest note done with */
    int64_t skip_to;      /* in storage: done with, but removal was not confirmed */
    uint64_t stores;      /* counts what went to storage: a read knows whether it saw all */
    uint64_t stores_at_read;
    bool newest_only;  /* of what is being stored */
    bool replaced;     /* storage let go of some since the read */
    int64_t oldest_at; /* about: in storage */
    int64_t used_at;
    int calls;         /* answers that outer code still waits for; not to be freed before */
    void *timer;       /* of lane_ops.wake */
    const char *route; /* binding of its latest route; of lane_ops.send */
    uint64_t channel;  /* hash of that route's address if it is a polling channel, else 0 */
    bool pumping, again;
    bool troubled; /* its trouble was logged */
    bool dead;     /* forgotten; freed with the last answer */
};

/* Answers come back through the functions below, at once or later, exactly once each. */
struct lane_ops {
    int64_t (*now)(void);
    uint32_t (*random)(void);
    void (*wake)(struct lane *lane, int64_t ms);     /* lane_pump() then; replaces an earlier wish */
    void (*send)(struct lane *lane);                 /* all of `flight`, in order: lane_answer() for each */
    void (*store)(struct lane *lane);                /* `storing`, or its last if `newest_only`: lane_stored() */
    void (*read)(struct lane *lane, int max);        /* the oldest in storage: lane_read() */
    void (*remove)(struct lane *lane, int64_t upto); /* from storage: lane_removed() */
    enum admission (*admit)(struct lane *lane, const struct note *note);
    /* `note` is ended for this lane, and freed next. */
    void (*ended)(struct lane *lane, const struct note *note, enum note_end end);
    void (*flown)(struct lane *lane, const struct note *note, enum outcome outcome); /* OUTCOME_NONE: was not tried */
    void (*mode)(struct lane *lane, bool stored, const char *why);
};

struct lane *lane_new(const char *ri, const char *target, const struct lane_ops *ops, const struct limits *limits);
void lane_free(struct lane *lane);
/* The subscription as it is now. */
void lane_set_subscription(struct lane *lane, struct subscription *sub);
/* What storage has from before; to be told before anything is added. */
void lane_restore(struct lane *lane, int64_t kept, int64_t first_at);
/* Takes over `note`. `final`: its subscription is deleted with this event. */
void lane_add(struct lane *lane, struct note *note, bool final);
/* Looks what is to be done, and does it. */
void lane_pump(struct lane *lane);
/* Its target may be reached again: it need not wait until it has meant to try. */
void lane_retry(struct lane *lane);
/* The expiration counter has moved. */
void lane_unblock(struct lane *lane);
/* Nothing in memory and nothing under way. */
bool lane_at_rest(const struct lane *lane);

void lane_answer(struct lane *lane, int index, enum outcome outcome);
/* `dropped`: how many of the lane's storage let go to keep its bound. */
void lane_stored(struct lane *lane, bool ok, int64_t dropped);
/* Takes over `notes`, whose seq are set. */
void lane_read(struct lane *lane, struct notes *notes, bool ok);
void lane_removed(struct lane *lane, bool ok);

#endif
