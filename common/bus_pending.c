/* A hash table of numbers for the replies, and a heap of the same entries for the deadlines. */
#include "bus_pending.h"
#include "mem.h"

#define BUCKETS 4096 /* numbers follow each other: a chain is longer than one only when more are in flight */

struct entry {
    struct pending pending;
    struct entry *chain;
    int at; /* in the heap */
};

static struct entry *buckets[BUCKETS];
static struct entry **heap;
static int count, room;

static void place(int at, struct entry *entry)
{
    heap[at] = entry;
    entry->at = at;
}

static bool earlier(const struct entry *a, const struct entry *b)
{
    return a->pending.deadline < b->pending.deadline;
}

static void rise(int at)
{
    struct entry *entry = heap[at];

    for (; at > 0 && earlier(entry, heap[(at - 1) / 2]); at = (at - 1) / 2)
        place(at, heap[(at - 1) / 2]);
    place(at, entry);
}

static void sink(int at)
{
    struct entry *entry = heap[at];

    for (;;) {
        int child = 2 * at + 1;

        if (child + 1 < count && earlier(heap[child + 1], heap[child]))
            child++;
        if (child >= count || !earlier(heap[child], entry))
            break;
        place(at, heap[child]);
        at = child;
    }
    place(at, entry);
}

void pending_add(const struct pending *pending)
{
    struct entry *entry = xmalloc(sizeof(*entry)), **bucket = &buckets[pending->number % BUCKETS];

    entry->pending = *pending;
    entry->chain = *bucket;
    *bucket = entry;
    if (count == room) {
        room = room ? 2 * room : 256;
        heap = xrealloc(heap, (size_t)room * sizeof(*heap)); /* NOLINT(bugprone-sizeof-expression): an array of pointers */
    }
    place(count, entry);
    rise(count++);
}

static void leave_heap(const struct entry *entry)
{
    int at = entry->at;

    if (at == --count)
        return;
    place(at, heap[count]);
    rise(at);
    sink(heap[at]->at);
}

bool pending_take(uint64_t number, struct pending *out)
{
    struct entry **link = &buckets[number % BUCKETS], *entry;

    while (*link && (*link)->pending.number != number)
        link = &(*link)->chain;
    entry = *link;
    if (!entry)
        return false;
    *link = entry->chain;
    leave_heap(entry);
    *out = entry->pending;
    free(entry);
    return true;
}

bool pending_take_any(struct pending *out)
{
    return count > 0 && pending_take(heap[0]->pending.number, out);
}

bool pending_take_due(int64_t now, struct pending *out)
{
    return count > 0 && heap[0]->pending.deadline <= now && pending_take(heap[0]->pending.number, out);
}

int pending_count(void)
{
    return count;
}
