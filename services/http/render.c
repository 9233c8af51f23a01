#include "render.h"

#include "cbor.h"
#include "clock.h"
#include "cors.h"
#include "json.h"
#include "path.h"
#include "text.h"

#include "mem.h"

void render_init(struct http_out *out)
{
    out->status = 500;
    out->rsc = RSC_INTERNAL_SERVER_ERROR;
    out->count = 0;
    out->body = (struct slice){NULL, 0};
    out->own = (struct str)STR_EMPTY;
}

void render_done(struct http_out *out)
{
    str_done(&out->own);
}

void render_header(struct http_out *out, const char *name, const char *value)
{
    if (value && *value && out->count < RENDER_MAX_HEADERS)
        out->headers[out->count++] = (struct http_header){name, value};
}

static void add_number(struct http_out *out, struct mapping *m, const char *name, int value)
{
    char *end = (char *)arena_alloc(&m->arena, 16) + 15;

    if (value < 0)
        return;
    *end = '\0';
    do
        *--end = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    render_header(out, name, end);
}

/* ---- entity tags ---- */

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9fb21c651e98df25;
    return h ^ h >> 29;
}

static uint64_t hash(uint64_t h, const char *p, size_t n)
{
    uint64_t word;

    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&word, p, 8);
        h = mix(h, word);
    }
    word = n;
    memcpy((char *)&word + 1, p, n);
    return mix(h, word);
}

void render_etag(const char *type, struct slice body, char out[RENDER_ETAG_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t h = hash(0x2545f4914f6cdd1d, type, strlen(type));

    h = hash(h, body.p ? body.p : "", body.n);
    h = mix(h, body.n);
    h ^= h >> 32;
    *out++ = '"';
    for (int shift = 60; shift >= 0; shift -= 4)
        *out++ = digits[h >> shift & 15];
    *out++ = '"';
    *out = '\0';
}

bool render_etag_matches(const char *list, const char *etag)
{
    size_t len = strlen(etag);

    for (const char *p = list; *p;) {
        p += strspn(p, " \t,");
        if (*p == '*')
            return true;
        if (strncmp(p, "W/", 2) == 0)
            p += 2;
        if (strncmp(p, etag, len) == 0)
            return true;
        if (*p == '"') /* a tag may hold a comma */
            p += 1 + strcspn(p + 1, "\"");
        p += strcspn(p, ",");
    }
    return false;
}

/* ---- responses ---- */

/* What the response primitive says, one header field per parameter. */
static void add_parameters(struct http_out *out, const struct http_in *in, struct mapping *m, const struct response *rsp)
{
    struct response shown = *rsp;

    if (in->header[HEADER_RI])
        shown.rqi = in->header[HEADER_RI];
    if (!shown.rvi)
        shown.rvi = in->release;
    for (size_t i = 0; i < header_response_count; i++) {
        const struct header_parameter *row = &header_response[i];
        const void *member = (const char *)&shown + row->offset;

        if (row->kind == VALUE_NUMBER)
            add_number(out, m, header_rows[row->id].name, *(const int *)member);
        else
            render_header(out, header_rows[row->id].name, *(const char *const *)member);
    }
    if (rsp->ati.n > 0)
        render_header(out, header_rows[HEADER_ATI].name, text_token_pairs(rsp->ati, &m->arena));
    if (rsp->tqf.n > 0) /* TS-0009 has no field for it: JSON as it is */
        render_header(out, header_rows[HEADER_TQF].name, arena_dup(&m->arena, rsp->tqf.p, rsp->tqf.n));
    if (rsp->loc)
        render_header(out, header_rows[HEADER_CONTENT_LOCATION].name, path_of_address(&m->arena, rsp->loc));
    render_header(out, "traceparent", m->trace);
    if (out->status == 405)
        render_header(out, "Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
}

static void add_content(struct http_out *out, const struct mapping *m, struct slice pc)
{
    const struct media *media = m->answer;
    char why[80];

    if (pc.n == 0)
        return;
    out->body = pc;
    if (media->cbor && cbor_from_json(pc.p, pc.n, &out->own, why, sizeof why) == 0)
        out->body = (struct slice){out->own.data, out->own.len};
    else if (media->cbor) /* a number that CBOR's writer cannot hold: better another coat than no answer */
        media = media_json();
    render_header(out, "Content-Type", media->type);
}

/* TS-0009 6.4.17: RETRIEVE answers should have an ETag; who has the representation already is spared it. */
static void add_etag(struct http_out *out, const struct http_in *in, struct mapping *m)
{
    char *etag;

    if (m->req.op != OP_RETRIEVE || out->rsc != RSC_OK || out->body.n == 0)
        return;
    etag = arena_alloc(&m->arena, RENDER_ETAG_SIZE);
    render_etag(m->answer->type, out->body, etag);
    render_header(out, "ETag", etag);
    /* The body stays: the library sends its length, which must be that of the whole answer, and leaves it out. */
    if (in->header[HEADER_IF_NONE_MATCH] && render_etag_matches(in->header[HEADER_IF_NONE_MATCH], etag))
        out->status = 304;
}

void render_response(struct http_out *out, const struct http_in *in, struct mapping *m, const struct response *rsp)
{
    out->rsc = rsp->rsc;
    out->status = rsc_row(rsp->rsc)->http;
    if (rsp->rsc == RSC_TARGET_NOT_REACHABLE && rsp->retry >= 0) /* not the target is away, but a part of the platform */
        out->status = 503;
    add_parameters(out, in, m, rsp);
    add_content(out, m, rsp->pc);
    add_etag(out, in, m);
    cors_add(out, in);
}

void render_refusal(struct http_out *out, const struct http_in *in, struct mapping *m, enum rsc rsc, const char *why, int retry)
{
    auto_str struct str content = STR_EMPTY;
    char *text = arena_dup(&m->arena, why, strlen(why));
    char *now = arena_alloc(&m->arena, CLOCK_TEXT_SIZE);
    struct response rsp;

    response_init(&rsp);
    rsp.rsc = (int)rsc;
    rsp.retry = retry;
    if (in->header[HEADER_OT]) {
        clock_format(in->now, now);
        rsp.ot = now;
    }
    if (in->header[HEADER_VSI] && str_clean(in->header[HEADER_VSI], strlen(in->header[HEADER_VSI])))
        rsp.vsi = in->header[HEADER_VSI];
    if (!*m->trace)
        trace_new(m->trace);
    if (!str_clean(text, strlen(text))) /* a value that was cut amid a character */
        for (char *p = text; *p; p++)
            *p = *p >= ' ' && *p < 0x7f ? *p : '?';
    str_puts(&content, "{\"m2m:dbg\":");
    str_json(&content, text);
    str_putc(&content, '}');
    rsp.pc = arena_slice(&m->arena, &content);
    render_response(out, in, m, &rsp);
    if (m->status)
        out->status = m->status;
}
