#include "content.h"

#include "address.h"
#include "clock.h"
#include "config.h"
#include "cse.h"

#include "mem.h"

/* ---- descendants ---- */

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The list in order, without what is twice. Takes it. */
static json_t *sorted(json_t *list)
{
    size_t count = json_array_size(list);
    const char **texts = xcalloc(count + 1, sizeof *texts);
    json_t *out = json_array();

    for (size_t i = 0; i < count; i++)
        texts[i] = json_string_value(json_array_get(list, i));
    qsort(texts, count, sizeof *texts, compare);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
            json_array_append_new(out, json_string(texts[i]));
    free(texts);
    json_decref(list);
    return out;
}

static void add_descendant(json_t *list, const char *cse)
{
    if (cse && strcmp(cse, cse_id()) != 0)
        json_array_append_new(list, json_string(cse));
}

json_t *content_descendants(const json_t *list, const char *registrar)
{
    json_t *found = json_array();
    const json_t *a, *below;
    size_t i, k;

    json_array_foreach(list, i, a)
    {
        const char *csi = json_str(a, "csi");

        if (!csi || strcmp(csi, registrar) == 0)
            continue;
        add_descendant(found, csi);
        json_array_foreach(json_object_get(a, "dcse"), k, below)
        {
            add_descendant(found, json_string_value(below));
        }
    }
    return sorted(found);
}

/* ---- attributes ---- */

static json_t *split(const char *text)
{
    json_t *list = json_array();

    while (*text) {
        size_t n = strcspn(text, ",");

        json_array_append_new(list, json_stringn(text, n));
        text += n + (text[n] == ',');
    }
    return list;
}

static json_t *releases(void)
{
    json_t *list = json_array();

    for (const char *const *release = cse_releases(); *release; release++)
        json_array_append_new(list, json_string(*release));
    return list;
}

json_t *content_own(const json_t *descendants, int64_t now, int64_t lifetime)
{
    auto_free char *base = xasprintf("%s/%s", cse_id(), cse_name());
    char et[CLOCK_TEXT_SIZE];
    json_t *a;

    clock_format(now + lifetime, et);
    a = json_pack("{ss ss si sb so s[ss] ss}", "csi", cse_id(), "cb", base, "cst", cse_type(), "rr", *cse_poa() != '\0', "srv",
                  releases(), "csz", "application/json", "application/cbor", "et", et);
    if (address_name_valid(cse_ri()))
        json_object_set_new(a, "rn", json_string(cse_ri()));
    if (*cse_poa())
        json_object_set_new(a, "poa", split(cse_poa()));
    if (json_array_size(descendants) > 0)
        json_object_set(a, "dcse", (json_t *)descendants);
    return a;
}

json_t *content_mirror(const json_t *cb)
{
    static const char *const taken_over[] = {"cst", "srv", "csz"};
    auto_free char *base = content_registrar_base();
    /* Its own points of access may be meant for others: "127.0.0.1" would be this machine. The one in the settings works. */
    json_t *a = json_pack("{ss ss sb s[s] s[ss]}", "csi", cse_registrar(), "cb", base, "rr", 1, "poa",
                          config_text("cse.registrar.url"), "srv", "2a", "3");

    if (address_name_valid(cse_registrar() + 1))
        json_object_set_new(a, "rn", json_string(cse_registrar() + 1));
    for (size_t i = 0; i < ARRAY_LEN(taken_over); i++)
        if (json_object_get(cb, taken_over[i]))
            json_object_set(a, taken_over[i], json_object_get(cb, taken_over[i]));
    return a;
}

/* ---- what is to be changed ---- */

static bool is_due(const char *is, const char *wanted, int64_t now)
{
    int64_t until = 0, asked = 0;

    if (!is || clock_parse(is, &until) < 0 || clock_parse(wanted, &asked) < 0)
        return true;
    return until - now < (asked - now) / 2;
}

json_t *content_changes(const json_t *is, const json_t *wanted, int64_t now)
{
    static const char *const changeable[] = {"poa", "rr", "srv", "csz", "dcse", "et"};
    json_t *changes = json_object();

    for (size_t i = 0; i < ARRAY_LEN(changeable); i++) {
        json_t *old = json_object_get(is, changeable[i]), *new = json_object_get(wanted, changeable[i]);

        if (strcmp(changeable[i], "et") == 0 ? new &&is_due(json_string_value(old), json_string_value(new), now)
                                             : new && (!old || !json_equal(old, new)))
            json_object_set(changes, changeable[i], new);
        else if (!new &&old && strcmp(changeable[i], "et") != 0)
            json_object_set_new(changes, changeable[i], json_null());
    }
    if (json_object_size(changes) > 0)
        return changes;
    json_decref(changes);
    return NULL;
}

/* ---- addresses ---- */

char *content_registrar_base(void)
{
    return xasprintf("%s/%s", cse_registrar(), config_text("cse.registrar.name"));
}

char *content_own_address(void)
{
    return xasprintf("%s/%s/%s", cse_registrar(), config_text("cse.registrar.name"), cse_ri());
}
