/*
 * Names below one parent. Instances without a given name are called like their id, whose number is the next of all: so a
 * given name is looked up by (parent, name), by path, and, if it looks like a number given out, by that number. One that
 * looks like a number still to come is noted, and the number is left out when its time comes.
 */
#include "id.h"
#include "mem.h"
#include "store.h"

bool name_number(const char *name, int64_t *number)
{
    for (const struct rtype *const *type = rtype_all(); *type; type++)
        if ((*type)->instance && id_instance_number((*type)->sn, name, number))
            return true;
    return false;
}

static int exists(struct db *db, enum sql sql, int found)
{
    db_end(db, sql);
    return found;
}

/* Is there an instance below `parent` that is called like this because that is its id? */
static int generated(struct db *db, const struct node *parent, int64_t number, const char *rn)
{
    int found = db_ask(db, INS_BY_ID, "i", number);
    struct instance_row row;
    char ri[ID_SIZE];

    if (found > 0) {
        row_instance(db, INS_BY_ID, &row);
        instance_ri(&row, ri);
        found = row.parent == parent->id && !row.rn && strcmp(ri, rn) == 0;
    }
    db_end(db, INS_BY_ID);
    return found;
}

int name_path_taken(struct store *store, const struct node *parent, const char *rn, bool *taken)
{
    auto_free char *path = xasprintf("%s/%s", parent->path, rn);
    int found = exists(store->db, RES_BY_PATH, db_ask(store->db, RES_BY_PATH, "t", path));
    int64_t number;

    if (found == 0)
        found = exists(store->db, INS_BY_NAME, db_ask(store->db, INS_BY_NAME, "it", parent->id, rn));
    if (found == 0 && name_number(rn, &number))
        found = generated(store->db, parent, number, rn);
    *taken = found > 0;
    return found < 0 ? -1 : 0;
}

int name_reserve(struct store *store, const char *rn)
{
    int64_t number;

    if (!name_number(rn, &number) || number < store->numbers[NUMBER_INSTANCE].next)
        return 0;
    store->taken = 0; /* it may be the next one */
    return db_run(store->db, TAKEN_INSERT, "i", number);
}

int name_release(struct store *store, const char *rn)
{
    int64_t number;

    if (!rn || !name_number(rn, &number) || number < store->numbers[NUMBER_INSTANCE].next)
        return 0;
    store->taken = 0;
    return db_run(store->db, TAKEN_RELEASE, "i", number) < 0 ? -1 : db_run(store->db, TAKEN_FORGET, "i", number);
}

static int next_taken(struct store *store, int64_t from)
{
    int found = db_ask(store->db, TAKEN_NEXT, "i", from);

    store->taken = found > 0 ? db_int(store->db, TAKEN_NEXT, 0) : NEVER;
    db_end(store->db, TAKEN_NEXT);
    return found;
}

int name_instance_number(struct store *store, int64_t *number)
{
    do {
        if (store_number(store, NUMBER_INSTANCE, number) < 0)
            return -1;
        if (store->taken < *number && next_taken(store, *number) < 0)
            return -1;
        if (store->taken > *number)
            return 0;
    } while (db_run(store->db, TAKEN_DELETE, "i", *number) == 0); /* its time has come, and will not come again */
    return -1;
}
