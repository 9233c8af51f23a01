#include "otlp.h"

#include "mem.h"

#define STATUS_ERROR 2

/* A name or value may be what somebody outside has written. */
static void put_text(struct str *out, const char *text)
{
    auto_str struct str clean = STR_EMPTY;

    for (size_t len = strlen(text), n; len > 0; text += n, len -= n) {
        n = str_utf8(text, len);
        if (n > 0)
            str_add(&clean, text, n);
        else
            str_putc(&clean, '?');
        n = n ? n : 1;
    }
    str_json(out, str_text(&clean));
}

static void put_attribute(struct str *out, const struct otlp_attribute *a)
{
    str_puts(out, "{\"key\":");
    put_text(out, a->key);
    str_puts(out, ",\"value\":{");
    if (a->text) {
        str_puts(out, "\"stringValue\":");
        put_text(out, a->text);
    } else {
        str_addf(out, "\"intValue\":\"%lld\"", (long long)a->number);
    }
    str_puts(out, "}}");
}

static void put_attributes(struct str *out, const struct otlp_attribute *attributes, int count)
{
    bool first = true;

    str_puts(out, "\"attributes\":[");
    for (int i = 0; i < count; i++) {
        if (!attributes[i].text && attributes[i].number == OTLP_NONE)
            continue;
        if (!first)
            str_putc(out, ',');
        first = false;
        put_attribute(out, &attributes[i]);
    }
    str_putc(out, ']');
}

void otlp_span(struct str *out, const struct otlp_span *span)
{
    str_addf(out, "{\"traceId\":\"%s\",\"spanId\":\"%s\",", span->trace, span->id);
    if (*span->parent)
        str_addf(out, "\"parentSpanId\":\"%s\",", span->parent);
    str_puts(out, "\"name\":");
    put_text(out, span->name);
    str_addf(out, ",\"kind\":%d,\"startTimeUnixNano\":\"%lld000\",\"endTimeUnixNano\":\"%lld000\",", (int)span->kind,
             (long long)span->start_us, (long long)span->end_us);
    put_attributes(out, span->attributes, span->count);
    str_puts(out, ",\"status\":{");
    if (span->error) {
        str_addf(out, "\"code\":%d,\"message\":", STATUS_ERROR);
        put_text(out, span->error);
    }
    str_puts(out, "}}");
}

void otlp_request(struct str *out, const char *service, const char *instance, const char *version, const struct str *spans)
{
    const struct otlp_attribute resource[] = {
        {"service.name",        service,   OTLP_NONE},
        {"service.namespace",   "tessera", OTLP_NONE},
        {"service.instance.id", instance,  OTLP_NONE},
        {"service.version",     version,   OTLP_NONE},
    };

    str_puts(out, "{\"resourceSpans\":[{\"resource\":{");
    put_attributes(out, resource, (int)ARRAY_LEN(resource));
    str_puts(out, "},\"scopeSpans\":[{\"scope\":{\"name\":\"tessera\",\"version\":");
    put_text(out, version);
    str_puts(out, "},\"spans\":[");
    str_add(out, str_text(spans), spans->len);
    str_puts(out, "]}]}]}");
}
