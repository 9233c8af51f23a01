/*
 * What a decision looks at. Planning is a pure function that asks the snapshot for resources; what the snapshot does not
 * know yet is noted as missing, the shell loads it and plans again. All that was found is a precondition of what the plan does.
 */
#ifndef TESSERA_SNAPSHOT_H
#define TESSERA_SNAPSHOT_H

#include "id.h"
#include "rtype.h"
#include "str.h"

#include <stdint.h>

struct acl;   /* compiled privileges, access.h */
struct asked; /* ask.h */
struct kept;

/* A resource as storage gave it (a record, docs/contracts.md). Counted; `a` is shared and never changed. */
struct resource {
    int refs;
    char *ri, *pi, *path;
    char *by; /* creator, or NULL */
    const struct rtype *type;
    int64_t v; /* definition version; 0 for instances, which are not preconditions */
    uint32_t subs;
    int64_t et; /* ms: it is not there any more, even if storage has not deleted it yet; INT64_MAX = never */
    json_t *a;
    struct acl *pv, *pvs; /* of an accessControlPolicy, compiled on first use; freed with the resource */
};

struct resource *resource_new(const json_t *record); /* NULL if it is no record or its type is not implemented */
/* The type of a record: by its root key if it names one, else by its number. NULL if it is not implemented. */
const struct rtype *resource_type(const json_t *record);
struct resource *resource_ref(struct resource *r);
void resource_free(struct resource *r);         /* drops one reference */
size_t resource_size(const struct resource *r); /* bytes of memory, about */

/* A resource as one block of text: a quarter of its size, but it must be parsed to be looked at. Freed with free(). */
struct packed_resource {
    const struct rtype *type;
    int64_t v;
    uint32_t subs;
    int64_t et;
    bool by;      /* it has a creator */
    size_t a_len; /* bytes of the attributes' JSON */
    size_t path;  /* where it begins in `text` */
    char text[];  /* ri, path, pi, by and the attributes, each ended by NUL */
};
struct packed_resource *resource_pack(const struct resource *r);
struct resource *resource_unpack(const struct packed_resource *p); /* the caller's own reference */

enum lookup { FOUND, ABSENT_THERE, UNKNOWN_YET };

#define SNAPSHOT_MAX 64

/* What `cached` may answer besides NULL: that there is no such resource. Only within one request, never from the cache. */
extern struct resource resource_absent;

struct snapshot {
    int64_t now;                          /* ms; the request's reception */
    struct resource *found[SNAPSHOT_MAX]; /* owned references; the preconditions */
    char *alias[SNAPSHOT_MAX]; /* addresses it was found by that are neither its id nor its path, a line each; or NULL */
    int found_count;
    char *absent[SNAPSHOT_MAX]; /* addresses that storage does not have */
    int absent_count;
    char *missing[SNAPSHOT_MAX]; /* addresses to load */
    int missing_count;
    /* The orchestrator's cache: a reference for the snapshot to own, or NULL. A test gives its own. */
    struct resource *(*cached)(void *context, const char *address);
    void *context;
    /* Is `owner` the first to claim `what` (claims.h)? NULL: everybody is. */
    bool (*claim)(const char *what, const char *owner, int64_t now, int64_t until);
    char new_id[ID_SIZE]; /* of what is to be created; "" before it is known */
    struct asked **asked; /* questions, ask.h */
    size_t asked_count, asked_room;
    json_t *asked_by_key;  /* key -> place in `asked` */
    size_t asked_new[2];   /* not yet sent, by enum ask_place */
    size_t asked_first[2]; /* none of them is before */
    size_t asked_bytes;    /* of the answers' contents */
    struct kept *kept;     /* snapshot_keep() */
    bool too_many;         /* one of the lists was full: this request can't be decided */
    json_t *uses;          /* operations `use` of storage: rules that count how often they permit something, by what names them */
    bool wants_place;      /* a rule asks where the originator is; stays when the rest is forgotten */
    bool particular;       /* the verdict rests on attributes of the resource itself */
};

/*
 * Looks up a hosted resource by id or structured path (as in struct address: `local`). The id of another CSE ("/id-mn") finds
 * the remoteCSE that leads there. "ADDRESS/la" and "ADDRESS/ol" find
 * the instance that stands for them now (always loaded anew). What has expired is absent. On FOUND *out borrows from the
 * snapshot. UNKNOWN_YET has noted it as missing: the plan must come back as PLAN_NEED, but may go on to look up more first.
 */
enum lookup snapshot_get(struct snapshot *s, const char *address, const struct resource **out);
void snapshot_add(struct snapshot *s, const char *address, struct resource *r /* takes it; NULL: absent */);
void snapshot_forget(struct snapshot *s); /* for planning afresh: found, absent and missing are emptied */
/*
 * A text as long as the request lives, ended by NUL: the same text is kept once, however often it is planned again. Freed by
 * ask_done(), since questions borrow from it.
 */
const char *snapshot_keep(struct snapshot *s, const char *text, size_t len);
void snapshot_drop_kept(struct snapshot *s);
/* The decision uses up a rule: context `context` of the rule `rule` in the set ("pv", "pvs") of the policy `ri`. */
void snapshot_use(struct snapshot *s, const char *ri, const char *set, size_t rule, size_t context);
/* The `need` object of a storage request. */
void snapshot_need(const struct snapshot *s, struct str *json);

#endif
