/* Memory that lives as long as one request: taken piece by piece, given back all at once. */
#ifndef TESSERA_ARENA_H
#define TESSERA_ARENA_H

#include "str.h"

#define ARENA_FIRST 2048

struct arena_block;

struct arena {
    struct arena_block *blocks; /* beyond `first` */
    char *next;
    size_t left;
    char first[ARENA_FIRST]; /* enough for the usual request: no allocation at all */
};

void arena_init(struct arena *arena); /* an arena must not be moved afterwards */
void arena_done(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);                /* aligned for any type; not cleared */
char *arena_dup(struct arena *arena, const char *data, size_t len); /* with a NUL behind it */
__attribute__((format(printf, 2, 3))) char *arena_format(struct arena *arena, const char *format, ...);
struct slice arena_slice(struct arena *arena, const struct str *s);

#endif
