#include "table.h"

#include "mem.h"

#define FIRST_SIZE 64

/* FNV-1a */
uint64_t table_hash(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static struct table_entry **slot_of(const struct table *table, uint64_t hash)
{
    return &table->slots[(hash ^ hash >> 32) & (table->size - 1)];
}

struct table_entry *table_find(const struct table *table, const char *key)
{
    uint64_t hash = table_hash(key);
    struct table_entry *entry = table->size ? *slot_of(table, hash) : NULL;

    while (entry && (entry->hash != hash || strcmp(entry->key, key) != 0))
        entry = entry->next;
    return entry;
}

static void put(struct table *table, struct table_entry *entry)
{
    struct table_entry **slot = slot_of(table, entry->hash);

    entry->next = *slot;
    *slot = entry;
}

static void grow(struct table *table)
{
    struct table old = *table;

    table->size = old.size ? old.size * 2 : FIRST_SIZE;
    table->slots = xcalloc(table->size, sizeof(struct table_entry *));
    for (size_t i = 0; i < old.size; i++) {
        for (struct table_entry *entry = old.slots[i], *next; entry; entry = next) {
            next = entry->next;
            put(table, entry);
        }
    }
    free(old.slots);
}

void table_insert(struct table *table, struct table_entry *entry)
{
    if (table->count >= table->size)
        grow(table);
    entry->hash = table_hash(entry->key);
    put(table, entry);
    table->count++;
}

void table_remove(struct table *table, struct table_entry *entry)
{
    struct table_entry **at = slot_of(table, entry->hash);

    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    table->count--;
}

void table_each(const struct table *table, table_fn *fn, void *context)
{
    for (size_t i = 0; i < table->size; i++) {
        for (struct table_entry *entry = table->slots[i], *next; entry; entry = next) {
            next = entry->next;
            fn(entry, context);
        }
    }
}
