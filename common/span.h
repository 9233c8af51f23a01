/*
 * Spans: what a process did for a request, from when to when, told to an OpenTelemetry collector (trace.endpoint). Off by
 * default: then everything here is one test of a flag.
 *
 * A process step begins when a primitive is taken from the bus or comes over a binding. Its span gets an id of its own, which
 * replaces the parent's in the traceparent that is handed on: so what is done next, by whomever, is its child, and no service
 * needs to know. The bus (deliveries) and submit.h (requests that came over a binding) begin and end them.
 *
 * Spans leave in batches, at most a second after their end. Nothing waits for the collector: while it is away, or too slow, spans
 * are dropped and counted.
 */
#ifndef TESSERA_SPAN_H
#define TESSERA_SPAN_H

#include "config.h"
#include "otlp.h"
#include "trace.h"

#define SPAN_TRACE_LEN 32
#define SPAN_ID_LEN 16

struct span {
    char trace[SPAN_TRACE_LEN + 1];
    char id[SPAN_ID_LEN + 1]; /* "": nothing is recorded */
    char parent[SPAN_ID_LEN + 1];
};

/* How it ended; all strings are borrowed for the call. */
struct span_end {
    enum otlp_kind kind;
    const char *name;
    int64_t started; /* clock_mono_us() */
    const struct otlp_attribute *attributes;
    int count;
    const char *error; /* as in struct otlp_span */
};

/*
 * Begins a span, if spans are wanted and the traceparent says that its trace is sampled: its id then replaces the one in
 * `traceparent` (NULL or malformed: there is none). `root`: what stands there was made up here, no span of that id exists.
 */
void span_begin(struct span *s, char *traceparent, bool root);
static inline bool span_recorded(const struct span *s)
{
    return s->id[0] != '\0';
}
bool span_wanted(void); /* some are recorded */
/* Once, if it is recorded; nothing otherwise. */
void span_end(struct span *s, const struct span_end *end);

/* For service.c. */
extern const struct config_row span_config[];
void span_start(const char *service, const char *instance);
void span_flush(void); /* what waits leaves now */
bool span_idle(void);  /* nothing waits */
void span_stop(void);

#endif
