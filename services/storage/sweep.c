/* Expiry: what is past its time is deleted like any other deletion, the CSE being the originator. */
#include "clock.h"
#include "mem.h"
#include "store.h"

/* Each returns 1 when it has deleted something, 0 when nothing is due, -1. */
static int sweep_resource(struct store *store, const struct origin *origin, struct answer *a)
{
    int found = db_ask(store->db, RES_EXPIRED, "");
    auto_free char *ri = NULL;

    if (found > 0 && db_int(store->db, RES_EXPIRED, 1) <= origin->at)
        ri = xstrdup(db_text(store->db, RES_EXPIRED, 0));
    db_end(store->db, RES_EXPIRED);
    if (found < 0)
        return -1;
    if (!ri)
        return 0;
    return remove_resource(store, origin, ri, a) < 0 ? -1 : 1;
}

/* An instance whose container is gone has no events, but may have labels. */
static int sweep_garbage(struct store *store, int64_t parent, int64_t id)
{
    int found = db_ask(store->db, INS_BY_ID, "i", id), result = found < 0 ? -1 : 0;
    struct instance_row row;

    if (found > 0) {
        row_instance(store->db, INS_BY_ID, &row);
        result = name_release(store, row.rn);
        if (result == 0 && row.labeled && db_ask(store->db, GARBAGE_PATH, "i", parent) > 0) {
            json_auto_t *lbl = labels_of_text(row.a);

            result = labels_delete(store, lbl, db_text(store->db, GARBAGE_PATH, 0), row.seq, row.id);
        }
        db_end(store->db, GARBAGE_PATH);
    }
    db_end(store->db, INS_BY_ID);
    return result < 0 ? -1 : db_run(store->db, INS_DELETE, "i", id);
}

static int sweep_instance(struct store *store, const struct origin *origin)
{
    int found = db_ask(store->db, INS_EXPIRED, "i", origin->at);
    int64_t id = 0, parent_id = 0;
    struct node *parent;
    bool failed;

    if (found > 0) {
        id = db_int(store->db, INS_EXPIRED, I_ID);
        parent_id = db_int(store->db, INS_EXPIRED, I_PARENT);
    }
    db_end(store->db, INS_EXPIRED);
    if (found <= 0)
        return found;
    parent = nodes_by_id(store->nodes, store->db, parent_id, &failed);
    if (failed)
        return -1;
    found = parent ? append_remove(store, parent, origin, id) : sweep_garbage(store, parent_id, id);
    return found < 0 ? -1 : 1;
}

static struct origin sweeper(const struct store *store, int64_t at)
{
    return (struct origin){.fr = store->options.cse_id, .at = at};
}

static int sweep_node(struct store *store, const struct origin *origin, const struct node *node, bool *taken)
{
    struct origin own = sweeper(store, origin->at);
    auto_free char *ri = NULL;
    struct answer a = {0};
    int result;

    if (!node || node->et > origin->at)
        return 0;
    ri = xstrdup(node->ri);
    result = remove_resource(store, &own, ri, &a);
    *taken = a.st != ST_OK;
    answer_done(&a);
    return result;
}

int sweep_id(struct store *store, const struct origin *origin, const char *ri, bool *taken)
{
    bool failed;
    struct node *node = nodes_by_ri(store->nodes, store->db, ri, &failed);

    return failed ? -1 : sweep_node(store, origin, node, taken);
}

int sweep_name(struct store *store, const struct origin *origin, struct node *parent, const char *rn, bool *taken)
{
    auto_free char *path = xasprintf("%s/%s", parent->path, rn);
    struct origin own = sweeper(store, origin->at);
    struct instance_row row = {.et = NEVER};
    bool failed;
    struct node *node = nodes_by_path(store->nodes, store->db, path, &failed);

    if (failed)
        return -1;
    if (node)
        return sweep_node(store, origin, node, taken);
    if (db_ask(store->db, INS_BY_NAME, "it", parent->id, rn) > 0)
        row_instance(store->db, INS_BY_NAME, &row);
    db_end(store->db, INS_BY_NAME);
    if (row.et > origin->at)
        return 0;
    *taken = false;
    return append_remove(store, parent, &own, row.id);
}

int sweep_apply(struct store *store, struct job *job)
{
    struct origin origin = sweeper(store, job->origin.at);
    int count = 0, result = 1;

    for (; result > 0 && count < job->sweep; count += result)
        result = sweep_resource(store, &origin, &job->answer);
    for (result = result < 0 ? -1 : 1; result > 0 && count < job->sweep; count += result)
        result = sweep_instance(store, &origin);
    if (result < 0)
        return -1;
    answer_reset(&job->answer);
    head_int(&job->answer.head, "swept", count);
    return 0;
}
