#include "discover.h"

#include "clock.h"
#include "config.h"
#include "json.h"
#include "mem.h"
#include "render.h"
#include "results.h"
#include "spend.h"
#include "visible.h"

enum {
    PAGE_FULL = 200, /* rows of a page with attributes */
    PAGE_REFS = 1000,
    PAGE_LEAST = 50,
    STUCK_MAX = 40, /* rounds of loading for one row: a chain of parents */
};

/*
 * Rows come from `page` (storage's matches) or, with `arp`, from `composed` (what is found at the relative path below each
 * match). The walk stops at a row whose policies must be loaded first, and goes on with the same row.
 */
struct source {
    struct str text;
    struct slice rest;
    struct row row; /* the row looked at, when `held` */
    bool held;
};

struct discover {
    struct job *job;
    job_step *then;
    struct results results;
    struct visible *visible;
    struct store_query query;
    json_t *fc;       /* what storage tests */
    char *cursor;     /* or NULL */
    struct str self;  /* the target's representation */
    const char *arp;  /* begins with a slash, without a virtual name at its end; NULL = none */
    const char *virt; /* "/la" or "/ol" of arp, or "" */
    char *arp_text;
    char *paths[VISIBLE_LOAD_MAX]; /* composed ones to look up */
    int path_count;
    int stuck;
    json_t *counted;  /* ids of instances shown that count their retrievals, or NULL */
    struct str shown; /* attributes of the row shown, if they are not those of storage */
    struct source page, composed;
};

static int64_t results_max, response_max; /* settings */

void discover_start(void)
{
    results_max = config_int("orchestrator.results");
    response_max = config_int("orchestrator.response.max");
}

static void drop_paths(struct discover *d)
{
    while (d->path_count > 0)
        free(d->paths[--d->path_count]);
}

void discover_free(struct discover *d)
{
    if (!d)
        return;
    drop_paths(d);
    results_done(&d->results);
    visible_free(d->visible);
    json_decref(d->fc);
    free(d->cursor);
    str_done(&d->self);
    free(d->arp_text);
    str_done(&d->page.text);
    str_done(&d->composed.text);
    str_done(&d->shown);
    json_decref(d->counted);
    free(d);
}

static void walk(struct discover *d);

/* The end: content and content status. */
static void finish(struct discover *d)
{
    struct job *job = d->job;
    job_step *then = d->then;
    json_t *counted = d->counted, *uses = visible_uses(d->visible);

    if (visible_wants_place(d->visible)) { /* looked for, and all once more */
        job->snap.wants_place = true;
        job_replan(job);
        return;
    }
    if (uses && !job->snap.uses)
        job->snap.uses = json_object();
    json_object_update(job->snap.uses, uses);
    str_reset(&job->text);
    results_write(&d->results, job->plan.target->type, (struct slice){d->self.data, d->self.len}, &job->text);
    if (d->results.cut) {
        job->cnst = 1; /* PARTIAL_CONTENT */
        job->cnot = (int)(d->results.offset + d->results.taken);
    }
    d->counted = NULL;
    discover_free(d);
    job->discover = NULL;
    if (counted)
        spend_retrievals(job, counted, then);
    else
        then(job);
}

static void on_page(struct job *job, const struct store_reply *reply)
{
    struct discover *d = job->discover;
    struct slice more;

    if (!job_reply_ok(job, reply))
        return;
    str_reset(&d->page.text);
    str_add(&d->page.text, reply->e->body, reply->e->body_len);
    if (!rows_open((struct slice){d->page.text.data, d->page.text.len}, &d->page.rest, &more)) {
        answer_error(job, RSC_INTERNAL_SERVER_ERROR, "storage: malformed answer");
        return;
    }
    free(d->cursor);
    d->cursor = NULL;
    if (more.p) {
        auto_str struct str cursor = STR_EMPTY;
        struct slice quoted = {more.p - 1, more.n + 2};

        if (json_unquote(quoted, &cursor))
            d->cursor = str_take(&cursor);
    }
    walk(d);
}

static void next_page(struct discover *d)
{
    struct job *job = d->job;
    int64_t wanted = results_wanted(&d->results);
    int most = d->query.full ? PAGE_FULL : PAGE_REFS;

    d->query.after = d->cursor;
    d->query.max = wanted > most ? most : wanted < PAGE_LEAST ? PAGE_LEAST : (int)wanted;
    if (job_calls(job, "storage", on_page))
        job_called(job, store_query(&job->call, &d->query, job_need(job)));
}

static void on_policies(struct job *job, const struct store_reply *reply)
{
    struct discover *d = job->discover;
    char *const *addresses;
    struct slice list, item;
    int count;

    if (!job_reply_list(job, reply, &list))
        return;
    addresses = visible_missing(d->visible, &count);
    for (int i = 0; i < count; i++) {
        json_auto_t *record = list_next(&list, &item) && !slice_is(item, "null") ? store_record(item) : NULL;
        struct resource *r = record ? resource_new(record) : NULL;

        if (r)
            cache_put(job_cache(), r);
        visible_learn(d->visible, addresses[i], r);
    }
    visible_loaded(d->visible);
    walk(d);
}

/* Loads what the row held needs, and what the rows behind it need while at it. */
static void load_policies(struct discover *d, const struct source *s)
{
    struct job *job = d->job;
    struct slice rest = s->rest;
    struct row ahead;
    char *const *addresses;
    int count;

    if (visible_failed(d->visible) || ++d->stuck > STUCK_MAX) {
        answer_error(job, RSC_INTERNAL_SERVER_ERROR, "the access rights involve too many resources");
        return;
    }
    addresses = visible_missing(d->visible, &count);
    while (count < VISIBLE_LOAD_MAX && row_next(&rest, &ahead) > 0) {
        visible_check(d->visible, &ahead);
        addresses = visible_missing(d->visible, &count);
    }
    if (job_calls(job, "load", on_policies))
        job_called(job, store_records(&job->call, addresses, count, NULL));
}

/* A record as a row: {"ri","pi","ty","path","by","a"}. */
static void add_composed(struct discover *d, struct slice record)
{
    static const char *const columns[] = {"path", "ri", "ty", "pi", "acpi", "by", "v"};
    json_auto_t *r = store_record(record);
    json_t *a = json_object_get(r, "a");
    auto_str struct str path = STR_EMPTY;

    if (!json_str(r, "path") || (*d->virt && json_int(a, "cni", 0) == 0))
        return;
    str_addf(&path, "%s%s", json_str(r, "path"), d->virt);
    json_object_set_new(r, "path", json_string(str_text(&path)));
    if (json_object_get(a, "acpi"))
        json_object_set(r, "acpi", json_object_get(a, "acpi"));
    if (d->composed.text.len > 1)
        str_putc(&d->composed.text, ',');
    str_putc(&d->composed.text, '[');
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        json_write(&d->composed.text, json_object_get(r, columns[i]));
        str_putc(&d->composed.text, ',');
    }
    json_write(&d->composed.text, d->query.full ? a : NULL);
    str_putc(&d->composed.text, ']');
}

static void on_composed(struct job *job, const struct store_reply *reply)
{
    struct discover *d = job->discover;
    struct slice list, item;

    if (!job_reply_list(job, reply, &list))
        return;
    drop_paths(d);
    str_reset(&d->composed.text);
    str_putc(&d->composed.text, '[');
    while (list_next(&list, &item))
        if (!slice_is(item, "null"))
            add_composed(d, item);
    str_putc(&d->composed.text, ']');
    list_open((struct slice){d->composed.text.data, d->composed.text.len}, &d->composed.rest);
    walk(d);
}

static void load_composed(struct discover *d)
{
    struct job *job = d->job;

    if (job_calls(job, "load", on_composed))
        job_called(job, store_records(&job->call, d->paths, d->path_count, NULL));
}

/* The row as it is shown: without what may not be seen, and with one retrieval less. True if it counts those. */
static bool prepare_row(struct discover *d, struct row *row)
{
    const json_t *names = visible_names(d->visible);
    auto_str struct str part = STR_EMPTY;
    bool counts;

    if (row->a.n == 0 || d->job->req.op != OP_RETRIEVE)
        return false;
    counts = spend_counts(row->a);
    if (counts) {
        str_reset(&d->shown);
        spend_write(&d->shown, row->a);
        row->a = (struct slice){d->shown.data, d->shown.len};
    }
    if (names) {
        render_some_inside(&part, row->a, names);
        str_reset(&d->shown);
        str_add(&d->shown, part.data, part.len);
        row->a = (struct slice){d->shown.data, d->shown.len};
    }
    return counts;
}

/* Adds a row to the results; false when they are full. What is behind the page, or before it, is not retrieved. */
static bool show_row(struct discover *d, const struct row *row)
{
    struct row shown = *row;
    bool counts = prepare_row(d, &shown);
    int64_t taken = d->results.taken;
    auto_free char *ri = NULL;

    if (!results_add(&d->results, &shown))
        return false;
    if (!counts || d->results.taken == taken)
        return true;
    ri = raw_text(row->ri);
    if (!d->counted)
        d->counted = json_array();
    json_array_append_new(d->counted, json_string(ri));
    return true;
}

enum walked { WALK_END, WALK_WAITS, WALK_FULL, WALK_PATHS, WALK_BROKEN };

/* Goes through the rows of one source until its end, or until something must be done first. */
static enum walked walk_source(struct discover *d, struct source *s, bool compose)
{
    for (;;) {
        enum verdict verdict;
        int got = s->held ? 1 : row_next(&s->rest, &s->row);

        if (got <= 0)
            return got == 0 ? WALK_END : WALK_BROKEN;
        verdict = visible_check(d->visible, &s->row);
        s->held = verdict == NOT_KNOWN_YET;
        if (s->held)
            return WALK_WAITS;
        d->stuck = 0;
        if (verdict == DENIED)
            continue;
        if (compose) {
            d->paths[d->path_count++] = xasprintf("%.*s%s", (int)s->row.path.n - 2, s->row.path.p + 1, d->arp);
            if (d->path_count == VISIBLE_LOAD_MAX)
                return WALK_PATHS;
        } else if (!show_row(d, &s->row)) {
            return WALK_FULL;
        }
    }
}

static void walk(struct discover *d)
{
    struct source *s = &d->composed;
    enum walked walked = walk_source(d, s, false);

    if (walked == WALK_END) {
        s = &d->page;
        walked = walk_source(d, s, d->arp != NULL);
    }
    if (walked == WALK_BROKEN)
        answer_error(d->job, RSC_INTERNAL_SERVER_ERROR, "storage: malformed answer");
    else if (walked == WALK_WAITS)
        load_policies(d, s);
    else if (d->path_count > 0 && walked != WALK_FULL)
        load_composed(d);
    else if (walked == WALK_FULL || !d->cursor)
        finish(d);
    else
        next_page(d);
}

static void on_self(struct job *job, const struct store_reply *reply)
{
    struct discover *d = job->discover;

    if (!job_reply_ok(job, reply))
        return;
    if (!job->plan.readable || !render_some(&d->self, (struct slice){reply->e->body, reply->e->body_len}, job->plan.readable))
        str_add(&d->self, reply->e->body, reply->e->body_len);
    next_page(d);
}

static enum results_shape shape_of(const struct plan *plan)
{
    static const struct {
        int rcn;
        enum results_shape shape;
    } shapes[] = {
        {4, RESULTS_TREE      },
        {5, RESULTS_CH        },
        {6, RESULTS_REFERENCES},
        {8, RESULTS_CHILDREN  },
    };

    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (shapes[i].rcn == plan->rcn && (!plan->discover || plan->rcn == 6))
            return shapes[i].shape;
    return RESULTS_URIS;
}

/* The handling members of the filterCriteria (TS-0004 6.3.5.8) are ours, the others storage's. */
static void read_criteria(struct discover *d, const json_t *fc)
{
    static const char *const handling[] = {"fu", "lim", "ofst", "lvl", "arp", "ops"};
    int64_t limit = json_int(fc, "lim", results_max);
    const char *arp = json_str(fc, "arp");

    d->results.limit = limit < results_max ? limit : results_max;
    d->results.offset = json_int(fc, "ofst", 1);
    if (d->results.offset < 1)
        d->results.offset = 1;
    d->query.lvl = json_int(fc, "lvl", 0);
    d->fc = fc ? json_copy((json_t *)fc) : NULL;
    for (size_t i = 0; d->fc && i < ARRAY_LEN(handling); i++)
        json_object_del(d->fc, handling[i]);
    d->query.fc = d->fc;
    d->virt = "";
    if (arp && *arp) {
        /* A leading slash makes "la" alone and "data/la" the same case. */
        size_t len = strlen(arp) + (*arp != '/');
        char *last;

        d->arp = d->arp_text = xasprintf("%s%s", *arp == '/' ? "" : "/", arp);
        last = d->arp_text + (len >= 3 ? len - 3 : len);
        if ((strcmp(last, "/la") == 0 || strcmp(last, "/ol") == 0)) {
            d->virt = last[1] == 'l' ? "/la" : "/ol";
            *last = 0;
        }
    }
}

void discover(struct job *job, job_step *then)
{
    const struct plan *plan = &job->plan;
    struct discover *d = xcalloc(1, sizeof(*d));

    discover_free(job->discover);
    job->discover = d;
    d->job = job;
    d->then = then;
    results_init(&d->results, shape_of(plan));
    d->results.prefix = answer_prefix(plan->originator);
    d->results.unstructured = job->req.drt == 2;
    d->results.bytes_max = (size_t)response_max;
    d->query.root = plan->target->ri;
    d->query.full = d->results.shape == RESULTS_TREE || d->results.shape == RESULTS_CHILDREN;
    d->query.active = plan->discover;
    read_criteria(d, plan->fc);
    d->visible = visible_new(&job->snap, &plan->who, plan->discover ? ACCESS_DISCOVER : ACCESS_RETRIEVE);
    visible_configure(d->visible, !plan->discover && job->req.op == OP_RETRIEVE, json_int(plan->fc, "ops", 0));
    if (d->results.shape != RESULTS_TREE && d->results.shape != RESULTS_CH)
        next_page(d);
    else if (job_calls(job, "storage", on_self))
        job_called(job, store_get(&job->call, plan->target->ri, VIRTUAL_NONE, job_need(job)));
}
