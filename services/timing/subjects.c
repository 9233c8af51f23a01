#include "subjects.h"

#include "actions.h"
#include "json.h"
#include "mashups.h"
#include "mem.h"
#include "primitive.h"
#include "processes.h"
#include "store.h"
#include "table.h"

/* Mark 30, docs/contracts.md. */
#define MARK_ACTED (INT64_C(1) << 30)

enum { KINDS = USER_MASHUP + 1 };

struct subject {
    struct table_entry entry; /* key = ri */
    char *ri;
    json_t *users[KINDS]; /* objects whose members are their ids, in order of coming */
};

static struct table all;

static struct subject *find(const char *ri)
{
    return (struct subject *)table_find(&all, ri);
}

static void subject_free(struct subject *s)
{
    table_remove(&all, &s->entry);
    for (int i = 0; i < KINDS; i++)
        json_decref(s->users[i]);
    free(s->ri);
    free(s);
}

void subjects_add(const char *subject, enum subject_user kind, const char *user)
{
    struct subject *s = find(subject);

    if (!s) {
        s = xcalloc(1, sizeof *s);
        s->ri = xstrdup(subject);
        s->entry.key = s->ri;
        for (int i = 0; i < KINDS; i++)
            s->users[i] = json_object();
        table_insert(&all, &s->entry);
    }
    json_object_set_new(s->users[kind], user, json_true());
}

void subjects_remove(const char *subject, enum subject_user kind, const char *user)
{
    struct subject *s = find(subject);

    if (!s)
        return;
    json_object_del(s->users[kind], user);
    for (int i = 0; i < KINDS; i++)
        if (json_object_size(s->users[i]) > 0)
            return;
    subject_free(s);
}

/* ---- marks that nobody needs any more ------------------------------------------------------------------------------- */

static void on_unmarked(void *context, enum store_status st, struct slice body)
{
    (void)st;
    (void)body;
    free(context);
}

/* Somebody may have come to look at it meanwhile; after this it would be a new version. */
static void on_stray(void *context, enum store_status st, struct slice body)
{
    json_auto_t *list = st == STORE_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    const json_t *record = json_array_get(list, 0);
    char *ri = context;

    if (!json_is_object(record) || !(json_int(record, "subs", 0) & MARK_ACTED) || find(ri) || processes_busy()) {
        free(ri);
        return;
    }
    store_commit(json_pack("[{ss ss sI}]", "op", "mark", "ri", ri, "off", MARK_ACTED),
                 json_pack("{sI}", ri, json_int(record, "v", 0)), on_unmarked, ri);
}

static void release(const char *ri)
{
    json_auto_t *addresses = json_pack("[s]", ri);

    store_records(addresses, on_stray, xstrdup(ri));
}

/* ---- changes -------------------------------------------------------------------------------------------------------- */

/* `a`: its attributes, NULL = to be read. */
static void tell(struct subject *s, json_t *a, int64_t seq, bool counters, struct source *source)
{
    json_auto_t *processes = json_copy(s->users[USER_PROCESS]);
    json_auto_t *mashups = json_copy(s->users[USER_MASHUP]);
    const char *id;
    json_t *value;

    actions_on_subject(s->ri, s->users[USER_ACTION], a, seq, counters, source);
    json_object_foreach(processes, id, value)
    {
        processes_on_subject(id, s->ri, a, source);
    }
    json_object_foreach(mashups, id, value)
    {
        mashups_on_member(id, source);
    }
}

void subjects_on_change(const struct change *change, struct source *source)
{
    bool child = change->op == OP_CREATE || change->op == OP_DELETE;
    const char *ri = child ? change->pi : change->ri;
    struct subject *s = find(ri);

    if (s)
        tell(s, child ? NULL : change->a, change->seq, child, source);
    else if (change->marks & MARK_ACTED)
        release(ri);
}

void subjects_changed(const char *subject)
{
    struct subject *s = find(subject);

    if (s)
        tell(s, NULL, 0, true, NULL);
}

static void free_one(struct table_entry *entry, void *context)
{
    (void)context;
    subject_free((struct subject *)entry);
}

void subjects_forget(void)
{
    table_each(&all, free_one, NULL);
}
