/*
 * What storage told about resources lately, found by id or by path; the least recently used goes first. It may be out of
 * date at any time: whoever decides by it sends the versions along as preconditions. Holds no instances (they have no
 * version) and no absences.
 */
#ifndef TESSERA_CACHE_H
#define TESSERA_CACHE_H

#include "snapshot.h"

struct cache *cache_new(size_t limit); /* limit >= 1: resources kept */
void cache_free(struct cache *cache);

struct resource *cache_get(struct cache *cache, const char *address); /* a reference of the caller's own, or NULL */
void cache_put(struct cache *cache, struct resource *r); /* takes a reference of its own; replaces what has the same id or path */
void cache_drop(struct cache *cache, const char *ri);
size_t cache_count(const struct cache *cache);

#endif
