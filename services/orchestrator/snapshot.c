/* Short lists searched from the front: a usual request looks at three or four resources. */
#include "snapshot.h"

#include "mem.h"

static bool has_alias(const char *aliases, const char *address)
{
    size_t len = strlen(address);

    for (const char *p = aliases; p && *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (strncmp(p, address, len) == 0 && (p[len] == '\n' || p[len] == '\0'))
            return true;
    return false;
}

static bool is_named(const struct snapshot *s, int i, const char *address)
{
    const struct resource *r = s->found[i];

    return strcmp(r->ri, address) == 0 || strcmp(r->path, address) == 0 || has_alias(s->alias[i], address);
}

static void add_alias(struct snapshot *s, int i, const char *address)
{
    char *before = s->alias[i];

    s->alias[i] = before ? xasprintf("%s\n%s", before, address) : xstrdup(address);
    free(before);
}

static int find(char *const *list, int count, const char *address)
{
    for (int i = 0; i < count; i++)
        if (strcmp(list[i], address) == 0)
            return i;
    return -1;
}

static void note(struct snapshot *s, char **list, int *count, const char *address)
{
    if (find(list, *count, address) >= 0)
        return;
    if (*count == SNAPSHOT_MAX) {
        s->too_many = true;
        return;
    }
    list[(*count)++] = xstrdup(address);
}

static void forget_missing(struct snapshot *s, const char *address)
{
    int i = find(s->missing, s->missing_count, address);

    if (i < 0)
        return;
    free(s->missing[i]);
    s->missing[i] = s->missing[--s->missing_count];
}

static const struct resource *find_resource(const struct snapshot *s, const char *address)
{
    for (int i = 0; i < s->found_count; i++)
        if (is_named(s, i, address))
            return s->found[i];
    return NULL;
}

enum lookup snapshot_get(struct snapshot *s, const char *address, const struct resource **out)
{
    const struct resource *known = find_resource(s, address);
    struct resource *r;

    if (!known) {
        if (find(s->absent, s->absent_count, address) >= 0)
            return ABSENT_THERE;
        r = s->cached ? s->cached(s->context, address) : NULL;
        if (r == &resource_absent) {
            snapshot_add(s, address, NULL);
            return ABSENT_THERE;
        }
        if (r)
            snapshot_add(s, address, r);
        known = r ? find_resource(s, address) : NULL;
    }
    if (!known) {
        note(s, s->missing, &s->missing_count, address);
        return UNKNOWN_YET;
    }
    if (known->et <= s->now)
        return ABSENT_THERE;
    *out = known;
    return FOUND;
}

void snapshot_add(struct snapshot *s, const char *address, struct resource *r)
{
    int i;

    forget_missing(s, address);
    if (!r) {
        note(s, s->absent, &s->absent_count, address);
        return;
    }
    /* Asked for by id and by path at once, it comes twice: one precondition is enough. An instance may have two aliases. */
    for (i = 0; i < s->found_count; i++)
        if (strcmp(s->found[i]->ri, r->ri) == 0 && (r->v != 0 || is_named(s, i, address)))
            break;
    if (i < s->found_count) {
        if (!is_named(s, i, address))
            add_alias(s, i, address);
        resource_free(r);
        return;
    }
    if (i == SNAPSHOT_MAX) {
        s->too_many = true;
        resource_free(r);
        return;
    }
    s->found[i] = r;
    s->alias[i] = NULL;
    s->found_count++;
    if (!is_named(s, i, address))
        add_alias(s, i, address);
}

void snapshot_forget(struct snapshot *s)
{
    while (s->found_count > 0) {
        resource_free(s->found[--s->found_count]);
        free(s->alias[s->found_count]);
        s->alias[s->found_count] = NULL;
    }
    while (s->absent_count > 0)
        free(s->absent[--s->absent_count]);
    while (s->missing_count > 0)
        free(s->missing[--s->missing_count]);
    s->too_many = s->particular = false;
    json_decref(s->uses);
    s->uses = NULL;
}

void snapshot_use(struct snapshot *s, const char *ri, const char *set, size_t rule, size_t context)
{
    auto_free char *key = xasprintf("%s %s %zu %zu", ri, set, rule, context);

    if (!s->uses)
        s->uses = json_object();
    json_object_set_new(s->uses, key,
                        json_pack("{ss ss ss sI sI}", "op", "use", "ri", ri, "set", set, "rule", (json_int_t)rule, "context",
                                  (json_int_t)context));
}

struct kept {
    struct kept *next;
    size_t len;
    char text[];
};

const char *snapshot_keep(struct snapshot *s, const char *text, size_t len)
{
    struct kept *kept = s->kept;

    while (kept && (kept->len != len || memcmp(kept->text, text, len) != 0))
        kept = kept->next;
    if (kept)
        return kept->text;
    kept = xcalloc(1, sizeof *kept + len + 1);
    kept->len = len;
    memcpy(kept->text, text, len);
    kept->next = s->kept;
    s->kept = kept;
    return kept->text;
}

void snapshot_drop_kept(struct snapshot *s)
{
    while (s->kept) {
        struct kept *next = s->kept->next;

        free(s->kept);
        s->kept = next;
    }
}

void snapshot_need(const struct snapshot *s, struct str *json)
{
    char separator = '{';

    for (int i = 0; i < s->found_count; i++) {
        if (s->found[i]->v == 0)
            continue; /* an instance: it never changes, and `none` tells that it is gone */
        str_putc(json, separator);
        str_json(json, s->found[i]->ri);
        str_putc(json, ':');
        str_int(json, s->found[i]->v);
        separator = ',';
    }
    str_puts(json, separator == '{' ? "{}" : "}");
}
