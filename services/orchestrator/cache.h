/*
 * What storage told about resources lately, found by id or by path; the least recently used goes first. Those used last are
 * ready to be looked at, the others packed: they take a quarter of the memory, and some microseconds when they are wanted. It may
 * be out of date at any time: whoever decides by it sends the versions along as preconditions. Holds no instances (they have no
 * version) and no absences.
 */
#ifndef TESSERA_CACHE_H
#define TESSERA_CACHE_H

#include "snapshot.h"

/* limit >= 1: resources kept; no more than CACHE_BYTES_EACH for each of them, taken together. */
struct cache *cache_new(size_t limit);
void cache_free(struct cache *cache);

struct resource *cache_get(struct cache *cache, const char *address); /* a reference of the caller's own, or NULL */
void cache_put(struct cache *cache, struct resource *r); /* takes a reference of its own; replaces what has the same id or path */
void cache_drop(struct cache *cache, const char *ri);
size_t cache_count(const struct cache *cache);
size_t cache_bytes(const struct cache *cache); /* about */

#define CACHE_BYTES_EACH 4096
#define CACHE_READY 64 /* so many of the limit are ready: one in CACHE_READY_SHARE, but not less than this */
#define CACHE_READY_SHARE 16

#endif
