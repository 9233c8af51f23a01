/*
 * What a service keeps with a resource (its progress, say): no attribute, nobody else's business, gone with the resource.
 * Changed by the commit operation `keep`, together with whatever must hold with it; read page by page with `kept`.
 */
#include "json.h"
#include "mem.h"
#include "reader.h"

#define BODY_MAX (240 << 10)

int kept_set(struct store *store, const struct origin *origin, const json_t *op, struct answer *a)
{
    const char *ri = json_str(op, "ri"), *name = json_str(op, "name");
    const json_t *value = json_object_get(op, "value");
    auto_str struct str text = STR_EMPTY;
    bool failed = false;

    (void)origin;
    if (!ri || !name) {
        answer_refuse(a, RSC_BAD_REQUEST, "keep wants ri and name");
        return 0;
    }
    if (!nodes_by_ri(store->nodes, store->db, ri, &failed)) {
        answer_gone(a, ri);
        return failed ? -1 : 0;
    }
    str_puts(&a->body, "null");
    if (!value || json_is_null(value))
        return db_run(store->db, KEPT_UNSET, "tt", ri, name);
    json_write(&text, value);
    return db_run(store->db, KEPT_SET, "tts", ri, name, (struct slice){text.data, text.len});
}

int kept_forget(struct store *store, const char *ri)
{
    return db_run(store->db, KEPT_FORGET, "t", ri);
}

int records_kept(struct reader *reader, const char *name, const char *after, int64_t max, struct answer *a)
{
    struct str *out = &a->body;
    struct slice text;
    int found;

    answer_reset(a);
    if (!name) {
        answer_refuse(a, RSC_BAD_REQUEST, "kept wants name");
        return 0;
    }
    if (max < 1 || max > QUERY_ROWS_MAX)
        max = QUERY_ROWS_MAX;
    str_putc(out, '[');
    found = db_ask(reader->db, KEPT_LIST, "tti", after ? after : "", name, max);
    for (; found > 0 && out->len < BODY_MAX; found = db_next(reader->db, KEPT_LIST)) {
        str_puts(out, out->len > 1 ? ",[" : "[");
        str_json(out, db_text(reader->db, KEPT_LIST, 0));
        text = db_slice(reader->db, KEPT_LIST, 1);
        str_putc(out, ',');
        str_add(out, text.p, text.n);
        str_putc(out, ']');
    }
    db_end(reader->db, KEPT_LIST);
    str_putc(out, ']');
    return found < 0 ? -1 : 0;
}
