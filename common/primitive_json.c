#include "primitive_json.h"

#include "cbor.h"
#include "json.h"
#include "json_char.h"
#include "mem.h"

static const struct {
    const char *root; /* as the text has it */
    enum primitive_kind kind;
} wrappers[] = {
    {"\"m2m:rqp\"", PRIMITIVE_REQUEST },
    {"\"m2m:rsp\"", PRIMITIVE_RESPONSE},
};

/* ---- reading ---- */

static char *skip_blank(char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p;
}

/* The object inside of a wrapper; the whole text, and no kind, when there is none. What is left is checked as one object. */
static struct slice unwrap(char *text, size_t len, enum primitive_kind *kind)
{
    char *end = text + len, *p = skip_blank(text, end);

    *kind = PRIMITIVE_NONE;
    if (p == end || *p != '{')
        return (struct slice){text, len};
    p = skip_blank(p + 1, end);
    for (size_t i = 0; i < ARRAY_LEN(wrappers); i++) {
        size_t n = strlen(wrappers[i].root);
        char *inner = (size_t)(end - p) > n && memcmp(p, wrappers[i].root, n) == 0 ? skip_blank(p + n, end) : end;

        if (inner == end || *inner != ':')
            continue;
        while (end > inner && strchr(" \t\r\n", end[-1]))
            end--;
        if (end[-1] != '}') /* ... and no object at all: said when it is split */
            break;
        *kind = wrappers[i].kind;
        return (struct slice){inner + 1, (size_t)(end - 1 - (inner + 1))};
    }
    return (struct slice){text, len};
}

/* Resolves the escapes of a checked string in place; it ends with a NUL, at the latest where its closing quote was. */
static size_t unescape(char *text, size_t len)
{
    unsigned char *from = memchr(text, '\\', len), *to = from, *end = (unsigned char *)text + len;
    uint32_t code = 0;

    if (!from) {
        text[len] = '\0';
        return len;
    }
    while (from < end) {
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        from += json_escape_read(from, end, &code);
        to += json_utf8_write(to, code);
    }
    *to = '\0';
    return (size_t)((char *)to - text);
}

/* The slices are of the message, which is ours to write to. */
static char *writable(struct slice s)
{
    return (char *)(uintptr_t)s.p;
}

/* One member as a field. The content stays as it is written. */
static void set_field(struct field *f, const struct json_member *member, struct envelope *e)
{
    char *value = writable(member->value);

    unescape(writable(member->name), member->name.n);
    *f = (struct field){.name = member->name.p, .kind = FIELD_RAW, .value = value, .len = member->value.n};
    if (strcmp(f->name, "pc") == 0) {
        e->body = *value == 'n' ? "" : value;
        e->body_len = *value == 'n' ? 0 : f->len;
    } else if (*value == '"') {
        f->kind = FIELD_STRING;
        f->value = value + 1;
        f->len = unescape(value + 1, member->value.n - 2);
    } else if (*value == 't' || *value == 'f') {
        f->kind = FIELD_BOOL;
    } else if (*value == 'n') {
        f->kind = FIELD_NULL;
    } else if (*value != '{' && *value != '[') {
        f->kind = FIELD_NUMBER;
    }
    value[member->value.n] = '\0'; /* a blank, a comma or a brace */
}

/* The members as fields, `pc` as the body. False with the name of one that comes twice. */
static bool gather(struct envelope *e, const struct json_member *members, int count, const char **twice)
{
    e->body = "";
    e->body_len = 0;
    for (e->count = 0; e->count < count; e->count++) {
        struct field *f = &e->fields[e->count];

        set_field(f, &members[e->count], e);
        if (envelope_find(e, f->name)) {
            *twice = f->name;
            return false;
        }
    }
    return true;
}

/* The bus separates primitives by line feeds: between tokens a blank is as good, and in strings there is none. */
static void blank_line_ends(struct str *message)
{
    char *end = message->data + message->len;

    for (char *p = message->data; (p = memchr(p, '\n', (size_t)(end - p))); p++)
        *p = ' ';
    for (char *p = message->data; (p = memchr(p, '\r', (size_t)(end - p))); p++)
        *p = ' ';
}

/* Clients show an empty content where the operation has none. */
static void drop_empty_content(struct request *req)
{
    if ((req->op == OP_RETRIEVE || req->op == OP_DELETE) && (slice_is(req->pc, "{}") || slice_is(req->pc, "\"\"")))
        req->pc = (struct slice){"", 0};
}

static int read_request(struct primitive *p, const struct envelope *e, char *why, size_t why_size)
{
    const char *missing;

    if (request_decode_outside(&p->req, e, why, why_size) < 0)
        return -1;
    drop_empty_content(&p->req);
    missing = p->req.op == ABSENT ? "op" : !p->req.to ? "to" : !p->req.rqi ? "rqi" : NULL;
    if (missing)
        snprintf(why, why_size, "%s: mandatory, missing", missing);
    return missing ? -1 : 0;
}

static int read_response(struct primitive *p, const struct envelope *e, char *why, size_t why_size)
{
    const char *missing;

    if (response_decode_outside(&p->rsp, e, why, why_size) < 0)
        return -1;
    missing = p->rsp.rsc <= 0 ? "rsc" : !p->rsp.rqi ? "rqi" : NULL;
    if (missing)
        snprintf(why, why_size, "%s: mandatory, missing", missing);
    return missing ? -1 : 0;
}

static int from_cbor(struct str *message, char *why, size_t why_size)
{
    struct str json = STR_EMPTY;

    if (cbor_to_json(message->data, message->len, &json, why, why_size) < 0) {
        str_done(&json);
        return -1;
    }
    str_done(message);
    *message = json;
    return 0;
}

int primitive_read(struct primitive *p, struct str *message, bool cbor, char *why, size_t why_size)
{
    struct json_member members[PRIMITIVE_MAX_MEMBERS];
    const char *twice = NULL;
    struct envelope e;
    struct slice object;
    int count;

    p->kind = PRIMITIVE_NONE;
    p->wrapped = false;
    if (cbor && from_cbor(message, why, why_size) < 0)
        return -1;
    str_reserve(message, 0); /* that there is a text at all */
    object = unwrap(message->data, message->len, &p->kind);
    p->wrapped = p->kind != PRIMITIVE_NONE;
    count = json_split(object.p, object.n, members, PRIMITIVE_MAX_MEMBERS, why, why_size);
    if (count < 0) {
        p->kind = PRIMITIVE_NONE;
        return -1;
    }
    blank_line_ends(message);
    if (!gather(&e, members, count, &twice)) {
        p->kind = PRIMITIVE_NONE;
        snprintf(why, why_size, "%.40s: given twice", twice);
        json_ascii(why);
        return -1;
    }
    if (p->kind == PRIMITIVE_NONE)
        p->kind = envelope_find(&e, "op") ? PRIMITIVE_REQUEST : envelope_find(&e, "rsc") ? PRIMITIVE_RESPONSE : PRIMITIVE_NONE;
    if (p->kind == PRIMITIVE_REQUEST)
        return read_request(p, &e, why, why_size);
    if (p->kind == PRIMITIVE_RESPONSE)
        return read_response(p, &e, why, why_size);
    snprintf(why, why_size, "neither op nor rsc: no request and no response");
    return -1;
}

/* ---- writing ---- */

/* Makes an object of the members that stand behind `at`, each with a comma before it. */
static void close_object(struct str *out, size_t at)
{
    if (out->len == at)
        str_putc(out, '{');
    else
        out->data[at] = '{';
    str_putc(out, '}');
}

void primitive_write_request(struct str *out, const struct request *req)
{
    size_t at = out->len;

    request_encode_outside(out, req);
    head_raw(out, "pc", req->pc.p, req->pc.n);
    close_object(out, at);
}

void primitive_write_response(struct str *out, const struct response *rsp)
{
    size_t at = out->len;

    response_encode_outside(out, rsp);
    head_raw(out, "pc", rsp->pc.p, rsp->pc.n);
    close_object(out, at);
}

int primitive_serialize(struct str *out, const struct primitive *p, bool cbor, char *why, size_t why_size)
{
    auto_str struct str json = STR_EMPTY;
    struct str *text = cbor ? &json : out;

    str_reset(out);
    if (p->wrapped)
        str_addf(text, "{%s:", wrappers[p->kind == PRIMITIVE_RESPONSE].root);
    if (p->kind == PRIMITIVE_RESPONSE)
        primitive_write_response(text, &p->rsp);
    else
        primitive_write_request(text, &p->req);
    if (p->wrapped)
        str_putc(text, '}');
    return cbor ? cbor_from_json(json.data, json.len, out, why, why_size) : 0;
}
