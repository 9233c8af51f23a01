/*
 * Metrics. The series of one metric are a hash table with open addressing; its size follows from their count, so that
 * the metric itself stays a plain static struct.
 */
#include "metrics.h"
#include "log.h"

#include <math.h>

#include "mem.h"

#define LABELS 3
#define SERIES_MAX 200
#define RENDERERS_MAX 16

struct metric_series {
    char *values[LABELS]; /* owned; values[0] is NULL in a free slot */
    uint64_t hash;
    double value;      /* of a histogram: the sum */
    uint64_t *buckets; /* of a histogram: observations per bound, not accumulated, and one more above the last bound */
};

const double metric_seconds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                 0.1,    0.25,    0.5,    1,     2.5,    5,     10,   0};
const double metric_sizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 0};

static struct metric *first, **last = &first;
static void (*renderers[RENDERERS_MAX])(void);
static int renderer_count;

/* ---- series ---- */

static int slots(int count)
{
    int n = 8;

    while (n < 2 * count)
        n *= 2;
    return n;
}

static int bound_count(const struct metric *m)
{
    int n = 0;

    while (m->bounds[n] > 0)
        n++;
    return n;
}

static uint64_t hash_values(const char *const values[LABELS])
{
    uint64_t h = 0xcbf29ce484222325u;

    for (int i = 0; i < LABELS; i++) {
        for (const char *p = values[i]; *p; p++)
            h = (h ^ (unsigned char)*p) * 0x100000001b3u;
        h = (h ^ 0xff) * 0x100000001b3u;
    }
    return h ^ h >> 32;
}

static bool same(const struct metric_series *s, uint64_t hash, const char *const values[LABELS])
{
    if (s->hash != hash)
        return false;
    for (int i = 0; i < LABELS; i++)
        if (strcmp(s->values[i], values[i]) != 0)
            return false;
    return true;
}

/* The slot that holds the series, or the free one where it belongs. */
static struct metric_series *slot_of(struct metric_series *table, int size, uint64_t hash, const char *const values[LABELS])
{
    int i = (int)(hash & (uint64_t)(size - 1));

    while (table[i].values[0] && !same(&table[i], hash, values))
        i = (i + 1) & (size - 1);
    return &table[i];
}

static void grow(struct metric *m)
{
    int old_size = slots(m->count), size = slots(m->count + 1);
    struct metric_series *old = m->series;

    if (old && old_size == size)
        return;
    m->series = xcalloc((size_t)size, sizeof(*m->series));
    for (int i = 0; old && i < old_size; i++)
        if (old[i].values[0])
            *slot_of(m->series, size, old[i].hash, (const char *const *)old[i].values) = old[i];
    free(old);
}

static struct metric_series *add_series(struct metric *m, uint64_t hash, const char *const values[LABELS])
{
    struct metric_series *s;

    if (!m->registered) {
        m->registered = true;
        *last = m;
        last = &m->next;
    }
    grow(m);
    m->count++;
    s = slot_of(m->series, slots(m->count), hash, values);
    s->hash = hash;
    for (int i = 0; i < LABELS; i++)
        s->values[i] = xstrdup(values[i]);
    if (m->kind == METRIC_KIND_HISTOGRAM)
        s->buckets = xcalloc((size_t)bound_count(m) + 1, sizeof(*s->buckets));
    return s;
}

static struct metric_series *find_series(struct metric *m, const char *const given[4])
{
    const char *values[LABELS];
    struct metric_series *s = NULL;
    uint64_t hash;

    for (int i = 0; i < LABELS; i++)
        values[i] = m->labels[i] && given[i] ? given[i] : "";
    hash = hash_values(values);
    if (m->series)
        s = slot_of(m->series, slots(m->count), hash, values);
    if (s && s->values[0])
        return s;
    if (m->count < SERIES_MAX)
        return add_series(m, hash, values);
    for (int i = 0; i < LABELS; i++)
        values[i] = m->labels[i] ? "other" : "";
    hash = hash_values(values);
    s = slot_of(m->series, slots(m->count), hash, values);
    return s->values[0] ? s : add_series(m, hash, values);
}

void metric_update(struct metric *m, double by, const char *const values[4])
{
    find_series(m, values)->value += by;
}

void metric_assign(struct metric *m, double to, const char *const values[4])
{
    find_series(m, values)->value = to;
}

void metric_sample(struct metric *m, double value, const char *const values[4])
{
    struct metric_series *s = find_series(m, values);
    int i = 0;

    while (m->bounds[i] > 0 && value > m->bounds[i])
        i++;
    s->buckets[i]++;
    s->value += value;
}

void metric_clear(struct metric *m)
{
    for (int i = 0; m->series && i < slots(m->count); i++)
        for (int k = 0; k < LABELS; k++)
            free(m->series[i].values[k]);
    free(m->series);
    m->series = NULL;
    m->count = 0;
}

/* ---- text ---- */

void metrics_on_render(void (*fn)(void))
{
    if (renderer_count == RENDERERS_MAX)
        log_fatal("metrics.full", "renderers=%d", RENDERERS_MAX);
    renderers[renderer_count++] = fn;
}

static void put_escaped(struct str *out, const char *text, bool quotes)
{
    for (size_t len = strlen(text), n; len > 0; text += n, len -= n) {
        n = str_utf8(text, len);
        if (n == 0) {
            n = 1;
            str_putc(out, '?');
        } else if (*text == '\n') {
            str_puts(out, "\\n");
        } else if (*text == '\\' || (quotes && *text == '"')) {
            str_putc(out, '\\');
            str_putc(out, *text);
        } else {
            str_add(out, text, n);
        }
    }
}

static void put_number(struct str *out, double value)
{
    if (isnan(value))
        str_puts(out, "NaN");
    else if (isinf(value))
        str_puts(out, value > 0 ? "+Inf" : "-Inf");
    else
        str_addf(out, "%.15g", value);
}

/* One sample: name, suffix, labels, `le` if not NULL, value. */
static void put_sample(struct str *out, const struct metric *m, const char *suffix, const struct metric_series *s, const char *le,
                       double value)
{
    const char *separator = "{";

    str_puts(out, m->name);
    str_puts(out, suffix);
    for (int i = 0; i < LABELS && m->labels[i]; i++, separator = ",") {
        str_puts(out, separator);
        str_puts(out, m->labels[i]);
        str_puts(out, "=\"");
        put_escaped(out, s->values[i], true);
        str_putc(out, '"');
    }
    if (le) {
        str_addf(out, "%sle=\"%s\"", separator, le);
        separator = ",";
    }
    if (*separator == ',')
        str_putc(out, '}');
    str_putc(out, ' ');
    put_number(out, value);
    str_putc(out, '\n');
}

static void put_histogram(struct str *out, const struct metric *m, const struct metric_series *s)
{
    uint64_t sum = 0;
    int n = bound_count(m);
    char le[32];

    for (int i = 0; i < n; i++) {
        sum += s->buckets[i];
        snprintf(le, sizeof(le), "%g", m->bounds[i]);
        put_sample(out, m, "_bucket", s, le, (double)sum);
    }
    sum += s->buckets[n];
    put_sample(out, m, "_bucket", s, "+Inf", (double)sum);
    put_sample(out, m, "_sum", s, NULL, s->value);
    put_sample(out, m, "_count", s, NULL, (double)sum);
}

static void put_metric(struct str *out, const struct metric *m)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};

    str_addf(out, "# HELP %s ", m->name);
    put_escaped(out, m->help, false);
    str_addf(out, "\n# TYPE %s %s\n", m->name, kinds[m->kind]);
    for (int i = 0; m->series && i < slots(m->count); i++) {
        const struct metric_series *s = &m->series[i];

        if (s->values[0] && m->kind == METRIC_KIND_HISTOGRAM)
            put_histogram(out, m, s);
        else if (s->values[0])
            put_sample(out, m, "", s, NULL, s->value);
    }
}

void metrics_render(struct str *out)
{
    for (int i = 0; i < renderer_count; i++)
        renderers[i]();
    for (const struct metric *m = first; m; m = m->next)
        put_metric(out, m);
}
