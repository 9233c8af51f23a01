#include "semantic.h"

#include "address.h"
#include "consult.h"
#include "json.h"
#include "mem.h"
#include "rows.h"
#include "visible.h"

enum {
    TY_GROUP = 9,
    TY_DESCRIPTOR = 24,
    PAGE = 100,            /* descriptors of a page */
    BATCH = 64,            /* tested by one question */
    BATCH_BYTES = 1 << 17, /* of them */
    SCOPE_BYTES = 1 << 20, /* of all that one query looks at */
    FOUND_MAX = 10000,     /* matching resources */
    RELATED_MAX = 1000,    /* to be loaded at a time */
    ROUNDS_MAX = 40,       /* of loading in a row: a chain of parents, or of relations */
};

/*
 * Descriptors by the address they were found at (their id, or as `rels` has it): {"f","d","rels":[...]}, null for what is not
 * there or may not be read. One is put together with all that its relations lead to.
 */
struct semantic {
    struct job *job;
    job_step *then;
    bool query; /* else discovery */
    struct visible *visible;
    struct store_query pages;
    json_t *fc;
    char *cursor;    /* or NULL */
    struct str text; /* of the page */
    struct slice rest;
    struct row row; /* looked at, when `held` */
    bool held, last;
    json_t *known;   /* see above */
    json_t *batch;   /* list of {"at":address,"pi":id}, not yet asked about */
    size_t bytes;    /* of it */
    json_t *wanted;  /* addresses that relations lead to, to be loaded: address -> null */
    json_t *records; /* what came of that and must still be looked at: address -> record */
    bool too_many;   /* more than that */
    int rounds;
    bool asked;    /* the query has been looked at by `semantics` */
    json_t *found; /* ids of resources */
};

void semantic_free(struct semantic *s)
{
    if (!s)
        return;
    visible_free(s->visible);
    json_decref(s->fc);
    free(s->cursor);
    str_done(&s->text);
    json_decref(s->known);
    json_decref(s->batch);
    json_decref(s->wanted);
    json_decref(s->records);
    json_decref(s->found);
    free(s);
}

static void go_on(struct semantic *s);

/* ---- descriptors ---- */

/* Notes where the relations of one lead to. */
static void want_related(struct semantic *s, const json_t *related)
{
    for (size_t i = 0; i < json_array_size(related); i++) {
        const char *to = json_string_value(json_array_get(related, i));

        if (!to || json_object_get(s->known, to) || json_object_get(s->wanted, to))
            continue;
        s->too_many = s->too_many || json_object_size(s->wanted) == RELATED_MAX;
        if (!s->too_many)
            json_object_set_new(s->wanted, to, json_null());
    }
}

/* A descriptor, or a group of them, that may be read. */
static void learn(struct semantic *s, const char *address, int ty, const json_t *a)
{
    const json_t *related = json_object_get(a, ty == TY_GROUP ? "mid" : "rels");
    json_t *entry = json_object();

    if (ty == TY_DESCRIPTOR) {
        json_object_set(entry, "f", json_object_get(a, "dcrp"));
        json_object_set(entry, "d", json_object_get(a, "dsp"));
        s->bytes += json_string_length(json_object_get(a, "dsp"));
    }
    if (related)
        json_object_set(entry, "rels", (json_t *)related);
    json_object_set_new(s->known, address, entry);
    want_related(s, related);
}

static void add_to_batch(struct semantic *s, const char *address, const char *pi)
{
    json_array_append_new(s->batch, json_pack("{ss ss}", "at", address, "pi", pi));
}

/* Of a row of the page. */
static void take_row(struct semantic *s)
{
    json_auto_t *a = store_record(s->row.a);
    const char *ri = json_str(a, "ri"), *pi = json_str(a, "pi");

    if (!ri || !pi)
        return;
    learn(s, ri, s->row.ty, a);
    add_to_batch(s, ri, pi);
}

/* Puts a descriptor and what it leads to into `set`, each once. */
static void gather(const struct semantic *s, const char *address, json_t *seen, json_t *set)
{
    const json_t *entry = json_object_get(s->known, address), *related = json_object_get(entry, "rels");

    if (!json_is_object(entry) || json_object_get(seen, address))
        return;
    json_object_set_new(seen, address, json_true());
    if (json_object_get(entry, "d"))
        json_array_append_new(set, json_pack("{sO sO}", "f", json_object_get(entry, "f"), "d", json_object_get(entry, "d")));
    for (size_t i = 0; i < json_array_size(related); i++)
        gather(s, json_string_value(json_array_get(related, i)), seen, set);
}

/* ---- asking ---- */

static void forget_batch(struct semantic *s)
{
    json_array_clear(s->batch);
    json_object_clear(s->known);
    s->bytes = 0;
}

static void on_matched(struct job *job, const struct envelope *reply)
{
    struct semantic *s = job->semantic;
    json_auto_t *verdicts = json_loadb(reply->body, reply->body_len, 0, NULL);

    for (size_t i = 0; i < json_array_size(s->batch); i++)
        if (json_is_true(json_array_get(verdicts, i)))
            json_object_set_new(s->found, json_str(json_array_get(s->batch, i), "pi"), json_true());
    forget_batch(s);
    if (json_object_size(s->found) > FOUND_MAX)
        answer_error(job, RSC_NOT_ACCEPTABLE, "fc.smf: more than %d resources match: search a smaller part of the tree",
                     FOUND_MAX);
    else
        go_on(s);
}

static void on_queried(struct job *job, const struct envelope *reply)
{
    job_step *then = job->semantic->then;

    str_reset(&job->text);
    str_puts(&job->text, "{\"m2m:qres\":");
    str_add(&job->text, reply->body, reply->body_len);
    str_putc(&job->text, '}');
    semantic_free(job->semantic);
    job->semantic = NULL;
    then(job);
}

/* All of the batch: to be tested one by one, or to be queried as a whole. */
static void ask(struct semantic *s)
{
    const json_t *queries = json_object_get(s->job->plan.fc, "smf");
    json_t *sets = json_array();
    json_auto_t *body =
        json_pack("{sO so}", "smf", s->query ? json_array_get(queries, 0) : queries, s->query ? "set" : "sets", sets);
    json_auto_t *seen = json_object();
    auto_str struct str text = STR_EMPTY;

    for (size_t i = 0; i < json_array_size(s->batch); i++) {
        json_t *set = s->query ? sets : json_array();

        gather(s, json_str(json_array_get(s->batch, i), "at"), seen, set);
        if (!s->query) {
            json_array_append_new(sets, set);
            json_object_clear(seen);
        }
    }
    if (s->query && s->job->plan.descriptors)
        json_array_extend(sets, s->job->plan.descriptors);
    s->asked = true;
    json_write(&text, body);
    consult(s->job, s->query ? "query" : "match", str_text(&text), text.len, s->query ? on_queried : on_matched);
}

/* ---- loading ---- */

static bool too_far(struct semantic *s)
{
    if (!visible_failed(s->visible) && ++s->rounds <= ROUNDS_MAX)
        return false;
    answer_error(s->job, RSC_INTERNAL_SERVER_ERROR, "the access rights or relations involve too many resources");
    return true;
}

static void on_policies(struct job *job, const struct store_reply *reply)
{
    struct semantic *s = job->semantic;
    struct slice list, item;
    char *const *addresses;
    int count;

    if (!job_reply_list(job, reply, &list))
        return;
    addresses = visible_missing(s->visible, &count);
    for (int i = 0; i < count; i++) {
        json_auto_t *record = list_next(&list, &item) && !slice_is(item, "null") ? store_record(item) : NULL;

        visible_learn(s->visible, addresses[i], record ? resource_new(record) : NULL);
    }
    visible_loaded(s->visible);
    go_on(s);
}

static void load_policies(struct semantic *s)
{
    char *const *addresses;
    int count;

    if (too_far(s))
        return;
    addresses = visible_missing(s->visible, &count);
    if (job_calls(s->job, "load", on_policies))
        job_called(s->job, store_records(&s->job->call, addresses, count, NULL));
}

static void on_related(struct job *job, const struct store_reply *reply)
{
    struct semantic *s = job->semantic;
    struct slice list, item;
    const char *address;
    json_t *ignored;

    if (!job_reply_list(job, reply, &list))
        return;
    json_object_foreach(s->wanted, address, ignored)
    {
        json_t *record = list_next(&list, &item) && !slice_is(item, "null") ? store_record(item) : NULL;

        if (record)
            json_object_set_new(s->records, address, record);
        else
            json_object_set_new(s->known, address, json_null());
    }
    json_object_clear(s->wanted);
    go_on(s);
}

/* The part of an address that this CSE looks resources up by; NULL: not here. The caller frees. */
static char *local_address(const char *to)
{
    struct address address;
    char why[128];
    char *local = NULL;

    if (address_parse(&address, to, why, sizeof why) < 0)
        return NULL;
    if (address.hosted && address.virt == VIRTUAL_NONE) {
        local = address.local;
        address.local = NULL;
    }
    address_done(&address);
    return local;
}

/* What is not here, or no address, is taken as absent. */
static void load_related(struct semantic *s)
{
    char *addresses[RELATED_MAX];
    const char *to;
    json_t *ignored;
    int count = 0;

    if (too_far(s))
        return;
    json_object_foreach(s->wanted, to, ignored)
    {
        char *local = local_address(to);

        addresses[count++] = local ? local : xstrdup("-"); /* no id of a resource */
    }
    if (job_calls(s->job, "load", on_related))
        job_called(s->job, store_records(&s->job->call, addresses, count, NULL));
    while (count > 0)
        free(addresses[--count]);
}

/* ---- what is related: records as rows, for the access rights ---- */

static struct slice raw(const json_t *value, struct str *text)
{
    size_t start = text->len;

    if (!value || json_is_null(value))
        return (struct slice){NULL, 0};
    json_write(text, value);
    return (struct slice){text->data + start, text->len - start};
}

static enum verdict may_read(struct semantic *s, const json_t *record)
{
    static const char *const members[] = {"path", "ri", "pi", "by"};
    auto_str struct str text = STR_EMPTY;
    struct row row = {.ty = (int)json_int(record, "ty", 0)};
    struct slice *slices[] = {&row.path, &row.ri, &row.pi, &row.by};

    str_reserve(&text, 8192); /* the slices must not move: identifiers are shorter than that */
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        *slices[i] = raw(json_object_get(record, members[i]), &text);
    row.acpi = raw(json_object_get(json_object_get(record, "a"), "acpi"), &text);
    return visible_check(s->visible, &row);
}

/* False: policies must be loaded first. */
static bool take_records(struct semantic *s)
{
    const char *address;
    json_t *record;
    void *next;

    json_object_foreach_safe(s->records, next, address, record)
    {
        int ty = (int)json_int(record, "ty", 0);
        enum verdict verdict = ty == TY_DESCRIPTOR || ty == TY_GROUP ? may_read(s, record) : DENIED;

        if (verdict == NOT_KNOWN_YET)
            return false;
        if (verdict == ALLOWED)
            learn(s, address, ty, json_object_get(record, "a"));
        else
            json_object_set_new(s->known, address, json_null());
        json_object_del(s->records, address);
    }
    return true;
}

/* ---- pages ---- */

static void on_page(struct job *job, const struct store_reply *reply)
{
    struct semantic *s = job->semantic;
    struct slice more;

    if (!job_reply_ok(job, reply))
        return;
    str_reset(&s->text);
    str_add(&s->text, reply->e->body, reply->e->body_len);
    if (!rows_open((struct slice){s->text.data, s->text.len}, &s->rest, &more)) {
        answer_error(job, RSC_INTERNAL_SERVER_ERROR, "storage: malformed answer");
        return;
    }
    free(s->cursor);
    s->cursor = NULL;
    s->last = !more.p;
    if (more.p) {
        auto_str struct str cursor = STR_EMPTY;

        if (json_unquote((struct slice){more.p - 1, more.n + 2}, &cursor))
            s->cursor = str_take(&cursor);
    }
    go_on(s);
}

static void next_page(struct semantic *s)
{
    s->pages.after = s->cursor;
    if (job_calls(s->job, "storage", on_page))
        job_called(s->job, store_query(&s->job->call, &s->pages, job_need(s->job)));
}

enum walked { ROWS_END, ROWS_WAIT, ROWS_FULL };

/* Rows of the page into the batch, as far as they may be read. */
static enum walked take_rows(struct semantic *s)
{
    for (;;) {
        enum verdict verdict;

        if (!s->query && (json_array_size(s->batch) >= BATCH || s->bytes >= BATCH_BYTES))
            return ROWS_FULL;
        if (!s->held && row_next(&s->rest, &s->row) <= 0)
            return ROWS_END;
        verdict = visible_check(s->visible, &s->row);
        s->held = verdict == NOT_KNOWN_YET;
        if (s->held)
            return ROWS_WAIT;
        s->rounds = 0;
        if (verdict == ALLOWED)
            take_row(s);
    }
}

/* Discovery: what has been found is a criterion for storage, instead of `smf`. */
static void finish(struct semantic *s)
{
    struct job *job = s->job;
    job_step *then = s->then;

    json_object_del(job->plan.fc, "smf");
    json_object_set(job->plan.fc, "ri", s->found);
    semantic_free(s);
    job->semantic = NULL;
    then(job);
}

/* The next thing to be done. */
static void go_on(struct semantic *s)
{
    enum walked walked;

    if (!take_records(s)) {
        load_policies(s);
        return;
    }
    walked = take_rows(s);
    if (s->bytes > SCOPE_BYTES || s->too_many)
        answer_error(s->job, RSC_NOT_ACCEPTABLE,
                     "fc.smf: the descriptors to be looked at together are too many or larger than %d bytes", SCOPE_BYTES);
    else if (walked == ROWS_WAIT)
        load_policies(s);
    else if (walked == ROWS_END && !s->last && (s->query || json_array_size(s->batch) == 0))
        next_page(s);
    else if (json_object_size(s->wanted) > 0)
        load_related(s);
    else if (s->query || json_array_size(s->batch) > 0 || (s->last && walked == ROWS_END && !s->asked))
        ask(s);
    else
        finish(s);
}

static struct semantic *semantic_new(struct job *job, bool query, job_step *then)
{
    struct semantic *s = xcalloc(1, sizeof(*s));

    semantic_free(job->semantic);
    job->semantic = s;
    s->job = job;
    s->then = then;
    s->query = query;
    s->visible = visible_new(&job->snap, &job->plan.who, ACCESS_RETRIEVE);
    s->known = json_object();
    s->batch = json_array();
    s->wanted = json_object();
    s->records = json_object();
    s->found = json_object();
    return s;
}

/* Pages of the descriptors below the target; `more` levels are looked at beyond those of the resources asked for. */
static void open_pages(struct semantic *s, int64_t more)
{
    int64_t levels = json_int(s->job->plan.fc, "lvl", 0);

    s->fc = json_pack("{s[i]}", "ty", TY_DESCRIPTOR);
    s->pages = (struct store_query){.root = s->job->plan.target->ri, .full = true, .fc = s->fc, .max = PAGE};
    s->pages.active = s->job->plan.discover;
    s->pages.lvl = levels > 0 ? levels + more : 0;
    next_page(s);
}

void semantic_discover(struct job *job, job_step *then)
{
    open_pages(semantic_new(job, false, then), 1);
}

void semantic_query(struct job *job, job_step *then)
{
    struct semantic *s = semantic_new(job, true, then);
    const struct resource *target = job->plan.target;

    if (target->type->ty == TY_DESCRIPTOR) {
        learn(s, target->ri, TY_DESCRIPTOR, target->a);
        add_to_batch(s, target->ri, target->pi);
    }
    open_pages(s, 0);
}

void semantic_query_of(struct job *job, const json_t *addresses, job_step *then)
{
    struct semantic *s = semantic_new(job, true, then);

    for (size_t i = 0; i < json_array_size(addresses); i++)
        add_to_batch(s, json_string_value(json_array_get(addresses, i)), "");
    want_related(s, addresses);
    s->last = true;
    go_on(s);
}
