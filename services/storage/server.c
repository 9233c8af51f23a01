/*
 * Wiring: requests from the bus go to the reader at once or to the writer, answers go back; what was written goes out as
 * events. An instance that does not own the database's lock stands by; should it get requests all the same - the owner is
 * dead or dying then - they wait until the lock is free.
 */
#include "server.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "lock.h"
#include "log.h"
#include "loop.h"
#include "measure.h"
#include "outbox.h"
#include "reader.h"
#include "writer.h"

#include <errno.h>
#include <sys/stat.h>

#include "mem.h"

#define TENANT "main"
#define LOCK_RETRY_MS 50
#define PUBLISH_RETRY_MS 100
#define SWEEP_CHUNK 64

const struct config_row server_config[] = {
    {"storage.directory", CONFIG_TEXT, "var/tenants", 1,    4000,     "directory of the databases, one file per tenant"           },
    {"storage.sweep",     CONFIG_INT,  "60000",       1000, 86400000, "ms between two searches for expired resources"             },
    {"storage.cache",     CONFIG_INT,  "2048",        256,  16777216, "page cache of each of the two database connections, in KiB"},
    {"storage.resources", CONFIG_INT,  "4096",        64,   10000000,
     "resources whose definition is kept in memory, once for reading and once for writing"                                        },
    {NULL,                CONFIG_TEXT, NULL,          0,    0,        NULL                                                        },
};

static const struct engine *const engine = &engine_sqlite;
static char *file; /* of the database */
static int lock = -1;
static struct loop_timer *lock_timer, *publish_timer, *sweep_timer;
static struct reader *reader;
static struct writer *writer; /* NULL while standing by */
static struct outbox *outbox;

static const char *const st_names[] = {
    [ST_OK] = "ok",     [ST_STALE] = "stale",     [ST_EXISTS] = "exists",
    [ST_NONE] = "none", [ST_REFUSED] = "refused", [ST_FAILED] = "failed",
};

static void reply(struct bus_delivery *delivery, const struct answer *a)
{
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "st", st_names[a->st]);
    str_add(&head, str_text(&a->head), a->head.len);
    measure_answer(envelope_str(&delivery->envelope, "do"), st_names[a->st]);
    bus_reply(delivery, &head, str_text(&a->body), a->body.len);
}

/* ---- the writer's requests ---- */

static void on_job_done(struct job *job)
{
    reply(job->context, &job->answer);
    job_done(job);
    free(job);
}

static void submit(struct bus_delivery *delivery, enum job_kind kind)
{
    struct job *job = xcalloc(1, sizeof *job);

    job->context = delivery;
    job->done = on_job_done;
    if (job_decode(job, kind, &delivery->envelope) < 0) {
        on_job_done(job);
        return;
    }
    job->origin.again = job->origin.again || delivery->again;
    if (writer_submit(writer, job) < 0) {
        answer_failed(&job->answer, "busy");
        on_job_done(job);
    }
}

static void on_append(struct bus_delivery *delivery)
{
    submit(delivery, JOB_APPEND);
}

static void on_commit(struct bus_delivery *delivery)
{
    submit(delivery, JOB_COMMIT);
}

static void on_pend(struct bus_delivery *delivery)
{
    submit(delivery, JOB_PEND);
}

static void on_pended(struct bus_delivery *delivery)
{
    submit(delivery, JOB_PENDED);
}

static void on_ping(struct bus_delivery *delivery)
{
    submit(delivery, JOB_PING);
}

/* ---- reads ---- */

/* Ends a read: `result` -1 means that the database failed. */
static void reply_read(struct bus_delivery *delivery, struct answer *a, int result)
{
    char why[200];

    if (result < 0) {
        db_fault(reader->db, why, sizeof why);
        log_often(LOG_ERROR, "storage.read", "do=%s why=%s", envelope_str(&delivery->envelope, "do"), why);
        answer_failed(a, why);
    }
    reply(delivery, a);
    answer_done(a);
}

/* True when the preconditions hold; otherwise it has been answered. */
static bool needs_hold(struct bus_delivery *delivery, struct answer *a)
{
    int result = need_check(reader->nodes, reader->db, envelope_raw(&delivery->envelope, "need"), a);

    if (result == 0 && a->st == ST_OK)
        return true;
    reply_read(delivery, a, result);
    return false;
}

static void on_records(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    struct answer a = {0};
    char why[128];
    json_auto_t *addresses = NULL;

    if (!needs_hold(delivery, &a))
        return;
    addresses = json_parse(e->body, e->body_len, why, sizeof why);
    reply_read(delivery, &a, records_list(reader, addresses, &a));
}

static void on_get(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    const char *to = envelope_str(e, "to"), *virt = envelope_str(e, "virt");
    enum virtual_child child = !virt ? NOT_VIRTUAL : strcmp(virt, "la") == 0 ? LATEST : OLDEST;
    struct answer a = {0};
    int result = 0;

    if (!to || (child == OLDEST && strcmp(virt, "ol") != 0))
        answer_refuse(&a, RSC_BAD_REQUEST, "get wants to, and virt la or ol");
    else
        result = records_get(reader, to, child, envelope_raw(e, "need"), &a);
    reply_read(delivery, &a, result);
}

static void on_query(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    const char *mode = envelope_str(e, "mode");
    struct slice text = envelope_raw(e, "fc");
    char why[128] = "query wants root";
    json_auto_t *fc = text.n ? json_parse(text.p, text.n, why, sizeof why) : NULL;
    struct query query = {
        .root = envelope_str(e, "root"),
        .full = mode && strcmp(mode, "full") == 0,
        .fc = fc,
        .active = envelope_bool(e, "active", false),
        .lvl = envelope_int(e, "lvl", 0),
        .after = envelope_str(e, "after"),
        .max = envelope_int(e, "max", QUERY_ROWS_MAX),
    };
    struct answer a = {0};
    int result = 0;

    if (!needs_hold(delivery, &a))
        return;
    if (!query.root || (text.n && !fc))
        answer_refuse(&a, RSC_BAD_REQUEST, "%s", why);
    else
        result = query_run(reader, &query, &a);
    reply_read(delivery, &a, result);
}

static void on_pending(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    struct answer a = {0};
    int result =
        records_pending(reader, envelope_str(e, "lane"), envelope_str(e, "after"), envelope_int(e, "max", QUERY_ROWS_MAX), &a);

    reply_read(delivery, &a, result);
}

static void on_kept(struct bus_delivery *delivery)
{
    const struct envelope *e = &delivery->envelope;
    struct answer a = {0};
    int result =
        records_kept(reader, envelope_str(e, "name"), envelope_str(e, "after"), envelope_int(e, "max", QUERY_ROWS_MAX), &a);

    reply_read(delivery, &a, result);
}

/* ---- requests ---- */

struct handler {
    const char *name;
    bus_handler_fn *handle;
};

static const struct handler handlers[] = {
    {"append",  on_append },
    {"get",     on_get    },
    {"commit",  on_commit },
    {"records", on_records},
    {"query",   on_query  },
    {"pend",    on_pend   },
    {"pended",  on_pended },
    {"pending", on_pending},
    {"kept",    on_kept   },
    {"ping",    on_ping   },
    {NULL,      NULL      },
};

static void refuse(struct bus_delivery *delivery, const char *why)
{
    struct answer a = {0};

    answer_refuse(&a, RSC_BAD_REQUEST, "%s", why);
    reply(delivery, &a);
    answer_done(&a);
}

/* Only the instance that owns the database consumes. */
void server_on_request(struct bus_delivery *delivery)
{
    const char *name = envelope_str(&delivery->envelope, "do"), *tenant = envelope_str(&delivery->envelope, "tenant");

    if (tenant && strcmp(tenant, TENANT) != 0) {
        refuse(delivery, "no such tenant");
        return;
    }
    for (const struct handler *h = handlers; name && h->name; h++) {
        if (strcmp(h->name, name) == 0) {
            h->handle(delivery);
            return;
        }
    }
    refuse(delivery, "unknown do");
}

/* ---- what the writer did by itself, and events ---- */

static void publish(void *context)
{
    int result = outbox_pump(outbox);

    (void)context;
    if (result != 0)
        loop_timer_start(publish_timer, PUBLISH_RETRY_MS, 0);
}

static void on_confirmed(int64_t seq)
{
    if (!writer)
        return;
    if (seq)
        writer_confirmed(writer, seq);
    loop_timer_start(publish_timer, seq ? 0 : PUBLISH_RETRY_MS, 0); /* there is room again */
}

static void on_bus_state(bool up)
{
    if (up && outbox)
        publish(NULL);
}

static void on_group(const struct group_report *report, struct job *const *jobs, int count)
{
    reader_learn(reader, report);
    measure_group(report, jobs, count);
    if (report->outbox == 0)
        return;
    outbox_written(outbox, report->outbox, report->events);
    publish(NULL);
}

static void on_swept(struct job *job)
{
    const char *count = strstr(str_text(&job->answer.head), "\"swept\":");
    int64_t swept = job->answer.st == ST_OK && count ? strtoll(count + 8, NULL, 10) : 0;

    if (swept > 0) {
        measure_sweep(swept);
        log_info("storage.swept", "count=%lld", (long long)swept);
    }
    job_done(job);
    free(job);
    /* A full chunk: there is more, but others come first. */
    loop_timer_start(sweep_timer, swept == SWEEP_CHUNK ? 1 : config_int("storage.sweep"), 0);
}

static void sweep(void *context)
{
    struct job *job = xcalloc(1, sizeof *job);

    (void)context;
    job->kind = JOB_SWEEP;
    job->origin.at = clock_now_ms();
    job->sweep = SWEEP_CHUNK;
    job->done = on_swept;
    if (writer_submit(writer, job) == 0)
        return;
    free(job);
    loop_timer_start(sweep_timer, 1000, 0);
}

/* ---- the life of the database ---- */

static void on_render(void)
{
    if (writer) {
        measure_state(outbox_length(outbox), outbox_waiting(outbox), writer_waiting(writer), engine->bytes(file));
        measure_disk(file);
    }
    measure_active(writer != NULL);
}

static void open_database(void)
{
    int cache = (int)config_int("storage.cache"), nodes = (int)config_int("storage.resources");
    struct store_options options = {.tenant = TENANT, .cse_id = cse_id(), .nodes = nodes};
    char why[400] = "";
    struct db *db = db_open(engine, file, ENGINE_WRITER, cache, why, sizeof why);
    struct store *store = db ? store_new(db, &options, why, sizeof why) : NULL;
    struct db *second = store ? db_open(engine, file, ENGINE_READER, cache, why, sizeof why) : NULL;

    if (!second)
        log_fatal("storage.open", "why=%s", why);
    reader = reader_new(second, nodes);
    outbox = outbox_new(second, bus_event, on_confirmed);
    writer = writer_start(store, on_group);
    log_info("storage.open", "file=%s bytes=%lld events=%lld", file, (long long)engine->bytes(file),
             (long long)outbox_length(outbox));
    loop_timer_start(sweep_timer, 1, 0);
    publish(NULL);
}

static void on_lock_timer(void *context)
{
    (void)context;
    if (!lock_try(lock))
        return;
    loop_timer_stop(lock_timer);
    open_database();
    bus_consume();
}

/* Makes a directory with those above it. */
static void make_directory(const char *path)
{
    auto_free char *copy = xstrdup(path);

    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0750);
        *slash = '/';
    }
    if (mkdir(copy, 0750) < 0 && errno != EEXIST)
        log_fatal("storage.directory", "path=%s error=%s", path, strerror(errno));
}

void server_start(void)
{
    const char *directory = config_text("storage.directory");
    auto_free char *lock_path = xasprintf("%s/%s.lock", directory, TENANT);

    make_directory(directory);
    file = xasprintf("%s/%s.db", directory, TENANT);
    lock = lock_open(lock_path);
    if (lock < 0)
        log_fatal("storage.lock", "path=%s error=%s", lock_path, strerror(errno));
    lock_timer = loop_timer_new(on_lock_timer, NULL);
    publish_timer = loop_timer_new(publish, NULL);
    sweep_timer = loop_timer_new(sweep, NULL);
    bus_on_state(on_bus_state);
    metrics_on_render(on_render);
    if (lock_try(lock)) {
        open_database();
        return;
    }
    log_info("storage.standby", "lock=%s", lock_path);
    bus_hold();
    loop_timer_start(lock_timer, LOCK_RETRY_MS, LOCK_RETRY_MS);
}

void server_stop(void)
{
    struct writer *ending = writer;

    writer = NULL;
    if (ending) {
        writer_stop(ending);
        reader_free(reader);
    }
    loop_timer_free(lock_timer);
    loop_timer_free(publish_timer);
    loop_timer_free(sweep_timer);
    lock_close(lock);
    free(file);
    /* The outbox stays: the bus may still tell it what has become of its last events. */
}

bool server_ready(struct str *why)
{
    if (writer)
        return writer_healthy(writer, why);
    str_puts(why, "standby");
    return true;
}

bool server_idle(void)
{
    return !writer || writer_waiting(writer) == 0;
}
