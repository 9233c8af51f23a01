/* Labels beside the tables, for finding by them: (label, path, seq) is the order in which a query answers. */
#include "json.h"
#include "mem.h"
#include "store.h"

#define MEMBERS_MAX 128

static int each_label(struct store *store, const json_t *lbl, const char *path, int64_t seq, int64_t id, enum sql sql)
{
    const json_t *label;
    size_t i;

    json_array_foreach(lbl, i, label)
    {
        struct slice text = {json_string_value(label), json_string_length(label)};

        if (text.p && db_run(store->db, sql, "stii", text, path, seq, id) < 0)
            return -1;
    }
    return 0;
}

int labels_add(struct store *store, const json_t *lbl, const char *path, int64_t seq, int64_t id)
{
    return each_label(store, lbl, path, seq, id, LABEL_INSERT);
}

int labels_delete(struct store *store, const json_t *lbl, const char *path, int64_t seq, int64_t id)
{
    return each_label(store, lbl, path, seq, id, LABEL_DELETE);
}

json_t *labels_of_text(struct slice a)
{
    struct json_member members[MEMBERS_MAX];
    char why[64];
    int count;

    if (a.n < 6 || !memmem(a.p, a.n, "\"lbl\"", 5))
        return NULL;
    count = json_members(a.p, a.n, members, MEMBERS_MAX);
    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, "lbl"))
            return json_parse(members[i].value.p, members[i].value.n, why, sizeof why);
    return NULL;
}
