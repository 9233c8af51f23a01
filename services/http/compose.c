#include "compose.h"

#include "cbor.h"
#include "json.h"
#include "map.h"
#include "path.h"
#include "query.h"
#include "text.h"

#include "mem.h"

void http_call_init(struct http_call *call)
{
    arena_init(&call->arena);
    call->method = call->url = NULL;
    call->count = 0;
    call->body = (struct slice){NULL, 0};
    call->own = (struct str)STR_EMPTY;
}

void http_call_done(struct http_call *call)
{
    arena_done(&call->arena);
    str_done(&call->own);
}

/* ---- header fields ---- */

static int add_header(struct http_call *call, const char *name, const char *value, char *why, size_t why_size)
{
    if (!str_clean(value, strlen(value)) || call->count == RENDER_MAX_HEADERS) {
        snprintf(why, why_size, "%s: cannot be written as a header field", name);
        return -1;
    }
    call->headers[call->count++] = (struct http_header){name, value};
    return 0;
}

/* The strings of a JSON list, joined. NULL when one of them holds the separator, or is no string. */
static char *join(struct http_call *call, struct slice list, char separator)
{
    auto_str struct str text = STR_EMPTY;
    char problem[80];
    json_auto_t *entries = json_parse(list.p, list.n, problem, sizeof problem);
    const json_t *entry;
    size_t i;

    json_array_foreach(entries, i, entry)
    {
        const char *value = json_string_value(entry);

        if (!value || strchr(value, separator))
            return NULL;
        if (i > 0)
            str_putc(&text, separator);
        str_puts(&text, value);
    }
    return arena_dup(&call->arena, str_text(&text), text.len);
}

static int add_list(struct http_call *call, const char *name, struct slice list, char separator, char *why, size_t why_size)
{
    const char *value;

    if (list.n == 0)
        return 0;
    value = join(call, list, separator);
    if (value)
        return add_header(call, name, value, why, why_size);
    snprintf(why, why_size, "%s: a value with '%c' cannot be written there", name, separator);
    return -1;
}

static int add_parameter(struct http_call *call, const struct request *req, const struct header_parameter *row, char *why,
                         size_t why_size)
{
    const void *member = (const char *)req + row->offset;
    const char *name = header_rows[row->id].name;
    const char *text;

    switch (row->kind) {
    case VALUE_NUMBER:
        if (*(const int *)member == ABSENT)
            return 0;
        return add_header(call, name, arena_format(&call->arena, "%d", *(const int *)member), why, why_size);
    case VALUE_PLUS_LIST:
        return add_list(call, name, *(const struct slice *)member, '+', why, why_size);
    default:
        text = *(const char *const *)member;
        return text && *text ? add_header(call, name, text, why, why_size) : 0;
    }
}

static int add_headers(struct http_call *call, const struct request *req, struct slice nu, char *why, size_t why_size)
{
    for (size_t i = 0; i < header_request_count; i++)
        if (add_parameter(call, req, &header_request[i], why, why_size) < 0)
            return -1;
    if (add_list(call, header_rows[HEADER_AUTHORIZATION].name, req->tkns, '+', why, why_size) < 0 ||
        add_list(call, header_rows[HEADER_RTU].name, nu, '&', why, why_size) < 0)
        return -1;
    return req->trace ? add_header(call, header_rows[HEADER_TRACEPARENT].name, req->trace, why, why_size) : 0;
}

/* ---- request target and content ---- */

static int set_url(struct http_call *call, const struct request *req, const char *base, const struct query *query, char *why,
                   size_t why_size)
{
    auto_str struct str url = STR_EMPTY;
    auto_str struct str arguments = STR_EMPTY;

    str_puts(&url, base);
    if (query_write(&arguments, req, query, why, why_size) < 0)
        return -1;
    if (!outbound_for_url(req)) {
        auto_str struct str path = STR_EMPTY;

        if (!req->to || !*req->to || strchr(str_text(&url), '?')) {
            snprintf(why, why_size, "%s",
                     req->to && *req->to ? "a point of access with a query is no base of a path" : "to: missing");
            return -1;
        }
        while (url.len > 0 && url.data[url.len - 1] == '/')
            url.data[--url.len] = '\0';
        text_encode(&path, req->to, strlen(req->to), "/");
        str_puts(&url, path_of_address(&call->arena, str_text(&path)));
    }
    if (arguments.len > 0)
        str_addf(&url, "%c%s", strchr(str_text(&url), '?') ? '&' : '?', arguments.data);
    call->url = arena_dup(&call->arena, str_text(&url), url.len);
    return 0;
}

static int set_content(struct http_call *call, const struct request *req, const struct media *media, char *why, size_t why_size)
{
    const char *type = media->type;

    call->body = req->pc;
    if (media->cbor && req->pc.n > 0) {
        if (cbor_from_json(req->pc.p, req->pc.n, &call->own, why, why_size) < 0)
            return -1;
        call->body = (struct slice){call->own.data, call->own.len};
    }
    if (req->op == OP_CREATE)
        type = arena_format(&call->arena, "%s;ty=%d", type, req->ty);
    if (req->op == OP_CREATE || req->op == OP_NOTIFY || req->pc.n > 0)
        return add_header(call, header_rows[HEADER_CONTENT_TYPE].name, type, why, why_size);
    return 0;
}

static int set_method(struct http_call *call, int op)
{
    for (const struct map_method *row = map_methods; row->name && !call->method; row++)
        if (row->op == (op == OP_NOTIFY ? OP_CREATE : op))
            call->method = row->name;
    return call->method ? 0 : -1;
}

int compose_request(struct http_call *call, const struct request *req, const char *base, enum serialization serialization,
                    char *why, size_t why_size)
{
    /* Receivers in the field take exactly these two types. */
    const struct media *media = media_by_name(serialization == SERIALIZATION_CBOR ? "application/cbor" : "application/json");
    struct query query = {
        ABSENT, {NULL, 0}
    };
    struct slice nu = {NULL, 0};
    struct request rest = *req;

    if (set_method(call, req->op) < 0 || query_of_response_type(&query, req->rt, &nu, &call->arena) < 0) {
        snprintf(why, why_size, "%s", call->method ? "rt: no responseTypeInfo" : "op: no operation");
        return -1;
    }
    if (req->op == OP_CREATE && req->ty == ABSENT) {
        snprintf(why, why_size, "ty: missing");
        return -1;
    }
    if (query_of_attributes(&query, req, &call->arena))
        rest.pc = (struct slice){NULL, 0};
    if (set_url(call, &rest, base, &query, why, why_size) < 0 || add_headers(call, &rest, nu, why, why_size) < 0 ||
        set_content(call, &rest, media, why, why_size) < 0)
        return -1;
    /* Receivers of notifications in the field take exactly this. */
    return add_header(call, header_rows[HEADER_ACCEPT].name,
                      outbound_for_url(req) ? media_json()->type
                      : media->cbor         ? "application/cbor, application/json"
                                            : "application/json, application/cbor",
                      why, why_size);
}

/* ---- responses ---- */

/* "lti:tkid" pairs joined with '+' as m2m:dynAuthLocalTokenIdAssignments, TS-0009 6.4.16. */
static struct slice token_pairs(const char *text, struct arena *arena)
{
    auto_str struct str json = STR_EMPTY;

    str_puts(&json, "{\"ltia\":[");
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "+"), colon = strcspn(p, ":+");

        if (colon < n) {
            str_puts(&json, p == text ? "{\"lti\":" : ",{\"lti\":");
            str_json_n(&json, p, colon);
            str_puts(&json, ",\"tkid\":");
            str_json_n(&json, p + colon + 1, n - colon - 1);
            str_putc(&json, '}');
        }
        p += n + (p[n] == '+');
    }
    str_puts(&json, "]}");
    return arena_slice(arena, &json);
}

static void take_parameters(struct response *rsp, const struct http_answer *answer, struct arena *arena)
{
    const char *location = answer->header[HEADER_CONTENT_LOCATION];
    const char *pairs = answer->header[HEADER_ATI], *info = answer->header[HEADER_TQF];
    char problem[80];

    for (size_t i = 0; i < header_response_count; i++) {
        const char *value = answer->header[header_response[i].id];
        void *member = (char *)rsp + header_response[i].offset;
        int64_t number;

        if (!value || !*value || !str_clean(value, strlen(value)))
            continue;
        if (header_response[i].kind != VALUE_NUMBER)
            *(const char **)member = value;
        else if (text_number(value, strlen(value), &number) && number <= INT32_MAX)
            *(int *)member = (int)number;
    }
    if (pairs && str_clean(pairs, strlen(pairs)))
        rsp->ati = token_pairs(pairs, arena);
    if (info && *info == '{' && json_check(info, strlen(info), problem, sizeof problem) == 0)
        rsp->tqf = (struct slice){info, strlen(info)};
    if (location && *location == '/')
        rsp->loc = path_to_address(arena, location, strlen(location));
}

static void take_content(struct response *rsp, struct http_answer *answer)
{
    const char *type = answer->header[HEADER_CONTENT_TYPE];
    const struct media *media;
    char problem[80];
    int ty;

    media = type ? media_parse(type, &ty) : NULL;
    if (media && media->cbor) {
        struct str json = STR_EMPTY;

        if (cbor_to_json(answer->body.data, answer->body.len, &json, problem, sizeof problem) < 0) {
            str_done(&json);
            return;
        }
        str_done(&answer->body);
        answer->body = json;
    } else if (json_check(str_text(&answer->body), answer->body.len, problem, sizeof problem) < 0) {
        return; /* a page of text for people, most likely */
    }
    map_blank_line_ends(&answer->body);
    rsp->pc = (struct slice){answer->body.data, answer->body.len};
}

void compose_response(struct response *rsp, struct http_answer *answer, struct arena *arena)
{
    bool http = answer->status >= 200 && answer->status < 300;

    response_init(rsp);
    take_parameters(rsp, answer, arena);
    if (answer->body.len > 0)
        take_content(rsp, answer);
    if (rsp->rsc <= 0 || rsp->rsc > 9999)
        rsp->rsc = http ? RSC_OK : RSC_BAD_REQUEST;
    if (!http && rsc_is_success(rsp->rsc)) /* they contradict each other: the failure counts */
        rsp->rsc = RSC_BAD_REQUEST;
}

const char *compose_outcome(int op, const struct http_answer *answer, const struct response *rsp)
{
    bool own = answer->header[HEADER_RSC] != NULL && op != OP_NOTIFY;

    if (rsc_is_success(rsp->rsc))
        return "ok";
    /* A target in trouble of its own has not said no. */
    if (rsp->rsc == RSC_TARGET_NOT_REACHABLE || (!own && (answer->status >= 500 || answer->status == 429)))
        return "unreachable";
    return "refused";
}
