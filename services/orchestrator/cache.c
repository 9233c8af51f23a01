/* Two chained hash tables over the same entries, and a list in the order of use. */
#include "cache.h"

#include "mem.h"

#include <assert.h>

#include <sys/random.h>

enum index { BY_RI, BY_PATH, INDEXES };

struct entry {
    struct resource *r; /* or, */
    struct packed_resource *packed;
    size_t size;
    struct entry *next[INDEXES]; /* in the bucket */
    struct entry *newer, *older; /* in the order of use */
};

struct cache {
    struct entry **buckets[INDEXES];
    size_t mask;
    size_t count, limit, bytes;
    size_t ready, ready_max;  /* the newest of them: the others are packed */
    struct entry *last_ready; /* the oldest of those */
    uint64_t seed;            /* names are chosen by users: their buckets shall not be */
    struct entry *newest, *oldest;
};

static const char *key_of(const struct entry *e, enum index index)
{
    if (e->r)
        return index == BY_RI ? e->r->ri : e->r->path;
    return index == BY_RI ? e->packed->text : e->packed->text + e->packed->path;
}

/* FNV-1a from a random start. */
static struct entry **bucket(struct cache *cache, enum index index, const char *key)
{
    uint64_t hash = cache->seed;

    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
    return &cache->buckets[index][(hash ^ hash >> 32) & cache->mask];
}

static struct entry *find(struct cache *cache, enum index index, const char *key)
{
    struct entry *e = *bucket(cache, index, key);

    while (e && strcmp(key_of(e, index), key) != 0)
        e = e->next[index];
    return e;
}

static void list_remove(struct cache *cache, struct entry *e)
{
    if (e->r)
        cache->ready--;
    if (cache->last_ready == e)
        cache->last_ready = e->newer;
    *(e->newer ? &e->newer->older : &cache->newest) = e->older;
    *(e->older ? &e->older->newer : &cache->oldest) = e->newer;
}

static void list_push(struct cache *cache, struct entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    *(e->older ? &e->older->newer : &cache->oldest) = e;
    cache->newest = e;
    cache->ready++;
    if (!cache->last_ready)
        cache->last_ready = e;
}

static void set_size(struct cache *cache, struct entry *e, size_t size)
{
    cache->bytes += size - e->size;
    e->size = size;
}

/* Packs those that have not been used for a while. */
static void pack_old(struct cache *cache)
{
    while (cache->ready > cache->ready_max) {
        struct entry *e = cache->last_ready;

        assert(e); /* the list holds as many as are counted */
        e->packed = resource_pack(e->r);
        resource_free(e->r);
        e->r = NULL;
        set_size(cache, e, sizeof(*e) + sizeof(*e->packed) + strlen(e->packed->text) + e->packed->a_len + 64);
        cache->last_ready = e->newer;
        cache->ready--;
    }
}

static void unpack(struct cache *cache, struct entry *e)
{
    if (e->r)
        return;
    e->r = resource_unpack(e->packed);
    free(e->packed);
    e->packed = NULL;
    set_size(cache, e, sizeof(*e) + resource_size(e->r));
}

static void remove_entry(struct cache *cache, struct entry *e)
{
    for (int i = 0; i < INDEXES; i++) {
        struct entry **link = bucket(cache, i, key_of(e, i));

        while (*link != e)
            link = &(*link)->next[i];
        *link = e->next[i];
    }
    list_remove(cache, e);
    resource_free(e->r);
    free(e->packed);
    cache->bytes -= e->size;
    free(e);
    cache->count--;
}

struct cache *cache_new(size_t limit)
{
    struct cache *cache = xcalloc(1, sizeof(*cache));
    size_t buckets = 16;

    while (buckets < limit)
        buckets *= 2;
    for (int i = 0; i < INDEXES; i++)
        cache->buckets[i] = xcalloc(buckets, sizeof(struct entry *));
    cache->mask = buckets - 1;
    cache->limit = limit;
    cache->ready_max = limit / CACHE_READY_SHARE > CACHE_READY ? limit / CACHE_READY_SHARE : CACHE_READY;
    if (getrandom(&cache->seed, sizeof(cache->seed), 0) != (ssize_t)sizeof(cache->seed))
        cache->seed = (uint64_t)(uintptr_t)cache;
    return cache;
}

void cache_free(struct cache *cache)
{
    if (!cache)
        return;
    while (cache->newest)
        remove_entry(cache, cache->newest);
    for (int i = 0; i < INDEXES; i++)
        free(cache->buckets[i]);
    free(cache);
}

struct resource *cache_get(struct cache *cache, const char *address)
{
    struct entry *e = find(cache, BY_RI, address);

    if (!e)
        e = find(cache, BY_PATH, address);
    if (!e)
        return NULL;
    if (e != cache->newest) {
        list_remove(cache, e);
        unpack(cache, e);
        list_push(cache, e);
        pack_old(cache);
    }
    return resource_ref(e->r);
}

void cache_put(struct cache *cache, struct resource *r)
{
    struct entry *e;

    if (r->v == 0)
        return;
    r = resource_ref(r); /* before what may hold the only other one goes */
    while ((e = find(cache, BY_RI, r->ri)) || (e = find(cache, BY_PATH, r->path)))
        remove_entry(cache, e);
    e = xcalloc(1, sizeof(*e));
    e->r = r;
    set_size(cache, e, sizeof(*e) + resource_size(r));
    while (cache->oldest && (cache->count == cache->limit || cache->bytes > cache->limit * CACHE_BYTES_EACH))
        remove_entry(cache, cache->oldest);
    for (int i = 0; i < INDEXES; i++) {
        struct entry **head = bucket(cache, i, key_of(e, i));

        e->next[i] = *head;
        *head = e;
    }
    list_push(cache, e);
    cache->count++;
    pack_old(cache);
}

void cache_drop(struct cache *cache, const char *ri)
{
    struct entry *e = find(cache, BY_RI, ri);

    if (e)
        remove_entry(cache, e);
}

size_t cache_count(const struct cache *cache)
{
    return cache->count;
}

size_t cache_bytes(const struct cache *cache)
{
    return cache->bytes;
}
