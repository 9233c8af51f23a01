#include "map.h"

#include "cbor.h"
#include "clock.h"
#include "json.h"
#include "options.h"
#include "path.h"
#include "query.h"
#include "text.h"

#include "mem.h"

#define MAX_ADDRESS 8192 /* bytes of path and query */

void mapping_init(struct mapping *m)
{
    arena_init(&m->arena);
    request_init(&m->req);
    m->answer = media_json();
    m->early = false;
    m->trace[0] = '\0';
    m->why[0] = '\0';
    m->own = (struct str)STR_EMPTY;
}

void mapping_done(struct mapping *m)
{
    arena_done(&m->arena);
    str_done(&m->own);
}

__attribute__((format(printf, 3, 4))) static enum rsc refuse(struct mapping *m, enum rsc rsc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(m->why, sizeof m->why, format, args);
    va_end(args);
    return rsc;
}

/* ---- parameters ---- */

static struct slice list_of(struct mapping *m, const char *text, char separator)
{
    auto_str struct str list = STR_EMPTY;

    text_list(&list, text, separator);
    return arena_slice(&m->arena, &list);
}

static enum rsc set_number(struct mapping *m, const struct option_row *row, const struct option *o)
{
    uint32_t number;

    if (!option_uint(o, &number) || number > INT32_MAX)
        return refuse(m, RSC_BAD_REQUEST, "%s is no unsigned number", row->name);
    *(int *)((char *)&m->req + row->request) = (int)number;
    return RSC_OK;
}

static enum rsc set_parameter(struct mapping *m, int64_t now, const struct option_row *row, const struct option *o)
{
    void *member = (char *)&m->req + row->request;
    const char *value;
    int64_t time;

    if (row->kind == KIND_UINT)
        return set_number(m, row, o);
    if (!str_clean(o->value.p, o->value.n))
        return refuse(m, RSC_BAD_REQUEST, "%s is not UTF-8 text", row->name);
    if (o->value.n == 0)
        return RSC_OK;
    value = arena_dup(&m->arena, o->value.p, o->value.n);
    if (row->kind == KIND_TIME && clock_parse(value, &time) < 0)
        return refuse(m, RSC_BAD_REQUEST, "%s: '%.40s' is no timestamp (YYYYMMDDThhmmss)", row->name, value);
    if (row->kind == KIND_ABSREL && clock_parse_absrel(value, now, &time) < 0)
        return refuse(m, RSC_BAD_REQUEST, "%s: '%.40s' is neither a timestamp nor milliseconds", row->name, value);
    if (row->kind == KIND_LIST)
        *(struct slice *)member = list_of(m, value, '+');
    else
        *(const char **)member = value;
    return RSC_OK;
}

static enum rsc set_parameters(const struct coap_in *in, struct mapping *m)
{
    for (const struct option_row *row = option_rows; row->number; row++) {
        const struct option *o = row->request == NOWHERE ? NULL : option_find(in->message, row, m->early);
        enum rsc rsc = o ? set_parameter(m, in->now, row, o) : RSC_OK;

        if (rsc != RSC_OK)
            return rsc;
    }
    return m->req.rqi ? RSC_OK : refuse(m, RSC_BAD_REQUEST, "oneM2M-RQI missing");
}

/* ---- address ---- */

static enum rsc set_to(const struct coap_in *in, struct mapping *m)
{
    auto_str struct str path = STR_EMPTY;

    for (int i = 0; i < in->message->count; i++) {
        const struct option *o = &in->message->options[i];

        if (o->number != OPTION_URI_PATH || (o->value.n == 0 && path.len == 0))
            continue;
        str_putc(&path, '/');
        text_encode(&path, o->value.p, o->value.n, "");
    }
    if (path.len > MAX_ADDRESS)
        return refuse(m, RSC_BAD_REQUEST, "the address is longer than %d bytes", MAX_ADDRESS);
    m->req.to = path_to_address(&m->arena, str_text(&path), path.len);
    if (!m->req.to)
        return refuse(m, RSC_BAD_REQUEST, path.len > 0 ? "malformed path" : "the path names no resource");
    if (m->req.to[strspn(m->req.to, "/")] == '\0')
        return refuse(m, RSC_BAD_REQUEST, "the path names no resource");
    return RSC_OK;
}

/* `op`, which no query argument of another binding is, TS-0008 6.2.2.1; ABSENT: not given, 0: wrong. */
static int operation_of(struct slice argument)
{
    if (argument.n < 3 || memcmp(argument.p, "op=", 3) != 0)
        return ABSENT;
    return argument.n == 4 && argument.p[3] >= '0' + OP_CREATE && argument.p[3] <= '0' + OP_NOTIFY ? argument.p[3] - '0' : 0;
}

/* All arguments as one text as HTTP has it, without `op`. */
static enum rsc gather_query(const struct coap_in *in, struct mapping *m, struct str *text, int *op)
{
    *op = ABSENT;
    for (int i = 0; i < in->message->count; i++) {
        const struct option *o = &in->message->options[i];
        int given;

        if (o->number != OPTION_URI_QUERY)
            continue;
        given = operation_of(o->value);
        if (given == 0)
            return refuse(m, RSC_BAD_REQUEST, "op: 1 to 5");
        if (given != ABSENT) {
            *op = given;
            continue;
        }
        if (text->len > 0)
            str_putc(text, '&');
        text_encode(text, o->value.p, o->value.n, "=+");
    }
    if (text->len > MAX_ADDRESS)
        return refuse(m, RSC_BAD_REQUEST, "the query is longer than %d bytes", MAX_ADDRESS);
    return RSC_OK;
}

/* A POST is a CREATE with a type and a NOTIFY without, unless `op` says what it is. */
static enum rsc set_operation(const struct coap_in *in, struct mapping *m, int op)
{
    static const int operations[] = {[CODE_GET] = OP_RETRIEVE,
                                     [CODE_POST] = OP_NOTIFY,
                                     [CODE_PUT] = OP_UPDATE,
                                     [CODE_DELETE] = OP_DELETE,
                                     [CODE_FETCH] = OP_RETRIEVE};
    unsigned char code = in->message->code;

    if (code == 0 || code >= ARRAY_LEN(operations))
        return refuse(m, RSC_OPERATION_NOT_ALLOWED, "no such method; there are GET, POST, PUT, DELETE, FETCH");
    m->req.op = operations[code];
    if (code == CODE_POST && m->req.ty != ABSENT)
        m->req.op = OP_CREATE;
    if (op != ABSENT && code != CODE_POST && op != m->req.op)
        return refuse(m, RSC_BAD_REQUEST, "op: goes with POST");
    if (op != ABSENT)
        m->req.op = op;
    if (m->req.op != OP_CREATE)
        m->req.ty = ABSENT;
    return RSC_OK;
}

/* ---- content ---- */

void map_blank_line_ends(struct str *body)
{
    for (char *p = body->data; p < body->data + body->len; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
}

/* What the content is and what the answer is to be. A content without format is taken for JSON. */
static enum rsc set_media(const struct coap_in *in, struct mapping *m, const struct media **media)
{
    const struct option *format = message_find(in->message, OPTION_CONTENT_FORMAT);
    const struct option *accept = message_find(in->message, OPTION_ACCEPT);
    uint32_t number = 0;

    *media = media_json();
    if (format) {
        *media = option_uint(format, &number) ? media_find(number) : NULL;
        if (!*media && in->body->len > 0)
            return refuse(m, RSC_UNSUPPORTED_MEDIA_TYPE, "Content-Format %u: JSON (50) and CBOR (60) are understood", number);
        if (*media)
            m->answer = media_find((*media)->answer);
    }
    if (!accept)
        return RSC_OK;
    if (!option_uint(accept, &number) || !media_find(number))
        return refuse(m, RSC_NOT_ACCEPTABLE, "Accept: answers are JSON (50) or CBOR (60)");
    m->answer = media_find(number);
    return RSC_OK;
}

static enum rsc set_content(struct coap_in *in, struct mapping *m, const struct media *media)
{
    char problem[160];

    if (in->body->len == 0 || !media)
        return RSC_OK;
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

/* `rt` and oneM2M-RTURI. */
static enum rsc set_response_type(const struct coap_in *in, struct mapping *m, int rtv)
{
    const struct option *targets = message_find(in->message, OPTION_RTURI);

    if (targets && !str_clean(targets->value.p, targets->value.n))
        return refuse(m, RSC_BAD_REQUEST, "oneM2M-RTURI is not UTF-8 text");
    query_set_response_type(&m->req, rtv, targets ? arena_dup(&m->arena, targets->value.p, targets->value.n) : NULL, &m->arena);
    return RSC_OK;
}

/* ---- requests ---- */

enum rsc map_request(struct coap_in *in, struct mapping *m)
{
    auto_str struct str text = STR_EMPTY;
    const struct media *media;
    struct query query = {
        ABSENT, {NULL, 0}
    };
    enum rsc rsc, format;
    int op;

    m->early = option_early(in->message);
    m->req.identity = in->identity;
    trace_new(m->trace);
    m->req.trace = m->trace;
    m->req.untraced = true;
    format = set_media(in, m, &media); /* first: a refusal is an answer as well */
    if ((rsc = set_parameters(in, m)) != RSC_OK || (rsc = set_to(in, m)) != RSC_OK ||
        (rsc = gather_query(in, m, &text, &op)) != RSC_OK || (rsc = set_operation(in, m, op)) != RSC_OK)
        return rsc;
    if (format != RSC_OK)
        return format;
    if ((rsc = set_content(in, m, media)) != RSC_OK ||
        (rsc = query_map(str_text(&text), text.len, &m->arena, &m->req, &query, m->why, sizeof m->why)) != RSC_OK ||
        (rsc = query_ask_attributes(&m->req, query.attributes, &m->arena, m->why, sizeof m->why)) != RSC_OK)
        return rsc;
    return set_response_type(in, m, query.rtv);
}

/* ---- responses ---- */

static void add_parameter(struct message *out, struct mapping *m, const struct option_row *row, const void *member)
{
    unsigned number = option_number(row, m->early);
    const char *text;

    if (!number)
        return;
    if (row->kind == KIND_UINT || row->kind == KIND_DIGITS) {
        int value = *(const int *)member;

        if (value < 0)
            return;
        if (row->kind == KIND_UINT)
            message_add_uint(out, &m->arena, number, (uint32_t)value);
        else
            message_add_text(out, number, arena_format(&m->arena, "%d", value));
        return;
    }
    text = *(const char *const *)member;
    if (text && *text)
        message_add_text(out, number, text);
}

/* Where the created resource is: the same path that a request would have. */
static void add_location(struct message *out, struct mapping *m, const char *loc)
{
    for (const char *p = path_of_address(&m->arena, loc); *p;) {
        size_t n;

        p += *p == '/';
        n = strcspn(p, "/");
        message_add(out, OPTION_LOCATION_PATH, p, n);
        p += n;
    }
}

static void add_content(struct message *out, struct mapping *m, struct slice pc)
{
    const struct media *media = m->answer;
    char why[80];

    if (pc.n == 0)
        return;
    out->payload = pc;
    if (media->cbor && cbor_from_json(pc.p, pc.n, &m->own, why, sizeof why) == 0)
        out->payload = (struct slice){m->own.data, m->own.len};
    else if (media->cbor) /* a number that CBOR's writer cannot hold: better another coat than no answer */
        media = media_json();
    message_add_uint(out, &m->arena, OPTION_CONTENT_FORMAT, media->format);
}

/* The code of the table, but: a NOTIFY has changed something, and what is busy is no missing resource. */
static int code_of(const struct mapping *m, const struct response *rsp)
{
    if (rsp->rsc == RSC_OK && m->req.op != OP_RETRIEVE)
        return m->req.op == OP_DELETE ? 202 : 204;
    if (rsp->rsc == RSC_TARGET_NOT_REACHABLE && rsp->retry >= 0)
        return 503;
    return rsc_row(rsp->rsc)->coap;
}

void map_response(struct message *out, const struct coap_in *in, struct mapping *m, const struct response *rsp)
{
    struct response shown = *rsp;
    const char *pairs;

    message_init(out, MESSAGE_CODE(code_of(m, rsp)));
    if (m->req.rqi)
        shown.rqi = m->req.rqi;
    if (!shown.rvi)
        shown.rvi = in->release;
    for (const struct option_row *row = option_rows; row->number; row++)
        if (row->response != NOWHERE)
            add_parameter(out, m, row, (const char *)&shown + row->response);
    pairs = rsp->ati.n > 0 && !m->early ? text_token_pairs(rsp->ati, &m->arena) : "";
    if (*pairs)
        message_add_text(out, OPTION_ATI, pairs);
    if (rsp->loc)
        add_location(out, m, rsp->loc);
    add_content(out, m, rsp->pc);
    if (rsp->retry >= 0) /* with 5.03: when to try again, RFC 7252 5.9.3.4 */
        message_add_uint(out, &m->arena, OPTION_MAX_AGE, (uint32_t)rsp->retry);
    else if (m->req.op == OP_RETRIEVE) /* nothing is said about how long it stays true */
        message_add_uint(out, &m->arena, OPTION_MAX_AGE, 0);
}
