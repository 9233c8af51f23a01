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
    str_done(&v->key);
    str_done(&v->last_key);
    free(v);
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

static enum verdict ask(struct visible *v, const struct row *row)
{
    auto_free char *ri = raw_text(row->ri);
    auto_free char *pi = raw_text(row->pi);
    auto_free char *by = raw_text(row->by);
    json_auto_t *acpi = row->acpi.p ? json_loadb(row->acpi.p, row->acpi.n, 0, NULL) : NULL;
    enum verdict verdict;

    if (!ri || !pi)
        return DENIED;
    snapshot_forget(&v->scratch);
    verdict = access_check_row(&v->scratch, &v->who, row->ty, ri, pi, acpi, by, v->op);
    if (verdict == NOT_KNOWN_YET)
        note_missing(v);
    return verdict;
}

enum verdict visible_check(struct visible *v, const struct row *row)
{
    json_t *remembered;
    enum verdict verdict;

    make_key(v, row);
    if (v->last_key.len == v->key.len && memcmp(v->last_key.data, v->key.data, v->key.len) == 0)
        return v->last;
    remembered = json_object_get(v->verdicts, str_text(&v->key));
    verdict = remembered ? (json_is_true(remembered) ? ALLOWED : DENIED) : ask(v, row);
    if (verdict == NOT_KNOWN_YET)
        return verdict;
    if (!remembered)
        json_object_set_new(v->verdicts, str_text(&v->key), json_boolean(verdict == ALLOWED));
    str_reset(&v->last_key);
    str_add(&v->last_key, v->key.data, v->key.len);
    v->last = verdict;
    return verdict;
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
