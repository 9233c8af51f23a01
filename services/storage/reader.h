/* Reads: on the main thread, on a connection of their own, each short enough not to hold the loop. */
#ifndef STORAGE_READER_H
#define STORAGE_READER_H

#include "store.h"

struct reader {
    struct db *db;
    struct nodes *nodes; /* definitions only: counters in it are old */
};

struct reader *reader_new(struct db *db /* taken */, int nodes);
void reader_free(struct reader *reader);
void reader_learn(struct reader *reader, const struct group_report *report); /* what a group changed; before it is answered */

/* An address resolved: a resource, or an instance. */
struct target {
    struct node *node; /* the resource, or the instance's container; NULL = there is none */
    bool instance;
    int64_t number; /* of the instance */
};
int reader_find(struct reader *reader, const char *address, struct target *target); /* 0, or -1 */

enum virtual_child { NOT_VIRTUAL, LATEST, OLDEST };

/* Each 0 with the answer filled in, or -1 when the database failed. */
int records_list(struct reader *reader, const json_t *addresses, struct answer *a);
int records_get(struct reader *reader, const char *to, enum virtual_child virt, struct slice need, struct answer *a);
/* Of one lane; without `lane` a summary of those behind `after` (NULL = from the first). */
int records_pending(struct reader *reader, const char *lane, const char *after, int64_t max, struct answer *a);

/* What the service `name` keeps with resources, of those whose id is behind `after` (NULL = from the first). */
int records_kept(struct reader *reader, const char *name, const char *after, int64_t max, struct answer *a);

struct query {
    const char *root;
    bool full;
    const json_t *fc;  /* or NULL */
    bool active;       /* without AEs whose registrationStatus is INACTIVE and what is below them */
    int64_t lvl;       /* 0 = all */
    const char *after; /* cursor, or NULL */
    int64_t max;
};
#define QUERY_ROWS_MAX 1000
int query_run(struct reader *reader, const struct query *query, struct answer *a);

#endif
