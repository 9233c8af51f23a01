/*
 * Counters, gauges and histograms in Prometheus text format. A metric is a static struct, registered on first use;
 * label values are given at each use, at most 3, and 200 combinations (further ones are counted under "other").
 * Only the thread of the loop may use them.
 *   static struct metric requests = METRIC_COUNTER("tessera_requests_total", "Requests answered", "operation", "type", "status");
 *   metric_add(&requests, 1, "create", "cin", "2001");
 */
#ifndef TESSERA_METRICS_H
#define TESSERA_METRICS_H

#include "str.h"

enum metric_kind { METRIC_KIND_COUNTER, METRIC_KIND_GAUGE, METRIC_KIND_HISTOGRAM };

struct metric_series;
struct metric {
    enum metric_kind kind;
    const char *name;
    const char *help;
    const char *labels[3];
    const double *bounds; /* of a histogram: ascending, ended by 0 */
    struct metric_series *series;
    int count;
    struct metric *next;
    bool registered;
};

extern const double metric_seconds[]; /* 0.0001 ... 10 */
extern const double metric_sizes[];   /* 1 2 4 ... 1024 */

#define METRIC_COUNTER(name, help, ...)                                                                                          \
    {                                                                                                                            \
        METRIC_KIND_COUNTER, name, help, {__VA_ARGS__}, NULL, NULL, 0, NULL, false                                               \
    }
#define METRIC_GAUGE(name, help, ...)                                                                                            \
    {                                                                                                                            \
        METRIC_KIND_GAUGE, name, help, {__VA_ARGS__}, NULL, NULL, 0, NULL, false                                                 \
    }
#define METRIC_HISTOGRAM(name, help, bounds, ...)                                                                                \
    {                                                                                                                            \
        METRIC_KIND_HISTOGRAM, name, help, {__VA_ARGS__}, bounds, NULL, 0, NULL, false                                           \
    }

/* Label values follow, as many as the metric has labels, each a const char *. */
#define metric_add(m, by, ...) metric_update(m, by, (const char *[4]){__VA_ARGS__})
#define metric_set(m, to, ...) metric_assign(m, to, (const char *[4]){__VA_ARGS__})
#define metric_observe(m, value, ...) metric_sample(m, value, (const char *[4]){__VA_ARGS__})
void metric_update(struct metric *m, double by, const char *const values[4]);
void metric_assign(struct metric *m, double to, const char *const values[4]);
void metric_sample(struct metric *m, double value, const char *const values[4]);
/* Forgets all series of a gauge, for those whose labels come and go: set them again before the next rendering. */
void metric_clear(struct metric *m);

/* Called before each rendering, to set gauges. At most 16. */
void metrics_on_render(void (*fn)(void));
void metrics_render(struct str *out);

#endif
