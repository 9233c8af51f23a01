/* Figures of the process itself. The loop is measured per turn; everything else is read when somebody asks. */
#include "process.h"
#include "clock.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"

#include <dirent.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mem.h"

#define TRIM_MS 5000
#define TRIM_BYTES (2 * 1024 * 1024)

static struct metric resident = METRIC_GAUGE("process_resident_memory_bytes", "Resident memory");
static struct metric cpu = METRIC_COUNTER("process_cpu_seconds_total", "User and system CPU time");
static struct metric fds = METRIC_GAUGE("process_open_fds", "Open file descriptors");
static struct metric started_at = METRIC_GAUGE("process_start_time_seconds", "Start, in seconds since 1970");
static struct metric uptime = METRIC_GAUGE("tessera_uptime_seconds", "Time since the start");
static struct metric log_lost = METRIC_COUNTER("tessera_log_dropped_total", "Log lines that nobody read in time");
static struct metric lag = METRIC_HISTOGRAM("tessera_loop_lag_seconds",
                                            "Work of one turn of the event loop: how long what became ready had to wait at most; "
                                            "the sum is the time that the loop was busy",
                                            metric_seconds);
static int64_t started_us;
static uint64_t last_time, last_idle;

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    long pages = 0;

    if (!f)
        return 0;
    if (fscanf(f, "%*s %ld", &pages) != 1)
        pages = 0;
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static int open_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = -3; /* ".", ".." and the directory itself */

    if (!d)
        return 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void on_render(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) == 0)
        metric_set(&cpu, seconds(usage.ru_utime) + seconds(usage.ru_stime));
    metric_set(&resident, resident_bytes());
    metric_set(&fds, open_fds());
    metric_set(&uptime, process_uptime());
    metric_set(&log_lost, (double)log_dropped());
}

/* Before each wait: the time since the last one, less what was spent waiting. */
static void on_turn(void *context)
{
    uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(loop_get());
    uint64_t passed = now - last_time, waited = idle - last_idle;

    (void)context;
    metric_observe(&lag, passed > waited ? (double)(passed - waited) / 1e9 : 0);
    last_time = now;
    last_idle = idle;
}

double process_uptime(void)
{
    return (double)(clock_mono_us() - started_us) / 1e6;
}

/* The allocator keeps what a burst needed, for ever if the last page is in use: it is asked to give it back. */
static void on_trim(void *context)
{
    (void)context;
    if (mallinfo2().fordblks > TRIM_BYTES)
        malloc_trim(TRIM_BYTES / 2);
}

void process_metrics_start(void)
{
    started_us = clock_mono_us();
    metric_set(&started_at, (double)clock_now_ms() / 1e3);
    last_time = uv_hrtime();
    last_idle = uv_metrics_idle_time(loop_get());
    metrics_on_render(on_render);
    loop_before_wait(on_turn, NULL);
    loop_timer_start(loop_timer_new(on_trim, NULL), TRIM_MS, TRIM_MS);
}
