#include "outbound_lanes.h"

#include <stdint.h>

#include "mem.h"

#define BUCKETS 1024

struct target;

/* Exists while it has a job. */
struct lane {
    struct lane *hash_next;
    struct lane *ready_next; /* in its target's list of lanes that may start a job */
    struct target *target;
    struct job *first, *last; /* waiting */
    bool busy;                /* one of its jobs is started */
    size_t len;
    char name[];
};

/* Exists while it has a lane. */
struct target {
    struct target *hash_next;
    struct target *turn_next; /* in the ring of targets that may start a job */
    struct lane *first, *last;
    int active, lanes;
    int bound;   /* of `active` */
    bool queued; /* in the ring */
    size_t len;
    char name[];
};

struct lanes {
    int total, active, waiting;
    struct target *first, *last; /* the targets whose turn it is */
    struct lane *lane_buckets[BUCKETS];
    struct target *target_buckets[BUCKETS];
};

static size_t bucket(const char *name, size_t len)
{
    uint64_t h = 0xcbf29ce484222325;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 0x100000001b3;
    return (size_t)(h >> 20) % BUCKETS;
}

struct lanes *lanes_new(int total)
{
    struct lanes *l = xcalloc(1, sizeof *l);

    l->total = total;
    return l;
}

void lanes_free(struct lanes *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (l->lane_buckets[i]) {
            struct lane *next = l->lane_buckets[i]->hash_next;

            free(l->lane_buckets[i]);
            l->lane_buckets[i] = next;
        }
        while (l->target_buckets[i]) {
            struct target *next = l->target_buckets[i]->hash_next;

            free(l->target_buckets[i]);
            l->target_buckets[i] = next;
        }
    }
    free(l);
}

static struct target *target_get(struct lanes *l, const char *name, size_t len, int bound)
{
    struct target **slot = &l->target_buckets[bucket(name, len)];
    struct target *t = *slot;

    while (t && (t->bound != bound || t->len != len || memcmp(t->name, name, len) != 0))
        t = t->hash_next;
    if (!t) {
        t = xcalloc(1, sizeof *t + len);
        t->bound = bound;
        t->len = len;
        memcpy(t->name, name, len);
        t->hash_next = *slot;
        *slot = t;
    }
    return t;
}

static struct lane *lane_get(struct lanes *l, const char *name, size_t len, struct target *target)
{
    struct lane **slot = &l->lane_buckets[bucket(name, len)];
    struct lane *lane = *slot;

    /* The same name to another target is another lane. */
    while (lane && (lane->target != target || lane->len != len || memcmp(lane->name, name, len) != 0))
        lane = lane->hash_next;
    if (!lane) {
        lane = xcalloc(1, sizeof *lane + len);
        lane->len = len;
        memcpy(lane->name, name, len);
        lane->target = target;
        lane->hash_next = *slot;
        *slot = lane;
        target->lanes++;
    }
    return lane;
}

static void queue_target(struct lanes *l, struct target *t)
{
    if (t->queued || !t->first || t->active >= t->bound)
        return;
    t->queued = true;
    t->turn_next = NULL;
    if (l->last)
        l->last->turn_next = t;
    else
        l->first = t;
    l->last = t;
}

static void queue_lane(struct lanes *l, struct lane *lane)
{
    struct target *t = lane->target;

    lane->ready_next = NULL;
    if (t->last)
        t->last->ready_next = lane;
    else
        t->first = lane;
    t->last = lane;
    queue_target(l, t);
}

void lanes_add(struct lanes *l, struct job *job, const char *name, size_t len, const char *target, size_t target_len, int bound)
{
    struct lane *lane = lane_get(l, name, len, target_get(l, target, target_len, bound));
    bool ready = !lane->first && !lane->busy;

    job->next = NULL;
    job->lane = lane;
    if (lane->first)
        lane->last->next = job;
    else
        lane->first = job;
    lane->last = job;
    l->waiting++;
    if (ready)
        queue_lane(l, lane);
}

struct job *lanes_start(struct lanes *l)
{
    struct target *t = l->first;
    struct lane *lane;
    struct job *job;

    if (!t || l->active >= l->total)
        return NULL;
    l->first = t->turn_next;
    if (!l->first)
        l->last = NULL;
    t->queued = false;
    lane = t->first;
    t->first = lane->ready_next;
    if (!t->first)
        t->last = NULL;
    job = lane->first;
    lane->first = job->next;
    job->next = NULL;
    lane->busy = true;
    t->active++;
    l->active++;
    l->waiting--;
    queue_target(l, t);
    return job;
}

static void drop_target(struct lanes *l, struct target *t)
{
    struct target **slot = &l->target_buckets[bucket(t->name, t->len)];

    while (*slot != t)
        slot = &(*slot)->hash_next;
    *slot = t->hash_next;
    free(t);
}

static void drop_lane(struct lanes *l, struct lane *lane)
{
    struct lane **slot = &l->lane_buckets[bucket(lane->name, lane->len)];

    while (*slot != lane)
        slot = &(*slot)->hash_next;
    *slot = lane->hash_next;
    if (--lane->target->lanes == 0)
        drop_target(l, lane->target);
    free(lane);
}

struct job *lanes_end(struct lanes *l, struct job *job, bool failed)
{
    struct lane *lane = job->lane;
    struct target *t = lane->target;
    struct job *rest = NULL;

    lane->busy = false;
    t->active--;
    l->active--;
    job->lane = NULL;
    if (failed) {
        rest = lane->first;
        lane->first = NULL;
        for (struct job *j = rest; j; j = j->next)
            l->waiting--;
    }
    queue_target(l, t); /* it has room again */
    if (lane->first)
        queue_lane(l, lane);
    else
        drop_lane(l, lane); /* and with its last lane the target, which then is not queued */
    return rest;
}

int lanes_active(const struct lanes *l)
{
    return l->active;
}

int lanes_waiting(const struct lanes *l)
{
    return l->waiting;
}
