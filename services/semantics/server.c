#include "server.h"

#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "worker.h"

#include "mem.h"

const struct config_row server_config[] = {
    {"semantics.workers", CONFIG_INT,  "2",    1,   64,    "tasks at a time, each a process of its own"                  },
    {"semantics.time",    CONFIG_INT,  "2000", 100, 60000, "ms that one task may take"                                   },
    {"semantics.memory",  CONFIG_INT,  "256",  16,  65536, "MiB that one task may use beyond what the service itself has"},
    {NULL,                CONFIG_TEXT, NULL,   0,   0,     NULL                                                          },
};

static struct metric tasks = METRIC_COUNTER("tessera_semantics_tasks_total", "Tasks carried out", "task", "result");
static struct metric seconds = METRIC_HISTOGRAM("tessera_semantics_seconds", "Time that a task took", metric_seconds, "task");
static struct metric waiting_gauge = METRIC_GAUGE("tessera_semantics_waiting", "Tasks that wait for a worker", NULL);

/* One request, from its arrival to its answer; in the list of those that wait until a worker is free. */
struct request {
    struct bus_delivery *delivery;
    const char *verb;
    int64_t started;
    struct request *next;
};

static struct worker_limits limits;
static int64_t workers_max;
static int64_t running, waiting_count;
static struct request *waiting, **last = &waiting;

static void reply(struct request *r, const char *st, enum rsc rsc, const char *why, const struct str *body)
{
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "st", st);
    if (rsc != RSC_OK) {
        head_int(&head, "rsc", (int64_t)rsc);
        head_str(&head, "why", why);
    }
    metric_add(&tasks, 1, r->verb, st);
    bus_reply(r->delivery, &head, body ? str_text(body) : "", body ? body->len : 0);
    free(r);
}

static void run_next(void);

static void on_done(void *context, const struct task_answer *answer, const char *why)
{
    struct request *r = context;

    running--;
    metric_observe(&seconds, (double)(clock_mono_us() - r->started) / 1e6, r->verb);
    if (!answer) {
        log_warn("semantics.ended", "task=%s why=%s ms=%ld", r->verb, why, (long)((clock_mono_us() - r->started) / 1000));
        reply(r, "failed", RSC_SPARQL_UPDATE_ERROR, why, NULL);
    } else {
        reply(r, answer->rsc == RSC_OK ? "ok" : "refused", answer->rsc, answer->why,
              answer->rsc == RSC_OK ? &answer->body : NULL);
    }
    run_next();
}

static void run(struct request *r)
{
    const struct envelope *e = &r->delivery->envelope;
    int64_t left = envelope_int(e, "deadline", INT64_MAX) - clock_now_ms();
    struct worker_limits own = limits;

    if (left < own.time)
        own.time = left;
    r->started = clock_mono_us();
    if (left <= 0) {
        bus_done(r->delivery); /* nobody waits any more */
        free(r);
    } else if (worker_start(r->verb, (struct slice){e->body, e->body_len}, &own, on_done, r) == 0) {
        running++;
    } else {
        log_error("semantics.fork", "error=%m");
        reply(r, "failed", RSC_TARGET_NOT_REACHABLE, "no process can be made", NULL);
    }
}

static void run_next(void)
{
    while (waiting && running < workers_max) {
        struct request *r = waiting;

        waiting = r->next;
        waiting_count--;
        if (!waiting)
            last = &waiting;
        run(r);
    }
}

void server_on_request(struct bus_delivery *delivery)
{
    struct request *r = xcalloc(1, sizeof *r);

    r->delivery = delivery;
    r->verb = envelope_str(&delivery->envelope, "do");
    if (!task_known(r->verb)) {
        r->verb = "unknown";
        reply(r, "refused", RSC_BAD_REQUEST, "do: no task of this service", NULL);
        return;
    }
    *last = r;
    last = &r->next;
    waiting_count++;
    run_next();
}

bool server_idle(void)
{
    return running == 0 && !waiting;
}

static void set_gauge(void)
{
    metric_set(&waiting_gauge, (double)waiting_count, NULL);
}

void server_start(void)
{
    limits = (struct worker_limits){config_int("semantics.time"), config_int("semantics.memory") << 20};
    workers_max = config_int("semantics.workers");
    metrics_on_render(set_gauge);
}
