#include "query.h"

#include "clock.h"
#include "json.h"
#include "text.h"

#include <ctype.h>
#include <strings.h>

#include "mem.h"

struct argument {
    const struct query_row *row; /* NULL: attribute filter */
    size_t filter;               /* of an attribute filter: row of `query_filters` */
    const char *name;            /* without prefix */
    const char *value;           /* still percent-encoded */
    size_t len;
    bool done;
};

struct reader {
    struct argument args[QUERY_MAX_ARGUMENTS];
    int count;
    struct arena *arena;
    struct request *req;
    struct query *query;
    struct str fc; /* members so far, each with a comma before it */
    char *why;
    size_t why_size;
};

__attribute__((format(printf, 3, 4))) static enum rsc refuse(struct reader *r, enum rsc rsc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(r->why, r->why_size, format, args);
    va_end(args);
    return rsc;
}

/* An XML NCName as attributes have: letters, digits and "-._", beginning with a letter or '_'; perhaps "cod:" before it. */
static bool is_name(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("-._:", *text))
            return false;
    return true;
}

/* ---- taking the text apart ---- */

static enum rsc add_argument(struct reader *r, const char *text, size_t len)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals ? (size_t)(equals - text) : len;
    struct argument *arg = &r->args[r->count];
    char *name;

    if (len == 0)
        return RSC_OK;
    if (r->count == QUERY_MAX_ARGUMENTS)
        return refuse(r, RSC_BAD_REQUEST, "more than %d query arguments", QUERY_MAX_ARGUMENTS);
    name = text_decode(r->arena, text, name_len, false, NULL);
    if (!name || !equals)
        return refuse(r, RSC_BAD_REQUEST, "malformed query argument '%.*s'", (int)(name_len > 40 ? 40 : name_len),
                      name ? name : "");
    *arg = (struct argument){.row = query_row_find(name), .name = name, .value = equals + 1, .len = len - name_len - 1};
    if (!arg->row) {
        while (strncmp(name, query_filters[arg->filter].prefix, strlen(query_filters[arg->filter].prefix)) != 0)
            arg->filter++;
        arg->name += strlen(query_filters[arg->filter].prefix);
        if (!is_name(arg->name))
            return refuse(r, RSC_BAD_REQUEST, "'%.40s' is neither a query argument nor the name of an attribute", name);
    }
    r->count++;
    return RSC_OK;
}

static enum rsc split(struct reader *r, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        enum rsc rsc;

        stop = stop ? stop : end;
        rsc = add_argument(r, text, (size_t)(stop - text));
        if (rsc != RSC_OK)
            return rsc;
        text = stop + (stop < end);
    }
    return RSC_OK;
}

/* ---- values ---- */

/* One value of a list, or a single one, as JSON. */
static enum rsc put_value(struct reader *r, const struct query_row *row, struct str *out, const char *value, size_t len)
{
    char problem[120];
    int64_t number;

    switch (row->kind) {
    case QUERY_NUMBER:
    case QUERY_NUMBERS:
        if (!text_number(value, len, &number) || number < row->least || number > INT32_MAX)
            return refuse(r, RSC_BAD_REQUEST, "%s: '%.40s' is no number from %d to %d", row->name, value, (int)row->least,
                          INT32_MAX);
        str_int(out, number);
        return RSC_OK;
    case QUERY_BOOLEAN:
        if (strcmp(value, "1") != 0 && strcmp(value, "0") != 0 && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return refuse(r, RSC_BAD_REQUEST, "%s: '%.40s' is none of true, false, 1, 0", row->name, value);
        str_putc(out, value[0] == '1' || value[0] == 't' ? '1' : '0');
        return RSC_OK;
    case QUERY_TIME:
        if (clock_parse(value, &number) < 0)
            return refuse(r, RSC_BAD_REQUEST, "%s: '%.40s' is no timestamp (YYYYMMDDThhmmss)", row->name, value);
        break;
    case QUERY_VALUE:
        if (json_check(value, len, problem, sizeof problem) < 0)
            return refuse(r, RSC_BAD_REQUEST, "%s: %s", row->name, problem);
        str_add(out, value, len);
        return RSC_OK;
    default:
        if (len == 0)
            return refuse(r, RSC_BAD_REQUEST, "%s: empty", row->name);
    }
    str_json_n(out, value, len);
    return RSC_OK;
}

static bool is_list(enum query_kind kind)
{
    return kind == QUERY_NUMBERS || kind == QUERY_TEXTS || kind == QUERY_REPEATS;
}

/* Appends the parts of one argument to the list in `out`. */
static enum rsc put_parts(struct reader *r, const struct argument *arg, struct str *out)
{
    const char *p = arg->value, *end = arg->value + arg->len;
    bool joined = arg->row->kind != QUERY_REPEATS;

    for (;;) {
        const char *stop = joined ? memchr(p, '+', (size_t)(end - p)) : NULL;
        enum rsc rsc;
        char *value;
        size_t n;

        stop = stop ? stop : end;
        value = text_decode(r->arena, p, (size_t)(stop - p), !joined, &n);
        if (!value)
            return refuse(r, RSC_BAD_REQUEST, "%s: malformed percent-encoding or text", arg->name);
        if (out->len > 1)
            str_putc(out, ',');
        rsc = put_value(r, arg->row, out, value, n);
        if (rsc != RSC_OK || stop == end)
            return rsc;
        p = stop + 1;
    }
}

/* The value of the argument `first` and of its repetitions, as JSON. */
static enum rsc put_argument(struct reader *r, int first, struct str *out)
{
    const struct argument *arg = &r->args[first];
    bool list = is_list(arg->row->kind);
    enum rsc rsc = RSC_OK;

    if (list)
        str_putc(out, '[');
    for (int i = first; i < r->count && rsc == RSC_OK; i++) {
        char *value;
        size_t n;

        if (r->args[i].row != arg->row)
            continue;
        r->args[i].done = true;
        if (list) {
            rsc = put_parts(r, &r->args[i], out);
            continue;
        }
        if (i != first)
            return refuse(r, RSC_BAD_REQUEST, "%s: given twice", arg->name);
        value = text_decode(r->arena, arg->value, arg->len, true, &n);
        rsc = value ? put_value(r, arg->row, out, value, n)
                    : refuse(r, RSC_BAD_REQUEST, "%s: malformed percent-encoding or text", arg->name);
    }
    if (list)
        str_putc(out, ']');
    return rsc;
}

/* All attribute filters of one prefix: "atr":[{"nm":"...","val":"..."},...]. Values stay text: they may have wildcards. */
static enum rsc put_filters(struct reader *r, size_t filter)
{
    const char *open = "[";

    for (int i = 0; i < r->count; i++) {
        struct argument *arg = &r->args[i];
        char *value;

        if (arg->row || arg->filter != filter)
            continue;
        arg->done = true;
        value = text_decode(r->arena, arg->value, arg->len, true, NULL);
        if (!value)
            return refuse(r, RSC_BAD_REQUEST, "%s: malformed percent-encoding or text", arg->name);
        if (*open == '[')
            str_addf(&r->fc, ",\"%s\":", query_filters[filter].member);
        str_puts(&r->fc, open);
        str_puts(&r->fc, "{\"nm\":");
        str_json(&r->fc, arg->name);
        str_puts(&r->fc, ",\"val\":");
        str_json(&r->fc, value);
        str_putc(&r->fc, '}');
        open = ",";
    }
    if (*open == ',')
        str_putc(&r->fc, ']');
    return RSC_OK;
}

/* ---- where they go ---- */

static enum rsc set_parameter(struct reader *r, const struct argument *arg, const struct str *json)
{
    void *member = (char *)r->req + arg->row->offset;
    int64_t number = 0;

    switch (arg->row->kind) {
    case QUERY_NUMBER:
    case QUERY_BOOLEAN:
        text_number(json->data, json->len, &number);
        *(int *)member = (int)number;
        break;
    case QUERY_TEXT:
        *(const char **)member = text_decode(r->arena, arg->value, arg->len, true, NULL);
        break;
    default:
        *(struct slice *)member = arena_slice(r->arena, json);
    }
    return RSC_OK;
}

/* The arguments that are neither a plain parameter nor a member of filterCriteria. */
static enum rsc set_special(struct reader *r, struct argument *arg)
{
    const char *name = arg->row->name;
    int64_t number;

    switch (arg->row->kind) {
    case QUERY_NEVER:
        return refuse(r, RSC_NOT_IMPLEMENTED, "%s: not supported", name);
    case QUERY_OWN:
        return refuse(r, RSC_BAD_REQUEST, "%s: write the attribute's own name, name=value", name);
    case QUERY_RTV:
        if (r->query->rtv != ABSENT)
            return refuse(r, RSC_BAD_REQUEST, "rt: given twice");
        if (!text_number(arg->value, arg->len, &number) || number < 1 || number > 5)
            return refuse(r, RSC_BAD_REQUEST, "rt: no number from 1 to 5");
        r->query->rtv = (int)number;
        return RSC_OK;
    default: /* QUERY_NAMES */
        if (r->query->attributes.p)
            return refuse(r, RSC_BAD_REQUEST, "atrl: given twice");
        r->query->attributes = query_names(arg->value, arg->len, r->arena);
        return r->query->attributes.p ? RSC_OK : refuse(r, RSC_BAD_REQUEST, "atrl: no names of attributes joined with '+'");
    }
}

static enum rsc set_argument(struct reader *r, int i)
{
    auto_str struct str json = STR_EMPTY;
    const struct query_row *row = r->args[i].row;
    enum rsc rsc;

    if (row->kind >= QUERY_NAMES)
        return set_special(r, &r->args[i]);
    rsc = put_argument(r, i, &json);
    if (rsc != RSC_OK)
        return rsc;
    if (row->parameter)
        return set_parameter(r, &r->args[i], &json);
    str_addf(&r->fc, ",\"%s\":", row->name);
    str_add(&r->fc, json.data, json.len);
    return RSC_OK;
}

static enum rsc read_arguments(struct reader *r, const char *text, size_t len)
{
    enum rsc rsc = split(r, text, len);

    for (int i = 0; i < r->count && rsc == RSC_OK; i++)
        if (r->args[i].row && !r->args[i].done)
            rsc = set_argument(r, i);
    for (size_t f = 0; f < QUERY_FILTERS && rsc == RSC_OK; f++)
        rsc = put_filters(r, f);
    return rsc;
}

enum rsc query_map(const char *text, size_t len, struct arena *arena, struct request *req, struct query *query, char *why,
                   size_t why_size)
{
    struct reader r; /* not cleared: `count` says how much of it is used */
    enum rsc rsc;

    query->rtv = ABSENT;
    query->attributes = (struct slice){NULL, 0};
    if (len == 0)
        return RSC_OK;
    r.count = 0;
    r.arena = arena;
    r.req = req;
    r.query = query;
    r.fc = (struct str)STR_EMPTY;
    r.why = why;
    r.why_size = why_size;
    rsc = read_arguments(&r, text, len);
    if (rsc == RSC_OK && r.fc.len > 0) {
        r.fc.data[0] = '{'; /* the first comma */
        str_putc(&r.fc, '}');
        req->fc = arena_slice(arena, &r.fc);
    }
    str_done(&r.fc);
    return rsc;
}

struct slice query_names(const char *text, size_t len, struct arena *arena)
{
    auto_str struct str list = STR_EMPTY;
    const char *end = text + len;

    for (;;) {
        const char *stop = memchr(text, '+', (size_t)(end - text));
        char *name = text_decode(arena, text, (size_t)((stop ? stop : end) - text), false, NULL);

        if (!name || !is_name(name))
            return (struct slice){NULL, 0};
        str_putc(&list, list.len ? ',' : '[');
        str_json(&list, name);
        if (!stop)
            break;
        text = stop + 1;
    }
    str_putc(&list, ']');
    return arena_slice(arena, &list);
}

enum rsc query_ask_attributes(struct request *req, struct slice names, struct arena *arena, char *why, size_t why_size)
{
    if (!names.p)
        return RSC_OK;
    if (req->op == OP_RETRIEVE && req->pc.n == 0) {
        req->pc.p = arena_format(arena, "{\"m2m:atrl\":%.*s}", (int)names.n, names.p);
        req->pc.n = strlen(req->pc.p);
        return RSC_OK;
    }
    snprintf(why, why_size, "%s",
             req->op == OP_RETRIEVE ? "attributes asked for both in the address and in the content"
                                    : "single attributes can be asked for by RETRIEVE only");
    return RSC_BAD_REQUEST;
}

void query_set_response_type(struct request *req, int rtv, const char *targets, struct arena *arena)
{
    auto_str struct str rt = STR_EMPTY;

    if (rtv == ABSENT && !targets)
        return;
    str_addf(&rt, "{\"rtv\":%d", rtv == ABSENT ? 3 : rtv);
    if (targets) {
        str_puts(&rt, ",\"nu\":");
        text_list(&rt, targets, '&');
    }
    str_putc(&rt, '}');
    req->rt = arena_slice(arena, &rt);
}
