/*
 * Spans as OpenTelemetry's collectors take them: OTLP/HTTP, JSON encoding (opentelemetry-proto 1.x, ExportTraceServiceRequest).
 * Pure: text in, text out. Ids are hexadecimal here, times nanoseconds since 1970 as decimal strings, as the encoding wants it.
 */
#ifndef TESSERA_OTLP_H
#define TESSERA_OTLP_H

#include "str.h"

/* SpanKind of the protocol. */
enum otlp_kind { OTLP_INTERNAL = 1, OTLP_SERVER, OTLP_CLIENT, OTLP_PRODUCER, OTLP_CONSUMER };

struct otlp_attribute {
    const char *key;
    const char *text; /* NULL: `number` is the value, unless that is OTLP_NONE: then there is none */
    int64_t number;
};
#define OTLP_NONE INT64_MIN

struct otlp_span {
    const char *trace, *id, *parent; /* 32, 16 and 16 hexadecimal digits; `parent` may be empty: a root */
    const char *name;
    enum otlp_kind kind;
    int64_t start_us, end_us; /* since 1970 */
    const struct otlp_attribute *attributes;
    int count;
    const char *error; /* NULL: it did not fail; else why, "" if that is not known */
};

/* One span, as it stands in a list; what is not UTF-8 becomes "?". */
void otlp_span(struct str *out, const struct otlp_span *span);
/* A whole request: `spans` are what otlp_span() wrote, commas between them, of a service ("tessera-http") and instance
 * ("http.1"). */
void otlp_request(struct str *out, const char *service, const char *instance, const char *version, const struct str *spans);

#endif
