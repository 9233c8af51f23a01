/*
 * What is kept of resources in memory: definition, version and counters, by id and by path. A bounded cache, least recently
 * used first out; the writer has one with the counters it alone moves, the reader one in which only the definition counts
 * (it changes with the version, and the writer says when).
 */
#ifndef STORAGE_NODES_H
#define STORAGE_NODES_H

#include "db.h"

/* One subscription below a resource, as events carry it. */
struct watcher {
    uint32_t mask; /* what it watches: see subs in docs/contracts.md */
    char *text;    /* members "ri","path","by","a" as JSON, without braces */
};

struct watch {
    int count;
    struct watcher list[];
};

struct node {
    int64_t id;
    char *ri, *pi, *path; /* owned */
    char *key;            /* owned; of the root, NULL = the type's */
    int ty;
    int64_t v, ct, lt, et; /* et NEVER = does not expire */
    int64_t st, cni, cbs;
    uint32_t subs;
    struct watch *watch; /* the subscriptions below it; NULL = not loaded */
    bool dirty;          /* its counters are ahead of the table's: it stays */
    struct node *next_ri, *next_path, *newer, *older;
};

struct nodes;
struct nodes *nodes_new(int max);
void nodes_free(struct nodes *nodes);

/*
 * By id or by path; from memory or else from the table. NULL with *failed false when there is none. The node is borrowed
 * until the next nodes_trim(), nodes_forget*() or nodes_clear().
 */
struct node *nodes_by_ri(struct nodes *nodes, struct db *db, const char *ri, bool *failed);
struct node *nodes_by_path(struct nodes *nodes, struct db *db, const char *path, bool *failed);
struct node *nodes_by_id(struct nodes *nodes, struct db *db, int64_t id, bool *failed); /* not indexed in memory */

void nodes_forget(struct nodes *nodes, const char *ri);
void nodes_clear(struct nodes *nodes);
void nodes_trim(struct nodes *nodes); /* back to the bound, dirty ones excepted */
void watch_free(struct watch *watch);

#endif
