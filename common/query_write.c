/* The way out of query.c: parameters and filterCriteria as query arguments. What is passed on is not judged, only written. */
#include "json.h"
#include "query.h"
#include "text.h"

#include "mem.h"

struct writer {
    struct str *out;
    char *why;
    size_t why_size;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct writer *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->why, w->why_size, format, args);
    va_end(args);
    return -1;
}

static void open_argument(struct writer *w, const char *prefix, const char *name)
{
    if (w->out->len > 0)
        str_putc(w->out, '&');
    str_puts(w->out, prefix);
    str_puts(w->out, name);
    str_putc(w->out, '=');
}

/* A text, a number or a truth value; anything else as its JSON text, and all where JSON is expected. */
static void put_value(struct writer *w, const json_t *value, bool as_json)
{
    auto_str struct str json = STR_EMPTY;

    if (json_is_string(value) && !as_json) {
        text_encode(w->out, json_string_value(value), json_string_length(value), "");
    } else if (json_is_boolean(value) && !as_json) {
        str_putc(w->out, json_is_true(value) ? '1' : '0');
    } else {
        json_write(&json, value);
        text_encode(w->out, str_text(&json), json.len, "");
    }
}

/* A list becomes one argument, or one for each entry where a '+' would be taken for a blank. */
static void put_list(struct writer *w, const struct query_row *row, const json_t *list)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        if (i == 0 || row->kind == QUERY_REPEATS)
            open_argument(w, "", row->name);
        else
            str_putc(w->out, '+');
        put_value(w, entry, false);
    }
}

/* [{"nm":"...","val":...},...] as name=value. */
static int put_filters(struct writer *w, const struct query_filter *filter, const json_t *list)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        const char *name = json_str(entry, "nm");
        const json_t *value = json_object_get(entry, "val");

        if (!name || !value || (!*filter->prefix && query_row_find(name)))
            return refuse(w, "fc.%s: an entry cannot be written as a query argument", filter->member);
        open_argument(w, filter->prefix, name);
        put_value(w, value, false);
    }
    return 0;
}

static int put_member(struct writer *w, const char *name, const json_t *value)
{
    const struct query_row *row = query_row_find(name);

    for (size_t i = 0; i < QUERY_FILTERS; i++)
        if (strcmp(query_filters[i].member, name) == 0)
            return put_filters(w, &query_filters[i], value);
    if (!row || row->parameter)
        return refuse(w, "fc.%.40s: cannot be written as a query argument", name);
    if (json_is_array(value) && row->kind != QUERY_VALUE) {
        put_list(w, row, value);
    } else {
        open_argument(w, "", name);
        put_value(w, value, row->kind == QUERY_VALUE);
    }
    return 0;
}

static int put_criteria(struct writer *w, struct slice fc)
{
    char problem[80];
    json_auto_t *object = json_parse(fc.p, fc.n, problem, sizeof problem);
    const char *name;
    json_t *value;

    if (!json_is_object(object))
        return refuse(w, "fc: no filterCriteria");
    json_object_foreach(object, name, value)
    {
        if (put_member(w, name, value) < 0)
            return -1;
    }
    return 0;
}

static int put_slice(struct writer *w, const struct query_row *row, struct slice list)
{
    char problem[80];
    json_auto_t *entries = list.n > 0 ? json_parse(list.p, list.n, problem, sizeof problem) : NULL;

    if (list.n > 0 && !json_is_array(entries))
        return refuse(w, "%s: no list", row->name);
    put_list(w, row, entries);
    return 0;
}

static int put_parameter(struct writer *w, const struct query_row *row, const struct request *req)
{
    const void *member = (const char *)req + row->offset;
    const char *text;

    switch (row->kind) {
    case QUERY_NUMBER:
    case QUERY_BOOLEAN:
        if (*(const int *)member != ABSENT) {
            open_argument(w, "", row->name);
            str_int(w->out, *(const int *)member);
        }
        return 0;
    case QUERY_TEXT:
        text = *(const char *const *)member;
        if (text && *text) {
            open_argument(w, "", row->name);
            text_encode(w->out, text, strlen(text), "");
        }
        return 0;
    case QUERY_TEXTS:
        return put_slice(w, row, *(const struct slice *)member);
    default: /* in struct query */
        return 0;
    }
}

int query_write(struct str *out, const struct request *req, const struct query *query, char *why, size_t why_size)
{
    struct writer w = {out, why, why_size};

    if (query->rtv != ABSENT) {
        open_argument(&w, "", "rt");
        str_int(out, query->rtv);
    }
    for (const struct query_row *row = query_rows; row->name; row++) {
        if (row->kind == QUERY_NAMES ? put_slice(&w, row, query->attributes) < 0
                                     : row->parameter && put_parameter(&w, row, req) < 0)
            return -1;
    }
    return req->fc.n > 0 ? put_criteria(&w, req->fc) : 0;
}

int query_of_response_type(struct query *query, struct slice rt, struct slice *nu, struct arena *arena)
{
    auto_str struct str list = STR_EMPTY;
    char problem[80];
    json_auto_t *info = NULL;

    if (rt.n == 0)
        return 0;
    info = json_parse(rt.p, rt.n, problem, sizeof problem);
    if (!json_is_object(info))
        return -1;
    query->rtv = (int)json_int(info, "rtv", ABSENT);
    if (json_is_array(json_object_get(info, "nu"))) {
        json_write(&list, json_object_get(info, "nu"));
        *nu = arena_slice(arena, &list);
    }
    return 0;
}

bool query_of_attributes(struct query *query, const struct request *req, struct arena *arena)
{
    struct json_member member;

    if (req->op != OP_RETRIEVE || req->pc.n == 0 || json_members(req->pc.p, req->pc.n, &member, 1) != 1 ||
        !slice_is(member.name, "m2m:atrl"))
        return false;
    query->attributes = (struct slice){arena_dup(arena, member.value.p, member.value.n), member.value.n};
    return true;
}
