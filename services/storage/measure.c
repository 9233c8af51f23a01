/* Metrics, all in one place. */
#include "measure.h"
#include "clock.h"

#include <sys/statvfs.h>

static struct metric requests = METRIC_COUNTER("tessera_storage_requests_total", "Requests answered", "do", "st");
static struct metric groups = METRIC_COUNTER("tessera_storage_groups_total", "Transactions", "result");
static struct metric rows = METRIC_COUNTER("tessera_storage_rows_total", "Rows written");
static struct metric events = METRIC_COUNTER("tessera_storage_events_total", "Events written to the outbox");
static struct metric swept =
    METRIC_COUNTER("tessera_storage_swept_total", "Resources and instances deleted because they expired");
static struct metric group_size = METRIC_HISTOGRAM("tessera_storage_group_size", "Requests in one transaction", metric_sizes);
static struct metric group_seconds =
    METRIC_HISTOGRAM("tessera_storage_group_seconds", "Duration of a transaction until it is durable", metric_seconds);
static struct metric wait_seconds =
    METRIC_HISTOGRAM("tessera_storage_wait_seconds", "From a request's arrival at the writer to its answer", metric_seconds);
static struct metric outbox_length =
    METRIC_GAUGE("tessera_storage_outbox_events", "Events that the broker has not confirmed yet");
static struct metric outbox_age =
    METRIC_GAUGE("tessera_storage_outbox_seconds", "Since an event waits and nothing was confirmed");
static struct metric waiting = METRIC_GAUGE("tessera_storage_waiting", "Requests at the writer");
static struct metric bytes = METRIC_GAUGE("tessera_storage_bytes", "Size of the database with its log");
static struct metric disk_bytes = METRIC_GAUGE("tessera_storage_disk_bytes", "Size of the file system that the database is on");
static struct metric disk_free = METRIC_GAUGE("tessera_storage_disk_free_bytes", "What is free of it for Tessera");
static struct metric active = METRIC_GAUGE("tessera_storage_active", "1 if this instance owns the database, 0 if it stands by");

void measure_answer(const char *what, const char *st)
{
    metric_add(&requests, 1, what ? what : "", st);
}

void measure_group(const struct group_report *report, struct job *const *jobs, int count)
{
    int64_t now = clock_mono_us();

    if (report->failed)
        metric_add(&groups, 1, "failed");
    else if (count > 0)
        metric_add(&groups, 1, "ok");
    if (count == 0)
        return;
    metric_add(&rows, (double)report->rows, NULL);
    metric_add(&events, (double)report->events, NULL);
    metric_observe(&group_size, count, NULL);
    metric_observe(&group_seconds, (double)report->us / 1e6, NULL);
    for (int i = 0; i < count; i++)
        if (jobs[i]->queued)
            metric_observe(&wait_seconds, (double)(now - jobs[i]->queued) / 1e6, NULL);
}

void measure_sweep(int64_t count)
{
    metric_add(&swept, (double)count, NULL);
}

void measure_state(int64_t outbox, double outbox_seconds, int jobs, int64_t size)
{
    metric_set(&outbox_length, (double)outbox, NULL);
    metric_set(&outbox_age, outbox_seconds, NULL);
    metric_set(&waiting, jobs, NULL);
    metric_set(&bytes, (double)size, NULL);
}

void measure_disk(const char *file)
{
    struct statvfs disk;

    if (statvfs(file, &disk) < 0)
        return;
    metric_set(&disk_bytes, (double)disk.f_blocks * (double)disk.f_frsize, NULL);
    metric_set(&disk_free, (double)disk.f_bavail * (double)disk.f_frsize, NULL);
}

void measure_active(bool yes)
{
    metric_set(&active, yes, NULL);
}
