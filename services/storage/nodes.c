/* The cache of resources: two chained hash tables and a list by age. */
#include "nodes.h"
#include "mem.h"

struct nodes {
    struct node **by_ri, **by_path;
    size_t mask;
    int count, max;
    struct node *newest, *oldest;
};

struct nodes *nodes_new(int max)
{
    struct nodes *nodes = xcalloc(1, sizeof *nodes);
    size_t size = 64;

    while (size < (size_t)max)
        size *= 2;
    nodes->by_ri = xcalloc(size, sizeof(struct node *));
    nodes->by_path = xcalloc(size, sizeof(struct node *));
    nodes->mask = size - 1;
    nodes->max = max;
    return nodes;
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    for (int i = 0; i < watch->count; i++)
        free(watch->list[i].text);
    free(watch);
}

static void node_free(struct node *n)
{
    watch_free(n->watch);
    free(n->ri);
    free(n->pi);
    free(n->path);
    free(n->key);
    free(n);
}

void nodes_free(struct nodes *nodes)
{
    if (!nodes)
        return;
    nodes_clear(nodes);
    free(nodes->by_ri);
    free(nodes->by_path);
    free(nodes);
}

/* FNV-1a */
static size_t hash(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (size_t)(h ^ (h >> 32));
}

static void age_remove(struct nodes *nodes, struct node *n)
{
    *(n->newer ? &n->newer->older : &nodes->newest) = n->older;
    *(n->older ? &n->older->newer : &nodes->oldest) = n->newer;
}

static void age_add(struct nodes *nodes, struct node *n)
{
    n->newer = NULL;
    n->older = nodes->newest;
    *(nodes->newest ? &nodes->newest->newer : &nodes->oldest) = n;
    nodes->newest = n;
}

static struct node *used(struct nodes *nodes, struct node *n)
{
    if (nodes->newest != n) {
        age_remove(nodes, n);
        age_add(nodes, n);
    }
    return n;
}

static void drop(struct nodes *nodes, struct node *n)
{
    struct node **at = &nodes->by_ri[hash(n->ri) & nodes->mask];

    while (*at != n)
        at = &(*at)->next_ri;
    *at = n->next_ri;
    for (at = &nodes->by_path[hash(n->path) & nodes->mask]; *at != n;)
        at = &(*at)->next_path;
    *at = n->next_path;
    age_remove(nodes, n);
    nodes->count--;
    node_free(n);
}

static struct node *find_ri(struct nodes *nodes, const char *ri)
{
    struct node *n = nodes->by_ri[hash(ri) & nodes->mask];

    while (n && strcmp(n->ri, ri) != 0)
        n = n->next_ri;
    return n;
}

static struct node *find_path(struct nodes *nodes, const char *path)
{
    struct node *n = nodes->by_path[hash(path) & nodes->mask];

    while (n && strcmp(n->path, path) != 0)
        n = n->next_path;
    return n;
}

static struct node *insert(struct nodes *nodes, struct db *db, enum sql sql)
{
    struct node *n = find_ri(nodes, db_text(db, sql, R_RI));
    struct node **at;

    if (n) /* it was looked up by another key; what is in memory is as new or newer */
        return used(nodes, n);
    n = xcalloc(1, sizeof *n);
    n->id = db_int(db, sql, R_ID);
    n->ri = xstrdup(db_text(db, sql, R_RI));
    n->pi = xstrdup(db_text(db, sql, R_PI));
    n->path = xstrdup(db_text(db, sql, R_PATH));
    n->key = db_null(db, sql, R_KEY) ? NULL : xstrdup(db_text(db, sql, R_KEY));
    n->ty = (int)db_int(db, sql, R_TY);
    n->v = db_int(db, sql, R_V);
    n->ct = db_int(db, sql, R_CT);
    n->lt = db_int(db, sql, R_LT);
    n->et = db_int_or(db, sql, R_ET, NEVER);
    n->st = db_int(db, sql, R_ST);
    n->cni = db_int(db, sql, R_CNI);
    n->cbs = db_int(db, sql, R_CBS);
    n->subs = (uint32_t)db_int(db, sql, R_SUBS);
    at = &nodes->by_ri[hash(n->ri) & nodes->mask];
    n->next_ri = *at;
    *at = n;
    at = &nodes->by_path[hash(n->path) & nodes->mask];
    n->next_path = *at;
    *at = n;
    age_add(nodes, n);
    nodes->count++;
    return n;
}

/* Ends a db_ask() whose answer was `found`. */
static struct node *take(struct nodes *nodes, struct db *db, enum sql sql, int found, bool *failed)
{
    struct node *n = found > 0 ? insert(nodes, db, sql) : NULL;

    *failed = found < 0;
    db_end(db, sql);
    return n;
}

struct node *nodes_by_ri(struct nodes *nodes, struct db *db, const char *ri, bool *failed)
{
    struct node *n = find_ri(nodes, ri);

    *failed = false;
    return n ? used(nodes, n) : take(nodes, db, RES_BY_RI, db_ask(db, RES_BY_RI, "t", ri), failed);
}

struct node *nodes_by_path(struct nodes *nodes, struct db *db, const char *path, bool *failed)
{
    struct node *n = find_path(nodes, path);

    *failed = false;
    return n ? used(nodes, n) : take(nodes, db, RES_BY_PATH, db_ask(db, RES_BY_PATH, "t", path), failed);
}

struct node *nodes_by_id(struct nodes *nodes, struct db *db, int64_t id, bool *failed)
{
    return take(nodes, db, RES_BY_ID, db_ask(db, RES_BY_ID, "i", id), failed);
}

void nodes_forget(struct nodes *nodes, const char *ri)
{
    struct node *n = find_ri(nodes, ri);

    if (n)
        drop(nodes, n);
}

void nodes_clear(struct nodes *nodes)
{
    while (nodes->oldest)
        drop(nodes, nodes->oldest);
}

void nodes_trim(struct nodes *nodes)
{
    struct node *n = nodes->oldest, *newer;

    for (; n && nodes->count > nodes->max; n = newer) {
        newer = n->newer;
        if (!n->dirty)
            drop(nodes, n);
    }
}
