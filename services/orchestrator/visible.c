#include "visible.h"

#include "cache.h"
#include "json.h"
#include "mem.h"

enum { LEARNED_MAX = 4096 };

struct visible {
    const struct snapshot *base;
    struct access_who who;
    enum access_op op;
    struct snapshot scratch; /* of one verdict */
    struct cache *learned;   /* loaded for this request */
    json_t *absent;          /* addresses without a resource, as members */
    json_t *verdicts;        /* what they depend on -> true or false */
    struct str key;          /* of the verdict asked for */
    struct str last_key;     /* and of the one before, with its answer */
    enum verdict last;
    json_t *last_names; /* borrowed from `verdicts`, or `own_names`; NULL: all */
    json_t *own_names;  /* of a verdict that is not remembered */
    json_t *uses;       /* or NULL */
    bool part, wants_place;
    int64_t ops;
    char *missing[VISIBLE_LOAD_MAX];
    int missing_count;
};

static struct resource *known(void *context, const char *address)
{
    struct visible *v = context;
    struct resource *r;

    for (int i = 0; i < v->base->found_count; i++) {
        r = v->base->found[i];
        if (strcmp(r->ri, address) == 0 || strcmp(r->path, address) == 0)
            return resource_ref(r);
    }
    r = cache_get(v->learned, address);
    if (r)
        return r;
    return json_object_get(v->absent, address) ? &resource_absent : NULL;
}

struct visible *visible_new(const struct snapshot *base, const struct access_who *who, enum access_op op)
{
    struct visible *v = xcalloc(1, sizeof(*v));

    v->base = base;
    v->who = *who;
    v->op = op;
    v->scratch.now = base->now;
    v->scratch.cached = known;
    v->scratch.context = v;
    v->learned = cache_new(LEARNED_MAX);
    v->absent = json_object();
    v->verdicts = json_object();
    return v;
}

void visible_free(struct visible *v)
{
    if (!v)
        return;
    visible_loaded(v);
    snapshot_forget(&v->scratch);
    cache_free(v->learned);
    json_decref(v->absent);
    json_decref(v->verdicts);
    json_decref(v->own_names);
    json_decref(v->uses);
    str_done(&v->key);
    str_done(&v->last_key);
    free(v);
}

void visible_configure(struct visible *v, bool part, int64_t ops)
{
    v->part = part;
    v->ops = ops;
}

const json_t *visible_names(const struct visible *v)
{
    return v->last_names;
}

json_t *visible_uses(const struct visible *v)
{
    return v->uses;
}

bool visible_wants_place(const struct visible *v)
{
    return v->wants_place;
}

/* All that a verdict about this row depends on, besides who asks. */
static void make_key(struct visible *v, const struct row *row)
{
    const struct rtype *type = rtype_by_ty(row->ty);
    enum access_rule rule = type ? type->access : ACCESS_SELF;

    str_reset(&v->key);
    str_int(&v->key, row->ty);
    str_putc(&v->key, ' ');
    if (rule == ACCESS_SELF)
        str_add(&v->key, row->ri.p, row->ri.n);
    if (rule == ACCESS_PARENT || !row->acpi.p)
        str_add(&v->key, row->pi.p, row->pi.n);
    str_add(&v->key, row->acpi.p ? row->acpi.p : "", row->acpi.n);
    if (rule == ACCESS_ACPI && row->by.p)
        str_add(&v->key, row->by.p, row->by.n);
    if (v->who.tokens) /* which may be about single resources */
        str_add(&v->key, row->ri.p, row->ri.n);
}

static void note_missing(struct visible *v)
{
    for (int i = 0; i < v->scratch.missing_count && v->missing_count < VISIBLE_LOAD_MAX; i++) {
        const char *address = v->scratch.missing[i];
        int k = 0;

        while (k < v->missing_count && strcmp(v->missing[k], address) != 0)
            k++;
        if (k == v->missing_count)
            v->missing[v->missing_count++] = xstrdup(address);
    }
}

/* What is asked of one row, taken out of its text. */
struct asked_row {
    int ty;
    char *ri, *pi, *by;
    json_t *acpi;
};

static enum verdict ask_one(struct visible *v, const struct asked_row *r, enum access_op op, json_t **names)
{
    return access_check_row(&v->scratch, &v->who, r->ty, r->ri, r->pi, r->acpi, r->by, op, names);
}

static void keep_uses(struct visible *v)
{
    if (!v->scratch.uses)
        return;
    if (!v->uses)
        v->uses = json_object();
    json_object_update(v->uses, v->scratch.uses);
}

/* Not counted as uses: nothing is done with them. */
static enum verdict ask_others(struct visible *v, const struct asked_row *r)
{
    enum verdict verdict = ALLOWED;

    for (int64_t op = ACCESS_CREATE; op <= ACCESS_DISCOVER && verdict == ALLOWED; op *= 2)
        if (v->ops & op)
            verdict = ask_one(v, r, (enum access_op)op, NULL);
    return verdict;
}

static enum verdict ask_row(struct visible *v, const struct asked_row *r, json_t **names)
{
    enum verdict verdict = ask_one(v, r, v->op, v->part ? names : NULL);

    if (verdict == ALLOWED) {
        json_auto_t *uses = v->scratch.uses;

        v->scratch.uses = NULL;
        verdict = ask_others(v, r);
        json_decref(v->scratch.uses);
        v->scratch.uses = json_incref(uses);
        if (verdict == ALLOWED)
            keep_uses(v);
    }
    if (verdict == NOT_KNOWN_YET && v->scratch.missing_count == 0) { /* the place of the originator alone */
        v->wants_place = true;
        verdict = DENIED;
    } else if (verdict == NOT_KNOWN_YET) {
        note_missing(v);
    }
    return verdict;
}

/* *names: as in access_check_part(). */
static enum verdict ask(struct visible *v, const struct row *row, json_t **names)
{
    struct asked_row r = {
        .ty = row->ty,
        .ri = raw_text(row->ri),
        .pi = raw_text(row->pi),
        .by = raw_text(row->by),
        .acpi = row->acpi.p ? json_loadb(row->acpi.p, row->acpi.n, 0, NULL) : NULL,
    };
    enum verdict verdict = DENIED;

    *names = NULL;
    snapshot_forget(&v->scratch);
    if (r.ri && r.pi)
        verdict = ask_row(v, &r, names);
    free(r.ri);
    free(r.pi);
    free(r.by);
    json_decref(r.acpi);
    return verdict;
}

/* As it is remembered: true, false, or the list of attributes. */
static json_t *verdict_value(enum verdict verdict, json_t *names)
{
    return names ? names : json_boolean(verdict == ALLOWED);
}

static enum verdict judge_anew(struct visible *v, const struct row *row)
{
    json_t *names, *value;
    enum verdict verdict = ask(v, row, &names);

    if (verdict == NOT_KNOWN_YET)
        return verdict;
    if (verdict == DENIED) {
        json_decref(names);
        names = NULL;
    }
    value = verdict_value(verdict, names);
    if (v->scratch.particular) { /* true of this row alone */
        json_decref(v->own_names);
        v->own_names = value;
        str_reset(&v->last_key);
    } else {
        json_object_set_new(v->verdicts, str_text(&v->key), value);
    }
    v->last = verdict;
    v->last_names = names;
    return verdict;
}

enum verdict visible_check(struct visible *v, const struct row *row)
{
    json_t *remembered;

    make_key(v, row);
    if (v->last_key.len > 0 && v->last_key.len == v->key.len && memcmp(v->last_key.data, v->key.data, v->key.len) == 0)
        return v->last;
    remembered = json_object_get(v->verdicts, str_text(&v->key));
    if (!remembered) {
        enum verdict verdict = judge_anew(v, row);

        if (verdict == NOT_KNOWN_YET || v->scratch.particular)
            return verdict;
    } else {
        v->last = json_is_false(remembered) ? DENIED : ALLOWED;
        v->last_names = json_is_array(remembered) ? remembered : NULL;
    }
    str_reset(&v->last_key);
    str_add(&v->last_key, v->key.data, v->key.len);
    return v->last;
}

char *const *visible_missing(const struct visible *v, int *count)
{
    *count = v->missing_count;
    return v->missing;
}

void visible_learn(struct visible *v, const char *address, struct resource *r)
{
    if (r && r->v != 0)
        cache_put(v->learned, r);
    else
        json_object_set_new(v->absent, address, json_true());
    resource_free(r);
}

void visible_loaded(struct visible *v)
{
    while (v->missing_count > 0)
        free(v->missing[--v->missing_count]);
}

bool visible_failed(const struct visible *v)
{
    return v->scratch.too_many;
}
