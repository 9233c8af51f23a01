/* A hash table of structs that carry their own entry: nothing is allocated per entry, keys belong to the structs. */
#ifndef TESSERA_TABLE_H
#define TESSERA_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_entry {
    struct table_entry *next;
    const char *key;
    uint64_t hash;
};

struct table {
    struct table_entry **slots;
    size_t size; /* 0 or a power of two */
    size_t count;
};

typedef void table_fn(struct table_entry *entry, void *context);

uint64_t table_hash(const char *text);
struct table_entry *table_find(const struct table *table, const char *key); /* NULL when absent */
/* `entry->key` is set and not in the table yet. */
void table_insert(struct table *table, struct table_entry *entry);
void table_remove(struct table *table, struct table_entry *entry);
/* `fn` may remove the entry it is given, no other, and insert none. */
void table_each(const struct table *table, table_fn *fn, void *context);

#endif
