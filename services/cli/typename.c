#include "typename.h"

#include "flexcontainer.h"
#include "near.h"
#include "text.h"

#include <strings.h>

#include "mem.h"

void typename_load(void)
{
    static bool loaded;

    if (!loaded)
        flexcontainer_start();
    loaded = true;
}

const char *typename_short(const struct rtype *type)
{
    if (!type->selected)
        return type->ty >= TY_ANNOUNCED ? type->key + 4 : type->sn;
    return strncmp(type->key, "m2m:", 4) == 0 ? type->key + 4 : type->key;
}

static const struct rtype *find_in(const struct rtype *const *types, const char *word, struct near *near)
{
    for (; *types; types++) {
        const struct rtype *t = *types;

        if (strcmp(typename_short(t), word) == 0 || strcmp(t->key, word) == 0 || strcasecmp(t->name, word) == 0)
            return t;
        near_try(near, typename_short(t));
    }
    return NULL;
}

const struct rtype *typename_find(const char *word, char *why, size_t why_size)
{
    const struct rtype *type = NULL;
    struct near near;
    int64_t ty;

    typename_load();
    near_start_short(&near, word);
    if (text_number(word, strlen(word), &ty) && ty < 2 * TY_ANNOUNCED)
        type = rtype_by_ty((int)ty);
    else if (!(type = find_in(rtype_all(), word, &near)))
        type = find_in(rtype_variants(), word, &near);
    if (type)
        return type;
    snprintf(why, why_size, "%s: no such resource type%s%s%s", word, near.best ? "; did you mean " : "",
             near.best ? near.best : "",
             near.best ? "?" : "; they are called ae, cnt, cin, sub, acp, grp, fcnt, ... (docs/onem2m-coverage.md lists all)");
    return NULL;
}

const char *typename_of(int ty, const char *variant)
{
    const struct rtype *type = rtype_by_ty(ty);

    if (!type)
        return "?";
    if (variant) {
        typename_load();
        for (const struct rtype *const *v = rtype_variants(); *v; v++)
            if ((*v)->ty == ty && strcmp((*v)->selected, variant) == 0)
                return typename_short(*v);
    }
    return typename_short(type);
}
