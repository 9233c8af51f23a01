/* Instances: appended, alone or along with a change of their parent, evicted and removed. Cost does not depend on how many there
 * are. TS-0004 7.4.7.2.1. */
#include "clock.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "store.h"

static int instance_event(struct store *store, const struct origin *origin, int op, const struct instance_row *row,
                          struct node *parent, struct slice rep)
{
    char ri[ID_SIZE], buffer[ID_SIZE];
    auto_free char *path = xasprintf("%s/%s", parent->path, instance_name(row, buffer));
    struct event event = {.op = op, .ty = row->ty, .ri = ri, .pi = parent->ri, .path = path, .rep = rep, .parent = parent};

    instance_ri(row, ri);
    return event_write(store, origin, &event);
}

/* Takes the labels of an instance that is gone off the index, and gives its name back. */
static int forget_names(struct store *store, const char *path, const struct instance_row *row)
{
    json_auto_t *lbl = NULL;

    if (name_release(store, row->rn) < 0)
        return -1;
    if (!row->labeled)
        return 0;
    lbl = labels_of_text(row->a);
    return labels_delete(store, lbl, path, row->seq, row->id);
}

/*
 * An eviction is no event, TS-0004 7.4.7.2.1; but the copies of an instance on other CSEs are to go along. Only whoever sends
 * changes of announced resources on is told.
 */
static int tell_copies(struct store *store, const struct origin *origin, const struct node *parent,
                       const struct instance_row *row)
{
    struct above above = above_node(parent);
    struct event event = {.op = EVENT_DELETE, .ty = row->ty, .pi = parent->ri, .name = "evicted"};
    auto_str struct str rep = STR_EMPTY;
    auto_free char *path = NULL;
    char ri[ID_SIZE];

    if (!(parent->subs & SUBS_ANNOUNCED) || !memmem(row->a.p, row->a.n, "\"at\":", 5))
        return 0;
    instance_ri(row, ri);
    path = xasprintf("%s/%s", parent->path, row->rn ? row->rn : ri);
    rep_instance(&rep, row, &above);
    event.ri = ri;
    event.path = path;
    event.rep = (struct slice){rep.data, rep.len};
    return event_write(store, origin, &event);
}

int append_evict(struct store *store, const struct origin *origin, struct node *parent, int64_t mni, int64_t mbs)
{
    struct instance_row row;
    int found;

    while (parent->cni > 0 && ((mni >= 0 && parent->cni > mni) || (mbs >= 0 && parent->cbs > mbs))) {
        found = db_ask(store->db, INS_EVICT, "i", parent->id);
        if (found > 0) {
            row_instance(store->db, INS_EVICT, &row);
            parent->cni--;
            parent->cbs -= row.cs;
            found = forget_names(store, parent->path, &row) < 0 || tell_copies(store, origin, parent, &row) < 0 ? -1
                    : db_next(store->db, INS_EVICT) < 0                                                         ? -1
                                                                                                                : 1;
            store->db->rows++;
        } else if (found == 0) { /* counters that promise more than there is would never end */
            parent->cni = 0;
            parent->cbs = 0;
        }
        db_end(store->db, INS_EVICT);
        if (found < 0)
            return -1;
        store_dirty(store, parent);
    }
    return 0;
}

/* What is answered; `parent` and `row` as they are then. */
static void put_answer(struct answer *a, const struct instance_row *row, const struct node *parent)
{
    struct above above = above_node(parent);
    char ri[ID_SIZE];

    instance_ri(row, ri);
    head_str(&a->head, "ri", ri);
    head_str(&a->head, "rn", row->rn ? row->rn : ri);
    head_int(&a->head, "seq", row->seq);
    rep_instance(&a->body, row, &above);
}

static int insert(struct store *store, const struct instance_row *row, int64_t dgt, const struct node *parent)
{
    json_auto_t *lbl = labels_of_text(row->a);

    if (db_run(store->db, INS_INSERT, "iiiiieitise", row->id, parent->id, row->seq, (int64_t)row->ty, row->ct, row->et, row->cs,
               row->rn, (int64_t)row->labeled, row->a, dgt) < 0)
        return -1;
    return lbl ? labels_add(store, lbl, parent->path, row->seq, row->id) : 0;
}

static void note_answer(struct store *store, const struct job *job, const struct instance_row *row)
{
    char text[64];
    int len = snprintf(text, sizeof text, "%lld %lld", (long long)row->id, (long long)row->seq);

    answers_note(store, &job->origin, 'A', text, (size_t)len);
}

/* Writes one more instance below `parent`, whose `st` is for the caller to move: its seq is the number behind. */
static int add(struct store *store, const struct append *append, int64_t at, struct node *parent, struct instance_row *row)
{
    *row = (struct instance_row){
        .parent = parent->id,
        .seq = parent->st + 1,
        .ty = append->ty,
        .ct = at,
        .et = append->et,
        .cs = append->cs,
        .rn = append->rn,
        /* Or announced: what is to be done when it goes. */
        .labeled = memmem(append->a.p, append->a.n, "\"lbl\"", 5) || memmem(append->a.p, append->a.n, "\"at\":", 5),
        .a = append->a,
    };
    if (name_instance_number(store, &row->id) < 0 || (append->rn && name_reserve(store, append->rn) < 0))
        return -1;
    if (insert(store, row, append->dgt, parent) < 0)
        return -1;
    parent->cni++;
    parent->cbs += row->cs;
    parent->lt = row->ct;
    store_dirty(store, parent);
    return 0;
}

/* Everything holds: writes it all. */
static int append_write(struct store *store, struct job *job, struct node *parent)
{
    const struct append *append = &job->append;
    struct instance_row row;

    if (add(store, append, job->origin.at, parent, &row) < 0)
        return -1;
    parent->st++;
    put_answer(&job->answer, &row, parent);
    if (append_evict(store, &job->origin, parent, append->mni, append->mbs) < 0)
        return -1;
    if (instance_event(store, &job->origin, EVENT_CREATE, &row, parent,
                       (struct slice){job->answer.body.data, job->answer.body.len}) < 0)
        return -1;
    if (append->then && commit_follow(store, job, append->then) < 0)
        return -1;
    if (job->answer.st == ST_OK)
        note_answer(store, job, &row);
    return 0;
}

/* All or nothing, if something follows. */
static int append_all(struct store *store, struct job *job, struct node *parent)
{
    if (!job->append.then)
        return append_write(store, job, parent);
    if (store_savepoint(store) < 0 || append_write(store, job, parent) < 0)
        return -1;
    return store_release(store, job->answer.st == ST_OK);
}

/* Is its name free, and its time? 0 with the answer saying so, -1. */
static int check_unique(struct store *store, const struct origin *origin, const struct append *append, struct node *parent,
                        struct answer *a)
{
    bool taken = false;
    int found = 0;

    if (append->rn && name_path_taken(store, parent, append->rn, &taken) < 0)
        return -1;
    if (taken && sweep_name(store, origin, parent, append->rn, &taken) < 0)
        return -1;
    if (taken) {
        answer_exists(a, "path");
    } else if (append->dgt != NEVER) {
        found = db_ask(store->db, INS_BY_TIME, "ii", parent->id, append->dgt);
        db_end(store->db, INS_BY_TIME);
        if (found > 0)
            answer_exists(a, "dgt");
    }
    return found < 0 ? -1 : 0;
}

/* The first answer again. What has been evicted since is named, but its content is gone. */
static int replay(struct store *store, struct job *job)
{
    struct instance_row row = {.ty = job->append.ty, .ct = job->origin.at, .et = NEVER, .a = job->append.a};
    long long number = 0, seq = 0;
    struct node *parent;
    bool failed;
    int found;

    answer_reset(&job->answer);
    if (job->replay[0] != 'A' || sscanf(job->replay + 1, "%lld %lld", &number, &seq) != 2) {
        answer_refuse(&job->answer, RSC_BAD_REQUEST, "this key was used for something else");
        return 0;
    }
    parent = nodes_by_ri(store->nodes, store->db, job->append.pi, &failed);
    if (failed)
        return -1;
    found = db_ask(store->db, INS_BY_ID, "i", (int64_t)number);
    if (found > 0) {
        row_instance(store->db, INS_BY_ID, &row);
    } else { /* what came again is what came first */
        row.id = number;
        row.seq = seq;
        row.cs = job->append.cs;
        row.rn = job->append.rn;
        row.et = job->append.et;
    }
    if (found >= 0 && parent)
        put_answer(&job->answer, &row, parent);
    else if (found >= 0)
        put_answer(&job->answer, &row, &(struct node){.ri = (char *)job->append.pi, .et = NEVER});
    db_end(store->db, INS_BY_ID);
    return found < 0 ? -1 : 0;
}

int append_apply(struct store *store, struct job *job)
{
    const struct append *append = &job->append;
    const struct rtype *type = rtype_by_ty(append->ty);
    struct node *parent;
    bool failed;

    if (answers_noted(store, job))
        return replay(store, job);
    if (need_check(store->nodes, store->db, job->need, &job->answer) < 0)
        return -1;
    if (job->answer.st != ST_OK)
        return 0;
    if (!type || !type->instance) {
        answer_refuse(&job->answer, RSC_BAD_REQUEST, "type %d is not appended", append->ty);
        return 0;
    }
    parent = nodes_by_ri(store->nodes, store->db, append->pi, &failed);
    if (failed)
        return -1;
    if (!parent) {
        answer_gone(&job->answer, append->pi);
        return 0;
    }
    if (check_unique(store, &job->origin, append, parent, &job->answer) < 0)
        return -1;
    return job->answer.st == ST_OK ? append_all(store, job, parent) : 0;
}

int along_read(struct along *along, const json_t *op, struct answer *a)
{
    const json_t *instance = json_object_get(op, "instance"), *attributes = json_object_get(instance, "a");
    const struct rtype *type = rtype_by_ty((int)json_int(instance, "ty", 0));

    *along = (struct along){.wanted = instance != NULL};
    if (!instance)
        return 0;
    if (!type || !type->instance || !json_is_object(attributes) || json_int(instance, "cs", 0) < 0) {
        answer_refuse(a, RSC_BAD_REQUEST, "instance wants ty, cs and a");
        return 0;
    }
    json_write(&along->text, attributes);
    along->append = (struct append){
        .ty = type->ty,
        .cs = json_int(instance, "cs", 0),
        .et = json_int(instance, "et", NEVER),
        .dgt = json_int(instance, "dgt", NEVER),
        .rn = json_str(instance, "rn"),
        .mni = json_int(instance, "mni", -1),
        .mbs = json_int(instance, "mbs", -1),
        .a = {along->text.data, along->text.len},
    };
    return 0;
}

int along_add(struct store *store, const struct origin *origin, struct along *along, struct node *parent)
{
    if (!along->wanted)
        return 0;
    if (add(store, &along->append, origin->at, parent, &along->row) < 0)
        return -1;
    return append_evict(store, origin, parent, along->append.mni, along->append.mbs);
}

int along_event(struct store *store, const struct origin *origin, const struct along *along, struct node *parent)
{
    struct above above = above_node(parent);
    auto_str struct str rep = STR_EMPTY;

    if (!along->wanted)
        return 0;
    rep_instance(&rep, &along->row, &above);
    return instance_event(store, origin, EVENT_CREATE, &along->row, parent, (struct slice){rep.data, rep.len});
}

static int append_instance(struct store *store, const struct origin *origin, struct along *along, struct node *parent)
{
    if (along_add(store, origin, along, parent) < 0)
        return -1;
    parent->st++;
    return along_event(store, origin, along, parent);
}

int append_op(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    const char *ri = json_str(op, "ri");
    struct along along = {0};
    struct node *parent;
    bool failed = false;
    int result;

    str_puts(&a->body, "null");
    parent = ri ? nodes_by_ri(store->nodes, store->db, ri, &failed) : NULL;
    if (failed)
        return -1;
    if (!parent) {
        answer_gone(a, ri ? ri : "");
        return 0;
    }
    result = along_read(&along, op, a);
    if (a->st == ST_OK && !along.wanted)
        answer_refuse(a, RSC_BAD_REQUEST, "append wants an instance");
    if (result == 0 && a->st == ST_OK)
        result = check_unique(store, origin, &along.append, parent, a);
    if (result == 0 && a->st == ST_OK && along.append.a.p)
        result = append_instance(store, origin, &along, parent);
    along_done(&along);
    return result;
}

void along_done(struct along *along)
{
    str_done(&along->text);
}

int append_remove(struct store *store, struct node *parent, const struct origin *origin, int64_t id)
{
    struct above above = above_node(parent);
    auto_str struct str rep = STR_EMPTY;
    struct instance_row row;
    int result = 0;

    if (db_ask(store->db, INS_BY_ID, "i", id) <= 0) {
        db_end(store->db, INS_BY_ID);
        return -1;
    }
    row_instance(store->db, INS_BY_ID, &row);
    rep_instance(&rep, &row, &above);
    result = forget_names(store, parent->path, &row);
    parent->cni--;
    parent->cbs -= row.cs;
    parent->lt = origin->at;
    store_dirty(store, parent);
    if (result == 0)
        result = instance_event(store, origin, EVENT_DELETE, &row, parent, (struct slice){rep.data, rep.len});
    db_end(store->db, INS_BY_ID);
    return result < 0 ? -1 : db_run(store->db, INS_DELETE, "i", id);
}
