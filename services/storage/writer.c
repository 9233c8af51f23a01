/* Jobs go to the thread through a list under a lock, and come back through another and a wake-up of the loop. */
#include "writer.h"
#include "clock.h"
#include "log.h"
#include "loop.h"
#include "mem.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define GROUP_MAX 256
#define IDLE_MS 200      /* so long nothing came: time to tidy up */
#define REST_MS 10000    /* likewise, when there was nothing to tidy up the last time */
#define STUCK_US 5000000 /* a group that takes longer makes the instance unhealthy */

/* A group on its way back. */
struct batch {
    struct batch *next;
    struct group_report report;
    int count;
    struct job *jobs[];
};

struct writer {
    struct store *store;
    writer_group_fn *on_group;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t come;
    struct job *first, **last; /* under the lock */
    struct batch *back, **back_last;
    bool stop, resting, stirred; /* stirred: a rest ends, there may be something to tidy up soon */
    atomic_llong confirmed;
    atomic_llong busy_since; /* 0 = idle */
    struct loop_wake *wake;
    int waiting; /* the main thread's */
    struct group_report failure;
};

static void give_back(struct writer *w, struct batch *batch)
{
    pthread_mutex_lock(&w->lock);
    *w->back_last = batch;
    w->back_last = &batch->next;
    pthread_mutex_unlock(&w->lock);
    loop_wake(w->wake);
}

static struct timespec in_ms(int64_t ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* Under the lock. */
static void wait_for_jobs(struct writer *w)
{
    struct timespec until = in_ms(w->resting ? REST_MS : IDLE_MS);

    while (!w->first && !w->stop) {
        if (w->stirred && w->resting) {
            w->resting = false;
            until = in_ms(IDLE_MS);
        }
        w->stirred = false;
        if (pthread_cond_timedwait(&w->come, &w->lock, &until) != 0)
            break;
    }
}

/* Waits for jobs until there are some, it is time to tidy up, or the end has come. Takes at most a group. */
static struct batch *take(struct writer *w, bool patient)
{
    struct batch *batch = xcalloc(1, sizeof *batch + GROUP_MAX * sizeof(struct job *));

    pthread_mutex_lock(&w->lock);
    if (patient)
        wait_for_jobs(w);
    while (w->first && batch->count < GROUP_MAX) {
        batch->jobs[batch->count++] = w->first;
        w->first = w->first->next;
    }
    if (!w->first)
        w->last = &w->first;
    pthread_mutex_unlock(&w->lock);
    return batch;
}

static void rest(struct writer *w, bool resting)
{
    pthread_mutex_lock(&w->lock);
    w->resting = resting;
    pthread_mutex_unlock(&w->lock);
}

/* Returns true if there is more to do at once. What went wrong or right again is reported. */
static bool tidy_up(struct writer *w, struct batch *batch)
{
    const struct db *db = w->store->db;
    bool was_failing = w->store->probe, chores = store_has_chores(w->store), more = false;

    rest(w, !chores);
    if (chores)
        more = store_chores(w->store, &batch->report);
    db->engine->tidy(db->connection, true);
    if (was_failing || batch->report.failed)
        give_back(w, batch);
    else
        free(batch);
    return more;
}

static void *run(void *context)
{
    struct writer *w = context;
    const struct db *db = w->store->db;
    bool busy = false, stop = false;
    struct batch *batch;

    while (!stop) {
        batch = take(w, !busy);
        w->store->confirmed = atomic_load(&w->confirmed);
        if (batch->count > 0) {
            atomic_store(&w->busy_since, clock_mono_us());
            store_group(w->store, batch->jobs, batch->count, &batch->report);
            atomic_store(&w->busy_since, 0);
            if (batch->report.rows > 0 || batch->report.failed) /* others have left nothing to tidy up */
                rest(w, false);
            give_back(w, batch);
            db->engine->tidy(db->connection, false);
            busy = false;
        } else {
            busy = tidy_up(w, batch);
            pthread_mutex_lock(&w->lock);
            stop = w->stop && !w->first;
            pthread_mutex_unlock(&w->lock);
        }
    }
    return NULL;
}

/* On the main thread: what came back is answered. */
static void on_wake(void *context)
{
    struct writer *w = context;
    struct batch *batch, *next;

    pthread_mutex_lock(&w->lock);
    batch = w->back;
    w->back = NULL;
    w->back_last = &w->back;
    pthread_mutex_unlock(&w->lock);
    for (; batch; batch = next) {
        next = batch->next;
        w->waiting -= batch->count;
        if (batch->report.failed && !w->failure.failed)
            log_often(LOG_ERROR, "storage.failed", "why=%s jobs=%d", batch->report.why, batch->count);
        if (!batch->report.failed && w->failure.failed)
            log_often(LOG_INFO, "storage.recovered", "jobs=%d", batch->count);
        w->failure.failed = batch->report.failed;
        memcpy(w->failure.why, batch->report.why, sizeof w->failure.why);
        w->on_group(&batch->report, batch->jobs, batch->count);
        for (int i = 0; i < batch->count; i++)
            batch->jobs[i]->done(batch->jobs[i]);
        report_done(&batch->report);
        free(batch);
    }
}

struct writer *writer_start(struct store *store, writer_group_fn *on_group)
{
    struct writer *w = xcalloc(1, sizeof *w);
    pthread_condattr_t monotonic;

    w->store = store;
    w->on_group = on_group;
    w->last = &w->first;
    w->back_last = &w->back;
    w->wake = loop_wake_new(on_wake, w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->come, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&w->thread, NULL, run, w) != 0)
        log_fatal("storage.thread", "error=%s", strerror(errno));
    return w;
}

void writer_stop(struct writer *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->come);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    on_wake(w);
    loop_wake_free(w->wake);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->come);
    store_free(w->store);
    free(w);
}

int writer_submit(struct writer *w, struct job *job)
{
    if (w->waiting >= WRITER_WAITING_MAX)
        return -1;
    w->waiting++;
    job->next = NULL;
    job->queued = clock_mono_us();
    pthread_mutex_lock(&w->lock);
    *w->last = job;
    w->last = &job->next;
    pthread_cond_signal(&w->come);
    pthread_mutex_unlock(&w->lock);
    return 0;
}

int writer_waiting(const struct writer *w)
{
    return w->waiting;
}

void writer_confirmed(struct writer *w, int64_t seq)
{
    atomic_store(&w->confirmed, seq);
    pthread_mutex_lock(&w->lock);
    w->stirred = true;
    if (w->resting)
        pthread_cond_signal(&w->come);
    pthread_mutex_unlock(&w->lock);
}

bool writer_healthy(const struct writer *w, struct str *why)
{
    int64_t since = atomic_load(&w->busy_since);

    if (w->failure.failed)
        str_puts(why, w->failure.why);
    else if (since && clock_mono_us() - since > STUCK_US)
        str_puts(why, "the database does not come back from a transaction");
    else
        return true;
    return false;
}
