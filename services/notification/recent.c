#include "recent.h"

#include "table.h"

enum { RECENT = 1 << 15, BUCKETS = 1 << 16 };

/* A ring of hashes, found through chains of indices. 64 bits: that two differ and look the same will not happen. */
static struct {
    uint64_t hash;
    int next;
} ring[RECENT];
static int buckets[BUCKETS]; /* index + 1; 0 = empty */
static int head;

static int *bucket(uint64_t hash)
{
    return &buckets[(hash ^ hash >> 32) % BUCKETS];
}

static void drop(int index)
{
    int *at = bucket(ring[index].hash);

    while (*at && *at - 1 != index)
        at = &ring[*at - 1].next;
    if (*at)
        *at = ring[index].next;
}

void recent_add(const char *rqi)
{
    uint64_t hash = table_hash(rqi);
    int *at = bucket(hash);

    if (ring[head].hash)
        drop(head);
    ring[head].hash = hash;
    ring[head].next = *at;
    *at = head + 1;
    head = (head + 1) % RECENT;
}

bool recent_has(const char *rqi)
{
    uint64_t hash = table_hash(rqi);

    for (int i = *bucket(hash); i; i = ring[i - 1].next)
        if (ring[i - 1].hash == hash)
            return true;
    return false;
}
