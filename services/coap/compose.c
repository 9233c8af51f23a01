#include "compose.h"

#include "cbor.h"
#include "json.h"
#include "map.h"
#include "options.h"
#include "path.h"
#include "query.h"
#include "text.h"

#include <arpa/inet.h>

#include "mem.h"

void composed_init(struct composed *c)
{
    arena_init(&c->arena);
    message_init(&c->message, 0);
    c->own = (struct str)STR_EMPTY;
}

void composed_done(struct composed *c)
{
    arena_done(&c->arena);
    str_done(&c->own);
}

static int fail(char *why, size_t why_size, const char *name, const char *problem)
{
    snprintf(why, why_size, "%s: %s", name, problem);
    return -1;
}

/* ---- parameters ---- */

/* The strings of a JSON list, joined. NULL when one of them holds the separator, or is no string. */
static char *join(struct arena *arena, struct slice list, char separator)
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
    return arena_dup(arena, str_text(&text), text.len);
}

static int add_parameter(struct composed *c, const struct request *req, const struct option_row *row, char *why, size_t why_size)
{
    const void *member = (const char *)req + row->request;
    const char *text = NULL;

    if (row->kind == KIND_UINT) {
        int number = *(const int *)member;

        if (number == ABSENT || message_add_uint(&c->message, &c->arena, row->number, (uint32_t)number))
            return 0;
        return fail(why, why_size, row->name, "too many options");
    }
    if (row->kind == KIND_LIST) {
        const struct slice *list = member;

        if (list->n == 0)
            return 0;
        text = join(&c->arena, *list, '+');
        if (!text)
            return fail(why, why_size, row->name, "a value with '+' cannot be written there");
    } else {
        text = *(const char *const *)member;
    }
    if (!text || !*text || message_add_text(&c->message, row->number, text))
        return 0;
    return fail(why, why_size, row->name, "cannot be written as an option");
}

static int add_parameters(struct composed *c, const struct request *req, struct slice nu, char *why, size_t why_size)
{
    const char *targets;

    for (const struct option_row *row = option_rows; row->number; row++)
        if (row->request != NOWHERE && add_parameter(c, req, row, why, why_size) < 0)
            return -1;
    if (nu.n == 0)
        return 0;
    targets = join(&c->arena, nu, '&');
    if (targets && message_add_text(&c->message, OPTION_RTURI, targets))
        return 0;
    return fail(why, why_size, "oneM2M-RTURI", "a target with '&' cannot be written there");
}

/* ---- address ---- */

/* Each part between the separators, decoded, is an option; empty ones are left out. */
static int add_parts(struct composed *c, unsigned number, const char *text, size_t len, char separator, char *why,
                     size_t why_size)
{
    const char *end = text + len;

    while (text < end) {
        const char *stop = memchr(text, separator, (size_t)(end - text));
        size_t n = (size_t)((stop ? stop : end) - text), decoded;
        char *value = n > 0 ? text_decode(&c->arena, text, n, false, &decoded) : NULL;

        if (n > 0 && (!value || !message_add(&c->message, number, value, decoded)))
            return fail(why, why_size, "address", "cannot be written as options");
        text += n + 1;
    }
    return 0;
}

/* A name, not a number: RFC 7252 6.4. */
static void add_host(struct composed *c, const struct target_url *base)
{
    const char *host = str_text(&base->url) + base->scheme;
    size_t n = base->host - base->scheme;
    const char *colon = memchr(host, ':', n);
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;

    if (*host == '[')
        return;
    n = colon ? (size_t)(colon - host) : n;
    if (n < sizeof text) {
        snprintf(text, sizeof text, "%.*s", (int)n, host);
        if (inet_pton(AF_INET, text, &v4) == 1)
            return;
    }
    message_add(&c->message, OPTION_URI_HOST, host, n);
}

static int set_address(struct composed *c, const struct request *req, const struct target_url *base, const struct query *query,
                       char *why, size_t why_size)
{
    const char *path = str_text(&base->url) + base->host;
    size_t n = strcspn(path, "?");
    const char *arguments = path[n] == '?' ? path + n + 1 : NULL;
    auto_str struct str own = STR_EMPTY;

    add_host(c, base);
    if (add_parts(c, OPTION_URI_PATH, path, n, '/', why, why_size) < 0)
        return -1;
    if (!outbound_for_url(req)) {
        auto_str struct str to = STR_EMPTY;
        const char *below;

        if (!req->to || !*req->to || arguments)
            return fail(why, why_size, "to", arguments ? "a point of access with a query is no base of a path" : "missing");
        text_encode(&to, req->to, strlen(req->to), "/");
        below = path_of_address(&c->arena, str_text(&to));
        if (add_parts(c, OPTION_URI_PATH, below, strlen(below), '/', why, why_size) < 0)
            return -1;
    }
    if (query_write(&own, req, query, why, why_size) < 0)
        return -1;
    if (arguments && add_parts(c, OPTION_URI_QUERY, arguments, strlen(arguments), '&', why, why_size) < 0)
        return -1;
    return add_parts(c, OPTION_URI_QUERY, str_text(&own), own.len, '&', why, why_size);
}

/* ---- the rest of a request ---- */

static int set_content(struct composed *c, const struct request *req, enum serialization serialization, char *why,
                       size_t why_size)
{
    bool cbor = serialization == SERIALIZATION_CBOR;

    message_add_uint(&c->message, &c->arena, OPTION_ACCEPT, cbor ? 60 : 50);
    if (req->pc.n == 0)
        return 0;
    c->message.payload = req->pc;
    if (cbor) {
        if (cbor_from_json(req->pc.p, req->pc.n, &c->own, why, why_size) < 0)
            return -1;
        c->message.payload = (struct slice){c->own.data, c->own.len};
    }
    message_add_uint(&c->message, &c->arena, OPTION_CONTENT_FORMAT, cbor ? 60 : 50);
    return 0;
}

/* What is not blocking is always a POST that says its operation, TS-0008 6.2.2.1. */
static void set_method(struct composed *c, int op, int rtv)
{
    static const unsigned char codes[] = {[OP_CREATE] = CODE_POST,
                                          [OP_RETRIEVE] = CODE_GET,
                                          [OP_UPDATE] = CODE_PUT,
                                          [OP_DELETE] = CODE_DELETE,
                                          [OP_NOTIFY] = CODE_POST};

    c->message.code = codes[op];
    if (rtv == ABSENT || rtv == 3)
        return;
    c->message.code = CODE_POST;
    message_add_text(&c->message, OPTION_URI_QUERY, arena_format(&c->arena, "op=%d", op));
}

int compose_request(struct composed *c, const struct request *req, const struct target_url *base,
                    enum serialization serialization, char *why, size_t why_size)
{
    struct query query = {
        ABSENT, {NULL, 0}
    };
    struct slice nu = {NULL, 0};
    struct request rest = *req;

    if (req->op < OP_CREATE || req->op > OP_NOTIFY)
        return fail(why, why_size, "op", "no operation");
    if (req->op == OP_CREATE && req->ty == ABSENT)
        return fail(why, why_size, "ty", "missing");
    if (req->op != OP_CREATE)
        rest.ty = ABSENT;
    if (query_of_response_type(&query, req->rt, &nu, &c->arena) < 0)
        return fail(why, why_size, "rt", "no responseTypeInfo");
    if (query_of_attributes(&query, req, &c->arena))
        rest.pc = (struct slice){NULL, 0};
    set_method(c, req->op, query.rtv);
    if (set_address(c, &rest, base, &query, why, why_size) < 0 || add_parameters(c, &rest, nu, why, why_size) < 0)
        return -1;
    return set_content(c, &rest, serialization, why, why_size);
}

/* ---- responses ---- */

static void take_parameters(struct response *rsp, const struct message *m, struct arena *arena)
{
    for (const struct option_row *row = option_rows; row->number; row++) {
        const struct option *o = row->response == NOWHERE ? NULL : message_find(m, row->number);
        int64_t digits;
        uint32_t number;
        void *member;

        if (!o && row->response != NOWHERE && row->early)
            o = message_find(m, row->early);
        if (!o || (row->kind != KIND_UINT && !str_clean(o->value.p, o->value.n)))
            continue;
        member = (char *)rsp + row->response;
        if (row->kind == KIND_UINT && option_uint(o, &number) && number <= INT32_MAX)
            *(int *)member = (int)number;
        else if (row->kind == KIND_DIGITS && text_number(o->value.p, o->value.n, &digits) && digits <= INT32_MAX)
            *(int *)member = (int)digits;
        else if (row->kind == KIND_TEXT || row->kind == KIND_TIME || row->kind == KIND_ABSREL)
            *(const char **)member = arena_dup(arena, o->value.p, o->value.n);
    }
}

static void take_location(struct response *rsp, const struct message *m, struct arena *arena)
{
    auto_str struct str path = STR_EMPTY;

    for (int i = 0; i < m->count; i++)
        if (m->options[i].number == OPTION_LOCATION_PATH) {
            str_putc(&path, '/');
            text_encode(&path, m->options[i].value.p, m->options[i].value.n, "");
        }
    if (path.len > 0)
        rsp->loc = path_to_address(arena, path.data, path.len);
}

/* A content that is neither JSON nor CBOR is left out. */
static void take_content(struct response *rsp, const struct message *m, struct str *body)
{
    uint32_t format = 50;
    const struct media *media;
    char problem[80];

    message_uint(m, OPTION_CONTENT_FORMAT, &format);
    media = media_find(format);
    if (media && media->cbor) {
        struct str json = STR_EMPTY;

        if (cbor_to_json(body->data, body->len, &json, problem, sizeof problem) < 0) {
            str_done(&json);
            return;
        }
        str_done(body);
        *body = json;
    } else if (json_check(str_text(body), body->len, problem, sizeof problem) < 0) {
        return;
    }
    map_blank_line_ends(body);
    rsp->pc = (struct slice){body->data, body->len};
}

void compose_response(struct response *rsp, const struct message *m, struct str *body, struct arena *arena)
{
    bool good = MESSAGE_CLASS(m->code) == 2;

    response_init(rsp);
    take_parameters(rsp, m, arena);
    take_location(rsp, m, arena);
    if (body->len > 0)
        take_content(rsp, m, body);
    if (rsp->rsc <= 0 || rsp->rsc > 9999)
        rsp->rsc = good ? RSC_OK : RSC_BAD_REQUEST;
    if (!good && rsc_is_success(rsp->rsc)) /* they contradict each other: the failure counts */
        rsp->rsc = RSC_BAD_REQUEST;
}

const char *compose_outcome(int op, const struct message *m, const struct response *rsp)
{
    bool own = message_find(m, OPTION_RSC) != NULL && op != OP_NOTIFY;

    if (rsc_is_success(rsp->rsc))
        return "ok";
    /* A target in trouble of its own has not said no. */
    if (rsp->rsc == RSC_TARGET_NOT_REACHABLE || (!own && (MESSAGE_CLASS(m->code) == 5 || m->code == MESSAGE_CODE(429))))
        return "unreachable";
    return "refused";
}
