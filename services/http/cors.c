#include "cors.h"

#include "web_origin.h"

#include "mem.h"

#define METHODS "GET, HEAD, POST, PUT, DELETE, OPTIONS"
#define REQUEST_HEADERS                                                                                                          \
    "Accept, Authorization, Content-Type, If-None-Match, traceparent, X-M2M-Origin, X-M2M-RI, X-M2M-RVI, X-M2M-OT, X-M2M-RET, "  \
    "X-M2M-RST, X-M2M-OET, X-M2M-EC, X-M2M-RTU, X-M2M-GID, X-M2M-VSI, X-M2M-PRPI, X-M2M-MSU, X-M2M-AS"
#define RESPONSE_HEADERS                                                                                                         \
    "Content-Location, ETag, Retry-After, traceparent, X-M2M-Origin, X-M2M-RSC, X-M2M-RI, X-M2M-RVI, X-M2M-OT, X-M2M-RST, "      \
    "X-M2M-EC, X-M2M-VSI, X-M2M-CTS, X-M2M-CTO, X-M2M-ATI, X-M2M-TQF, X-M2M-ASRI"

static bool allow(struct http_out *out, const struct http_in *in)
{
    const char *origin = in->header[HEADER_CORS_ORIGIN];
    const char *allowed = origin ? web_origin_allowed(in->origins, origin) : NULL;

    if (!allowed)
        return false;
    render_header(out, "Access-Control-Allow-Origin", allowed);
    if (strcmp(allowed, "*") != 0)
        render_header(out, "Vary", "Origin");
    return true;
}

void cors_add(struct http_out *out, const struct http_in *in)
{
    if (allow(out, in))
        render_header(out, "Access-Control-Expose-Headers", RESPONSE_HEADERS);
}

void cors_preflight(struct http_out *out, const struct http_in *in)
{
    out->status = 204;
    render_header(out, "Allow", METHODS);
    if (!allow(out, in))
        return;
    render_header(out, "Access-Control-Allow-Methods", METHODS);
    render_header(out, "Access-Control-Allow-Headers", REQUEST_HEADERS);
    render_header(out, "Access-Control-Max-Age", "86400");
}
