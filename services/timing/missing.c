#include "missing.h"

#include "mem.h"

void missing_init(struct detection *d, int64_t pei, int64_t peid, int64_t mdt)
{
    *d = (struct detection){.pei = pei, .peid = peid, .mdt = mdt};
}

void missing_done(struct detection *d)
{
    free(d->early);
    d->early = NULL;
    d->early_count = d->early_room = 0;
}

void missing_resume(struct detection *d, int64_t first, int64_t next)
{
    d->started = true;
    d->first = first;
    d->next = next;
}

/* The expected point that is nearest to `dgt`. */
static int64_t nearest(const struct detection *d, int64_t dgt)
{
    int64_t from = dgt - d->first + d->pei / 2;

    return from >= 0 ? from / d->pei : -((-from + d->pei - 1) / d->pei);
}

static int64_t expected(const struct detection *d, int64_t n)
{
    return d->first + n * d->pei;
}

/* Keeps the list ascending; of too many the last ones go. */
static void note_early(struct detection *d, int64_t n)
{
    int at = d->early_count;

    while (at > 0 && d->early[at - 1] >= n)
        at--;
    if (at == MISSING_EARLY_MAX || (at < d->early_count && d->early[at] == n))
        return;
    if (d->early_count == MISSING_EARLY_MAX)
        d->early_count--;
    if (d->early_count == d->early_room) {
        d->early_room = d->early_room ? 2 * d->early_room : 4;
        d->early = xrealloc(d->early, (size_t)d->early_room * sizeof d->early[0]);
    }
    memmove(&d->early[at + 1], &d->early[at], (size_t)(d->early_count - at) * sizeof d->early[0]);
    d->early[at] = n;
    d->early_count++;
}

bool missing_stored(struct detection *d, int64_t dgt)
{
    int64_t n, off;

    if (!d->started) {
        missing_resume(d, dgt, 1);
        return true;
    }
    n = nearest(d, dgt);
    off = dgt - expected(d, n);
    if (n >= d->next && off <= d->peid && -off <= d->peid)
        note_early(d, n);
    return false;
}

int64_t missing_due(const struct detection *d)
{
    return d->started ? expected(d, d->next) + d->mdt : INT64_MAX;
}

static void drop_early(struct detection *d, int count)
{
    if (count == 0)
        return;
    d->early_count -= count;
    memmove(d->early, d->early + count, (size_t)d->early_count * sizeof d->early[0]);
}

/* Passes over points that would not fit into the answer anyway. */
static void skip(struct detection *d, int64_t last, int max)
{
    int64_t from = last - d->early_count - max;
    int passed = 0;

    if (d->next >= from)
        return;
    d->next = from;
    while (passed < d->early_count && d->early[passed] < from)
        passed++;
    drop_early(d, passed);
}

int missing_settle(struct detection *d, int64_t now, int64_t *out, int max)
{
    int64_t last = d->started && now >= missing_due(d) ? (now - d->mdt - d->first) / d->pei : -1;
    int count = 0, there = 0;

    if (last < 0)
        return 0;
    skip(d, last, max);
    for (; d->next <= last; d->next++) {
        if (there < d->early_count && d->early[there] == d->next) {
            there++;
            continue;
        }
        if (count == max)
            memmove(out, out + 1, (size_t)--count * sizeof out[0]);
        out[count++] = expected(d, d->next);
    }
    drop_early(d, there);
    return count;
}

int64_t missing_noticed(const struct detection *d, int64_t dgt)
{
    return dgt + d->mdt;
}

bool window_miss(struct window *w, int64_t at)
{
    if (w->count == 0 || at >= w->opened + w->dur) {
        w->opened = at;
        w->count = 0;
    }
    return ++w->count >= w->num;
}
