/* Groups: begin, apply each job, write what the group has gathered, commit; or roll back and forget. */
#include "store.h"
#include "clock.h"
#include "mem.h"

#define TOUCHED_MAX 1024 /* ids told to the reader one by one */
#define WATCH_BYTES_MAX (2 << 20)
#define BUSY_GARBAGE 32 /* instances purged along with a group */
#define IDLE_GARBAGE 500
#define BUSY_ANSWERS 4
#define IDLE_ANSWERS 200

struct number_row {
    const char *name;
    int64_t first, block;
};

/* Instances begin at 36^5: short names such as cin1 that clients like to give never meet a number. */
static const struct number_row number_rows[NUMBER_COUNT] = {
    [NUMBER_INSTANCE] = {"instance", 60466176, 4096},
    [NUMBER_RESOURCE] = {"resource", 1,        256 },
    [NUMBER_VERSION] = {"version",  1,        1024},
    [NUMBER_OUTBOX] = {"outbox",   1,        4096},
    [NUMBER_ANSWER] = {"answer",   1,        4096},
    [NUMBER_PENDING] = {"pending",  1,        1024},
};

int store_number(struct store *store, enum number which, int64_t *number)
{
    const struct number_row *row = &number_rows[which];
    struct reserve *r = &store->numbers[which];

    if (r->next == r->limit) {
        if (db_run(store->db, META_SET, "ti", row->name, r->limit + row->block) < 0)
            return -1;
        r->limit += row->block;
    }
    *number = r->next++;
    return 0;
}

static int read_numbers(struct store *store)
{
    int found = 0;

    for (int i = 0; i < NUMBER_COUNT && found >= 0; i++) {
        found = db_ask(store->db, META_GET, "t", number_rows[i].name);
        store->numbers[i].next = found > 0 ? db_int(store->db, META_GET, 0) : number_rows[i].first;
        store->numbers[i].limit = store->numbers[i].next;
        db_end(store->db, META_GET);
    }
    if (found < 0)
        return -1;
    store->taken = 0; /* looked up with the next instance */
    return 0;
}

/* After a failure; when even this fails, the next number asked for fails, too, and so it is tried again. */
static void store_reread(struct store *store)
{
    for (int i = 0; i < store->dirty_count; i++)
        store->dirty[i]->dirty = false;
    store->dirty_count = 0;
    nodes_clear(store->nodes);
    store->watch_bytes = 0;
    store->garbage = true;
    if (read_numbers(store) < 0)
        store->numbers[0].limit = -1;
}

struct store *store_new(struct db *db, const struct store_options *options, char *why, size_t why_size)
{
    struct store *store = xcalloc(1, sizeof *store);

    store->db = db;
    store->options = *options;
    store->nodes = nodes_new(options->nodes);
    store->garbage = true;
    if (read_numbers(store) < 0) {
        db_fault(db, why, why_size);
        store_free(store);
        return NULL;
    }
    return store;
}

void store_free(struct store *store)
{
    if (!store)
        return;
    nodes_free(store->nodes);
    db_close(store->db);
    free(store->dirty);
    str_done(&store->answers);
    free(store);
}

void store_dirty(struct store *store, struct node *node)
{
    if (node->dirty)
        return;
    node->dirty = true;
    if (store->dirty_count == store->dirty_size) {
        store->dirty_size = store->dirty_size ? 2 * store->dirty_size : 64;
        store->dirty = xrealloc(store->dirty, (size_t)store->dirty_size * sizeof(struct node *));
    }
    store->dirty[store->dirty_count++] = node;
}

int store_flush(struct store *store)
{
    struct node *n;

    while (store->dirty_count > 0) {
        n = store->dirty[store->dirty_count - 1];
        if (db_run(store->db, RES_COUNTERS, "iiiii", n->st, n->cni, n->cbs, n->lt, n->id) < 0)
            return -1;
        n->dirty = false;
        store->dirty_count--;
    }
    return 0;
}

int store_savepoint(struct store *store)
{
    return store_flush(store) < 0 ? -1 : store->db->engine->exec(store->db->connection, "SAVEPOINT ops");
}

int store_release(struct store *store, bool keep)
{
    if (keep)
        return store->db->engine->exec(store->db->connection, "RELEASE SAVEPOINT ops");
    if (store->db->engine->exec(store->db->connection, "ROLLBACK TO SAVEPOINT ops; RELEASE SAVEPOINT ops") < 0)
        return -1;
    for (int i = 0; i < store->dirty_count; i++)
        store->dirty[i]->dirty = false;
    store->dirty_count = 0;
    nodes_clear(store->nodes);
    store->watch_bytes = 0;
    store->taken = 0;
    /* A mark may have been undone: the next number writes it again. */
    for (int i = 0; i < NUMBER_COUNT; i++)
        store->numbers[i].limit = store->numbers[i].next;
    return 0;
}

void store_touched(struct store *store, const char *ri)
{
    struct str *touched = &store->report->touched;

    if (touched->len > (size_t)TOUCHED_MAX * 24)
        store->report->all = true;
    if (!store->report->all)
        str_add(touched, ri, strlen(ri) + 1);
}

void report_reset(struct group_report *report)
{
    struct str touched = report->touched;

    str_reset(&touched);
    *report = (struct group_report){.touched = touched};
}

void report_done(struct group_report *report)
{
    str_done(&report->touched);
}

static int apply(struct store *store, struct job *job)
{
    static int (*const appliers[])(struct store *, struct job *) = {
        [JOB_APPEND] = append_apply, [JOB_COMMIT] = commit_apply, [JOB_PEND] = pending_apply,
        [JOB_PENDED] = pended_apply, [JOB_SWEEP] = sweep_apply,
    };

    answer_reset(&job->answer);
    return job->kind == JOB_PING ? 0 : appliers[job->kind](store, job);
}

static bool writes(struct job **jobs, int count)
{
    for (int i = 0; i < count; i++)
        if (jobs[i]->kind != JOB_PING)
            return true;
    return false;
}

/* What is written along with every group, or by itself. */
static int write_chores(struct store *store, bool idle, bool *more)
{
    int64_t now = clock_now_ms();
    bool left = false;

    *more = false;
    if (idle && store->probe && db_run(store->db, META_SET, "ti", "probe", now) < 0)
        return -1;
    if (store->confirmed > store->forgotten) {
        if (db_run(store->db, OUTBOX_DELETE, "i", store->confirmed) < 0)
            return -1;
        store->forgotten = store->confirmed;
    }
    if (answers_prune(store, now, idle ? IDLE_ANSWERS : BUSY_ANSWERS, &left) < 0)
        return -1;
    if (garbage_purge(store, idle ? IDLE_GARBAGE : BUSY_GARBAGE, more) < 0)
        return -1;
    *more = *more || left;
    return 0;
}

static int run_group(struct store *store, struct job **jobs, int count)
{
    const struct engine *engine = store->db->engine;
    bool more;

    if (store->numbers[0].limit < 0 && read_numbers(store) < 0)
        return -1;
    if (engine->begin(store->db->connection) < 0)
        return -1;
    if (answers_find(store, jobs, count) < 0)
        return -1;
    for (int i = 0; i < count; i++)
        if (apply(store, jobs[i]) < 0)
            return -1;
    if (store_flush(store) < 0 || answers_write(store, clock_now_ms()) < 0 || write_chores(store, false, &more) < 0)
        return -1;
    return engine->commit(store->db->connection);
}

static void limit_memory(struct store *store)
{
    nodes_trim(store->nodes);
    if (store->watch_bytes > WATCH_BYTES_MAX) {
        nodes_clear(store->nodes);
        store->watch_bytes = 0;
    }
}

/* Undoes the transaction and all that memory knows of it. Tells how bad it is. */
static enum engine_fault undo(struct store *store, int64_t forgotten)
{
    enum engine_fault fault = db_fault(store->db, store->report->why, sizeof store->report->why);

    store->db->engine->rollback(store->db->connection);
    for (int i = 0; i < SQL_COUNT; i++)
        db_end(store->db, (enum sql)i);
    str_reset(&store->answers);
    store->forgotten = forgotten;
    store->report->all = true;
    store->report->outbox = 0;
    store->report->events = 0;
    store_reread(store);
    return fault;
}

static void try_group(struct store *store, struct job **jobs, int count)
{
    int64_t forgotten = store->forgotten, outbox = store->report->outbox, events = store->report->events;
    enum engine_fault fault;

    if (run_group(store, jobs, count) == 0)
        return;
    fault = undo(store, forgotten);
    store->report->outbox = outbox;
    store->report->events = events;
    /* One request that the database does not take must not fail its neighbours. */
    if (fault == ENGINE_REQUEST && count > 1) {
        for (int i = 0; i < count; i++)
            try_group(store, &jobs[i], 1);
        return;
    }
    store->report->failed = true;
    store->probe = true;
    for (int i = 0; i < count; i++)
        answer_failed(&jobs[i]->answer, store->report->why);
}

void store_group(struct store *store, struct job **jobs, int count, struct group_report *report)
{
    int64_t start = clock_mono_us();

    store->report = report;
    store->db->rows = 0;
    if (writes(jobs, count)) {
        limit_memory(store);
        try_group(store, jobs, count);
    }
    report->rows = store->db->rows;
    report->us = clock_mono_us() - start;
}

bool store_has_chores(const struct store *store)
{
    return store->probe || store->garbage || store->confirmed > store->forgotten ||
           store->answers_pruned < clock_now_ms() - ANSWERS_KEPT_MS;
}

bool store_chores(struct store *store, struct group_report *report)
{
    const struct engine *engine = store->db->engine;
    int64_t forgotten = store->forgotten;
    bool more = false;

    store->report = report;
    store->db->rows = 0;
    if (engine->begin(store->db->connection) < 0 || write_chores(store, true, &more) < 0 ||
        engine->commit(store->db->connection) < 0) {
        undo(store, forgotten);
        store->probe = true;
        report->failed = true;
        return false;
    }
    store->probe = false;
    report->rows = store->db->rows;
    return more;
}
