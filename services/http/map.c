#include "map.h"

#include "cbor.h"
#include "clock.h"
#include "json.h"
#include "path.h"
#include "query.h"
#include "submit.h"
#include "text.h"

#include <strings.h>

#include "mem.h"

const struct map_method map_methods[] = {
    {"GET",    OP_RETRIEVE},
    {"POST",   OP_CREATE  }, /* NOTIFY without `ty` */
    {"PUT",    OP_UPDATE  },
    {"DELETE", OP_DELETE  },
    {"HEAD",   OP_RETRIEVE},
    {NULL,     0          },
};

void mapping_init(struct mapping *m)
{
    arena_init(&m->arena);
    request_init(&m->req);
    m->answer = media_json();
    m->status = 0;
    m->trace[0] = '\0';
    m->why[0] = '\0';
}

void mapping_done(struct mapping *m)
{
    arena_done(&m->arena);
}

__attribute__((format(printf, 3, 4))) static enum rsc refuse(struct mapping *m, enum rsc rsc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(m->why, sizeof m->why, format, args);
    va_end(args);
    return rsc;
}

/* ---- header fields ---- */

/* One with nothing between the separators says nothing, like an empty header field. */
static struct slice list_of(struct mapping *m, const char *text, char separator)
{
    auto_str struct str list = STR_EMPTY;

    if (text[strspn(text, (char[]){separator, '\0'})] == '\0')
        return (struct slice){NULL, 0};
    text_list(&list, text, separator);
    return arena_slice(&m->arena, &list);
}

static enum rsc set_parameter(const struct http_in *in, struct mapping *m, size_t row)
{
    const char *name = header_rows[header_request[row].id].name;
    const char *value = in->header[header_request[row].id];
    void *member = (char *)&m->req + header_request[row].offset;
    int64_t number;

    if (!str_clean(value, strlen(value)))
        return refuse(m, RSC_BAD_REQUEST, "%s is not UTF-8 text", name);
    switch (header_request[row].kind) {
    case VALUE_TIME:
        if (clock_parse(value, &number) < 0)
            return refuse(m, RSC_BAD_REQUEST, "%s: '%.40s' is no timestamp (YYYYMMDDThhmmss)", name, value);
        break;
    case VALUE_ABSREL:
        if (clock_parse_absrel(value, in->now, &number) < 0)
            return refuse(m, RSC_BAD_REQUEST, "%s: '%.40s' is neither a timestamp nor milliseconds", name, value);
        break;
    case VALUE_NUMBER:
        if (!text_number(value, strlen(value), &number) || number > INT32_MAX)
            return refuse(m, RSC_BAD_REQUEST, "%s: '%.40s' is no number", name, value);
        *(int *)member = (int)number;
        return RSC_OK;
    case VALUE_PLUS_LIST:
        *(struct slice *)member = list_of(m, value, '+');
        return RSC_OK;
    default:
        break;
    }
    *(const char **)member = value;
    return RSC_OK;
}

/* Tokens joined with '+', TS-0009 6.4.13. Other authentication schemes than Bearer are not tokens for the CSE. */
static enum rsc set_tokens(const struct http_in *in, struct mapping *m)
{
    const char *value = in->header[HEADER_AUTHORIZATION];

    if (!value)
        return RSC_OK;
    if (!str_clean(value, strlen(value)))
        return refuse(m, RSC_BAD_REQUEST, "Authorization is not UTF-8 text");
    if (strncasecmp(value, "Bearer ", 7) == 0)
        value += 7 + strspn(value + 7, " ");
    if (*value && !strchr(value, ' '))
        m->req.tkns = list_of(m, value, '+');
    return RSC_OK;
}

static enum rsc set_headers(const struct http_in *in, struct mapping *m)
{
    if (!in->header[HEADER_RI] || *in->header[HEADER_RI] == '\0')
        return refuse(m, RSC_BAD_REQUEST, "X-M2M-RI missing");
    for (size_t i = 0; i < header_request_count; i++) {
        const char *value = in->header[header_request[i].id];
        enum rsc rsc = value && *value ? set_parameter(in, m, i) : RSC_OK; /* an empty one says nothing */

        if (rsc != RSC_OK)
            return rsc;
    }
    return set_tokens(in, m);
}

/* ---- request target ---- */

/* Path, query and fragment of a request target, RFC 9112 3.2: origin form or absolute form. */
struct target {
    struct slice path, query, fragment;
};

static bool split_target(const char *text, size_t len, struct target *t)
{
    const char *end = text + len, *stop;

    *t = (struct target){
        {NULL, 0},
        {NULL, 0},
        {NULL, 0}
    };
    if (len > 0 && *text != '/') {
        const char *authority = memmem(text, len, "://", 3);
        const char *path = authority ? memchr(authority + 3, '/', (size_t)(end - authority - 3)) : NULL;

        if (!path || (strncasecmp(text, "http:", 5) != 0 && strncasecmp(text, "https:", 6) != 0))
            return false;
        text = path;
    }
    stop = memchr(text, '#', (size_t)(end - text));
    if (stop) {
        t->fragment = (struct slice){stop + 1, (size_t)(end - stop - 1)};
        end = stop;
    }
    stop = memchr(text, '?', (size_t)(end - text));
    if (stop) {
        t->query = (struct slice){stop + 1, (size_t)(end - stop - 1)};
        end = stop;
    }
    t->path = (struct slice){text, (size_t)(end - text)};
    return t->path.n > 0;
}

static enum rsc set_to(struct mapping *m, struct slice path)
{
    m->req.to = path_to_address(&m->arena, path.p, path.n);
    if (!m->req.to)
        return refuse(m, RSC_BAD_REQUEST, "malformed path");
    if (m->req.to[strspn(m->req.to, "/")] == '\0')
        return refuse(m, RSC_BAD_REQUEST, "the path names no resource");
    return RSC_OK;
}

/* ---- content ---- */

void map_blank_line_ends(struct str *body)
{
    for (char *p = body->data; p < body->data + body->len; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
}

static enum rsc take_content(struct http_in *in, struct mapping *m, const struct media *media)
{
    char problem[160];

    if (!in->header[HEADER_CONTENT_TYPE])
        return refuse(m, RSC_UNSUPPORTED_MEDIA_TYPE, "Content-Type missing");
    if (!media)
        return refuse(m, RSC_UNSUPPORTED_MEDIA_TYPE, "Content-Type: JSON and CBOR are understood");
    if (media->cbor) {
        struct str json = STR_EMPTY;

        if (cbor_to_json(in->body->data, in->body->len, &json, problem, sizeof problem) < 0) {
            str_done(&json);
            return refuse(m, RSC_BAD_REQUEST, "content: %s", problem);
        }
        str_done(in->body);
        *in->body = json;
    } else if (json_check(in->body->data, in->body->len, problem, sizeof problem) < 0) {
        return refuse(m, RSC_BAD_REQUEST, "content: %s", problem);
    }
    map_blank_line_ends(in->body);
    m->req.pc = (struct slice){in->body->data, in->body->len};
    return RSC_OK;
}

static enum rsc set_content(struct http_in *in, struct mapping *m, const struct media *media, int ty)
{
    if (m->req.op == OP_CREATE) { /* POST */
        if (ty == MEDIA_BAD_TY)
            return refuse(m, RSC_BAD_REQUEST, "Content-Type: ty is not one number");
        m->req.op = ty == MEDIA_NO_TY ? OP_NOTIFY : OP_CREATE;
        m->req.ty = ty == MEDIA_NO_TY ? ABSENT : ty;
    }
    return in->body->len > 0 ? take_content(in, m, media) : RSC_OK;
}

/* ---- query ---- */

static enum rsc set_query(struct mapping *m, const struct target *t, struct query *query)
{
    enum rsc rsc = query_map(t->query.p, t->query.n, &m->arena, &m->req, query, m->why, sizeof m->why);

    if (rsc == RSC_OK && t->fragment.n > 0) {
        if (query->attributes.p)
            return refuse(m, RSC_BAD_REQUEST, "attributes asked for both by atrl and by a fragment");
        query->attributes = query_names(t->fragment.p, t->fragment.n, &m->arena);
        if (!query->attributes.p)
            return refuse(m, RSC_BAD_REQUEST, "the fragment is no names of attributes joined with '+'");
    }
    return rsc == RSC_OK ? query_ask_attributes(&m->req, query->attributes, &m->arena, m->why, sizeof m->why) : rsc;
}

/* `rt` and X-M2M-RTU. */
static enum rsc set_response_type(const struct http_in *in, struct mapping *m, int rtv)
{
    const char *rtu = in->header[HEADER_RTU];

    if (rtu && !str_clean(rtu, strlen(rtu)))
        return refuse(m, RSC_BAD_REQUEST, "X-M2M-RTU is not UTF-8 text");
    query_set_response_type(&m->req, rtv, rtu, &m->arena);
    return RSC_OK;
}

/* ---- the whole ---- */

static void set_trace(const struct http_in *in, struct mapping *m)
{
    const char *given = in->header[HEADER_TRACEPARENT];

    m->req.untraced = !(given && trace_valid(given));
    if (m->req.untraced)
        trace_new(m->trace);
    else
        memcpy(m->trace, given, TRACE_SIZE);
    m->req.trace = m->trace;
}

static enum rsc set_operation(const struct http_in *in, struct mapping *m)
{
    for (const struct map_method *row = map_methods; row->name; row++)
        if (strcmp(row->name, in->method) == 0)
            m->req.op = row->op;
    if (m->req.op <= 0)
        return refuse(m, RSC_OPERATION_NOT_ALLOWED, "no such method; there are GET, HEAD, POST, PUT, DELETE, OPTIONS");
    return RSC_OK;
}

static enum rsc set_target(const struct http_in *in, struct mapping *m, struct target *t)
{
    if (in->target_len > MAP_MAX_TARGET) {
        m->status = 414;
        return refuse(m, RSC_BAD_REQUEST, "the address is longer than %d bytes", MAP_MAX_TARGET);
    }
    if (!split_target(in->target, in->target_len, t))
        return refuse(m, RSC_BAD_REQUEST, "malformed request target");
    return set_to(m, t->path);
}

enum rsc map_request(struct http_in *in, struct mapping *m)
{
    int ty = MEDIA_NO_TY;
    const struct media *media = in->header[HEADER_CONTENT_TYPE] ? media_parse(in->header[HEADER_CONTENT_TYPE], &ty) : NULL;
    const struct media *answer = media_accept(in->header[HEADER_ACCEPT], media);
    struct query query = {
        ABSENT, {NULL, 0}
    };
    struct target target = {
        {NULL, 0},
        {NULL, 0},
        {NULL, 0}
    };
    enum rsc rsc;

    m->answer = answer ? answer : media_json();
    m->req.identity = in->identity;
    set_trace(in, m);
    if ((rsc = set_operation(in, m)) != RSC_OK || (rsc = set_target(in, m, &target)) != RSC_OK ||
        (rsc = set_headers(in, m)) != RSC_OK || (rsc = set_content(in, m, media, ty)) != RSC_OK)
        return rsc;
    if (!answer)
        return refuse(m, RSC_NOT_ACCEPTABLE, "Accept: answers are JSON or CBOR");
    if ((rsc = set_query(m, &target, &query)) != RSC_OK || (rsc = set_response_type(in, m, query.rtv)) != RSC_OK)
        return rsc;
    if (submit_is_poll(&m->req) && strcmp(in->method, "HEAD") == 0) /* what it is answered would be lost */
        return refuse(m, RSC_OPERATION_NOT_ALLOWED, "a polling channel is polled with GET");
    return submit_prepare(&m->req, in->now, m->why, sizeof m->why);
}
