#include "store.h"

#include "change.h"
#include "clock.h"
#include "cse.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "question.h"

enum { PAGE = 200 };

struct call {
    store_fn *fn;
    void *context;
};

static bool finish(struct call *call, enum store_status st, struct slice body)
{
    call->fn(call->context, st, body);
    free(call);
    return true;
}

static bool on_reply(void *context, const struct envelope *reply)
{
    const char *st = reply ? envelope_str(reply, "st") : NULL;
    struct call *call = context;
    struct slice none = {NULL, 0};

    if (!reply)
        return finish(call, STORE_FORGOTTEN, none);
    if (!st || strcmp(st, "failed") == 0)
        return false;
    if (strcmp(st, "ok") == 0)
        return finish(call, STORE_OK, (struct slice){reply->body, reply->body_len});
    if (strcmp(st, "stale") == 0 || strcmp(st, "none") == 0)
        return finish(call, STORE_STALE, none);
    log_error("storage.refused", "st=%s why=%s", st, envelope_str(reply, "why"));
    return finish(call, STORE_REFUSED, none);
}

static struct question *question_of(const char *verb, store_fn *fn, void *context)
{
    struct call *call = xmalloc(sizeof *call);
    struct question *question;

    *call = (struct call){fn, context};
    question = question_new("storage", STORE_TENANT, on_reply, call);
    head_str(&question->head, "do", verb);
    return question;
}

void store_records(const json_t *addresses, store_fn *fn, void *context)
{
    struct question *question = question_of("records", fn, context);

    json_write(&question->body, addresses);
    question_ask(question);
}

void store_query(const char *root, int ty, int lvl, int64_t since, const char *after, store_fn *fn, void *context)
{
    struct question *question = question_of("query", fn, context);
    char time[CLOCK_TEXT_SIZE];
    auto_free char *fc = NULL;

    clock_format(since, time);
    fc = since > 0 ? xasprintf("{\"ty\":[%d],\"cra\":\"%s\"}", ty, time) : xasprintf("{\"ty\":[%d]}", ty);
    head_str(&question->head, "root", root);
    head_str(&question->head, "mode", "full");
    head_raw(&question->head, "fc", fc, strlen(fc));
    if (lvl > 0)
        head_int(&question->head, "lvl", lvl);
    head_str(&question->head, "after", after);
    head_int(&question->head, "max", PAGE);
    question_ask(question);
}

void store_kept(const char *name, const char *after, store_fn *fn, void *context)
{
    struct question *question = question_of("kept", fn, context);

    head_str(&question->head, "name", name);
    head_str(&question->head, "after", after);
    head_int(&question->head, "max", PAGE);
    question_ask(question);
}

void store_commit(json_t *ops, json_t *need, store_fn *fn, void *context)
{
    struct question *question = question_of("commit", fn, context);
    auto_str struct str text = STR_EMPTY;
    char key[ID_SIZE];

    /* Asked again, it is the same commit. */
    id_random("t", key);
    head_str(&question->head, "key", key);
    head_bool(&question->head, "again", true);
    head_str(&question->head, "fr", cse_id());
    head_int(&question->head, "at", clock_now_ms());
    if (need) {
        json_write(&text, need);
        head_raw(&question->head, "need", text.data, text.len);
    }
    str_puts(&question->body, "{\"ops\":");
    json_write(&question->body, ops);
    str_putc(&question->body, '}');
    json_decref(ops);
    json_decref(need);
    question_ask(question);
}

json_t *store_keep_op(const char *ri, json_t *value)
{
    return json_pack("{ss ss ss so}", "op", "keep", "ri", ri, "name", "timing", "value", value ? value : json_null());
}

/* {"rows":[...],"more":...} */
bool rows_open(struct rows *rows, struct slice body)
{
    struct json_member members[4];
    int count = json_members(body.p, body.n, members, ARRAY_LEN(members));
    struct str more = STR_EMPTY;

    *rows = (struct rows){
        {NULL, 0},
        NULL
    };
    for (int i = 0; i < count; i++) {
        if (slice_is(members[i].name, "rows"))
            rows->rest = members[i].value;
        else if (slice_is(members[i].name, "more") && json_unquote(members[i].value, &more))
            rows->more = str_take(&more);
    }
    str_done(&more);
    return rows->rest.n > 0;
}

static char *take_text(struct slice raw)
{
    struct str text = STR_EMPTY;

    if (json_unquote(raw, &text))
        return str_take(&text);
    str_done(&text);
    return NULL;
}

/* ["path","ri",ty,"pi",acpi,by,v,a] */
bool rows_next(struct rows *rows, struct row *row)
{
    struct slice item, rest, column;

    if (!json_next_element(&rows->rest, &item))
        return false;
    *row = (struct row){0};
    rest = item;
    for (int i = 0; json_next_element(&rest, &column); i++) {
        if (i == 0)
            row->path = take_text(column);
        else if (i == 1)
            row->ri = take_text(column);
        else if (i == 3)
            row->pi = take_text(column);
        else if (i == 6 && !slice_is(column, "null"))
            row->v = strtoll(column.p, NULL, 10);
        else if (i == 7)
            row->a = attributes_read(column);
    }
    return true;
}

void row_done(struct row *row)
{
    free(row->path);
    free(row->ri);
    free(row->pi);
    json_decref(row->a);
}

void rows_done(struct rows *rows)
{
    free(rows->more);
}
