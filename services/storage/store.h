/*
 * The writer's side of the database, without its thread: groups of jobs become transactions. Functions that apply
 * something return 0 with the answer filled in (which may be a refusal; nothing is written then), or -1 when the database
 * failed: then the whole group is rolled back and all that is in memory is read again.
 */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include "job.h"
#include "rep.h"

enum number { NUMBER_INSTANCE, NUMBER_RESOURCE, NUMBER_VERSION, NUMBER_OUTBOX, NUMBER_ANSWER, NUMBER_PENDING, NUMBER_COUNT };

/* Numbers are reserved in blocks, so that a mark is written once per block; what was given out never comes again. */
struct reserve {
    int64_t next, limit;
};

struct store_options {
    const char *tenant; /* in events and their routing keys */
    const char *cse_id; /* the originator of what storage deletes by itself */
    int nodes;          /* resources kept in memory */
};

/* What a group did, for the reader's cache and for the metrics. */
struct group_report {
    struct str touched; /* ids of resources whose definition changed, each ended by NUL */
    bool all;           /* too many: all may have changed */
    int64_t rows, us;
    bool failed;
    char why[200];
    int64_t outbox; /* newest event written, 0 = none */
    int64_t events;
};

struct store {
    struct db *db;
    struct nodes *nodes;
    struct store_options options;
    struct reserve numbers[NUMBER_COUNT];
    int64_t taken;       /* the next instance number that must be skipped */
    struct node **dirty; /* nodes whose counters this group moved */
    int dirty_count, dirty_size;
    int watch_bytes;        /* loaded into the nodes */
    struct str answers;     /* of this group: "\nKEY\tANSWER" each */
    int64_t answers_pruned; /* nothing older than this is left, ms */
    int64_t confirmed;      /* events up to this one are with the broker */
    int64_t forgotten;      /* and up to this one deleted */
    bool garbage;           /* there may be some */
    bool probe;             /* the last transaction failed: the next chores try to write something */
    struct group_report *report;
};

struct store *store_new(struct db *db /* taken */, const struct store_options *options, char *why, size_t why_size);
void store_free(struct store *store);

/* All jobs in one transaction; their answers hold when it returns. */
void store_group(struct store *store, struct job **jobs, int count, struct group_report *report);
/* Work that nobody waits for, in a transaction of its own. True if there is more of it. */
bool store_has_chores(const struct store *store);
bool store_chores(struct store *store, struct group_report *report);
void report_reset(struct group_report *report);
void report_done(struct group_report *report);

/* ---- for the files below ------------------------------------------------------------------------------------------ */

int store_number(struct store *store, enum number which, int64_t *number); /* the next one, or -1 */
void store_dirty(struct store *store, struct node *node);                  /* its counters moved */
int store_flush(struct store *store);                                      /* writes all moved counters */
int store_savepoint(struct store *store); /* for several operations that hold together or not at all */
int store_release(struct store *store, bool keep);
void store_touched(struct store *store, const char *ri); /* its definition changed */

/* answers.c */
int answers_find(struct store *store, struct job **jobs, int count);
void answers_note(struct store *store, const struct origin *origin, char kind, const char *text, size_t len);
bool answers_noted(struct store *store, struct job *job); /* done in this very group; fills job->replay */
int answers_write(struct store *store, int64_t now);
int answers_prune(struct store *store, int64_t now, int most, bool *more);
#define ANSWERS_KEPT_MS 600000

/* append.c */
int append_apply(struct store *store, struct job *job);
/* Operation `append` of a commit: one more instance of `ri`, made by the CSE itself. */
int append_op(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
int append_evict(struct store *store, const struct origin *origin, struct node *parent, int64_t mni, int64_t mbs);
/*
 * The instance that goes along with a CREATE or UPDATE, member `instance` of the operation (flexContainerInstance): it keeps
 * what its parent is from then on, and does not move its stateTag. In steps, for the counters must be in the parent's own
 * event, which comes first. Nothing happens where there is none.
 */
struct along {
    bool wanted;
    struct append append;
    struct instance_row row;
    struct str text;
};
int along_read(struct along *along, const json_t *op, struct answer *a);
int along_add(struct store *store, const struct origin *origin, struct along *along, struct node *parent);
int along_event(struct store *store, const struct origin *origin, const struct along *along, struct node *parent);
void along_done(struct along *along);
int append_remove(struct store *store, struct node *parent, const struct origin *origin, int64_t id); /* with its event */

/* commit.c */
int commit_apply(struct store *store, struct job *job);
/* Operations that follow from an `append`. What they answer is not told, but why one is refused. */
int commit_follow(struct store *store, struct job *job, const json_t *ops);

/* modify.c: update, count and mark */
int modify_update(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
int modify_count(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
int modify_mark(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
uint32_t subscription_mask(const json_t *a);
/* A subscription below `ri` came, changed or went: mask and version follow. */
int subscriptions_changed(struct store *store, const char *ri);
/* A resource of type `ty` below `parent` (NULL: none) came, changed or went: likewise, if it is a subscription or the schedule of
 * one. */
int watching_changed(struct store *store, int ty, const struct node *parent);

/* remove.c */
int remove_op(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
int remove_resource(struct store *store, const struct origin *origin, const char *ri, struct answer *a);
int garbage_purge(struct store *store, int most, bool *more);

/* names.c */
int name_path_taken(struct store *store, const struct node *parent, const char *rn, bool *taken);
int name_reserve(struct store *store, const char *rn); /* a given name: no number may ever make it again */
int name_release(struct store *store, const char *rn); /* ... unless whoever had it is gone; NULL is fine */
int name_instance_number(struct store *store, int64_t *number);
bool name_number(const char *name, int64_t *number); /* does it look like the id of an instance? */

/* labels.c */
int labels_add(struct store *store, const json_t *lbl, const char *path, int64_t seq, int64_t id);
int labels_delete(struct store *store, const json_t *lbl, const char *path, int64_t seq, int64_t id);
json_t *labels_of_text(struct slice a); /* the member lbl of an object, or NULL; the caller owns it */

/* modify.c */
int64_t attribute_et(const json_t *a);              /* NEVER when it has none */
void text_of(struct str *out, const json_t *value); /* compact JSON, nothing for NULL */

/* event.c */
struct event {
    int op, ty;
    const char *ri, *pi, *path;
    struct slice rep;    /* with its root key */
    const char *mod;     /* JSON list, or NULL */
    const char *name;    /* of a report, or "earlier"; NULL: a resource has changed */
    const json_t *to;    /* ids of the subscriptions it is for; NULL: all */
    struct node *self;   /* NULL for instances */
    struct node *parent; /* NULL where its subscriptions do not matter */
};
int event_write(struct store *store, const struct origin *origin, const struct event *event);
/* Appends `,"sched":["...",...]`: the entries of the schedules below a subscription; nothing if it has none. */
int schedule_put(struct db *db, const char *subscription, struct str *out);
int event_report(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
#define SUBS_ACTED (UINT32_C(3) << 29)             /* bits of `subs`: somebody acts when the resource changes */
#define SUBS_ANNOUNCED (UINT32_C(1) << 27)         /* it has copies on other CSEs, which follow its changes */
#define SUBS_OF_SUBSCRIPTIONS UINT32_C(0x800007fe) /* the bits that its subscriptions decide; all others are set by `mark` */
enum { EVENT_CREATE = 1, EVENT_UPDATE = 3, EVENT_DELETE = 4 };

/* pending.c */
int pending_apply(struct store *store, struct job *job);
int pended_apply(struct store *store, struct job *job);
int pending_forget(struct store *store, const char *ri);
bool pending_belongs(int ty);

/* kept.c */
int kept_set(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
int kept_forget(struct store *store, const char *ri);

/* earlier.c: the commit operation `earlier` */
int earlier_write(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);

/*
 * spend.c: the commit operations `use` (one use less of an access control rule; stale when none is left) and `retrieved` (one
 * retrieval less of an instance with dcnt, which goes with the last; stale when it is gone).
 */
int spend_use(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);
int spend_retrieval(struct store *store, const struct origin *origin, const json_t *op, struct answer *a);

/* sweep.c. Something has this id, or this name below `parent`: if it has expired, it is deleted now, and *taken becomes false. */
int sweep_id(struct store *store, const struct origin *origin, const char *ri, bool *taken);
int sweep_name(struct store *store, const struct origin *origin, struct node *parent, const char *rn, bool *taken);
int sweep_apply(struct store *store, struct job *job);

#endif
