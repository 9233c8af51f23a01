/* The rules of one set of privileges (m2m:setOfAcrs, TS-0004 6.3.5.26), compiled, against one request. Pure. */
#ifndef TESSERA_ACCESS_MATCH_H
#define TESSERA_ACCESS_MATCH_H

#include "access.h"
#include "region.h"

/* What is to be done to what. */
struct access_case {
    enum access_op op;
    int ty;       /* of the target; of the parent for a CREATE */
    int child_ty; /* of what is to be created, else 0 */
};

/* Does one of the rules permit it, without asking for more and not using up anything? NULL permits nothing. */
bool acl_permits(const struct acl *acl, const struct access_who *who, const struct access_case *what);

/* What a rule may want to know beside who asks: asked for only when all else of it holds. */
struct acl_world {
    bool (*is_member)(void *context, const char *group); /* is who asks in that group, by its address here? */
    const json_t *(*attributes)(void *context);          /* of the resource that is ruled; NULL: not known (yet) */
    const struct place *(*place)(void *context);         /* where who asks is (region.h); NULL: not known (yet) */
    void *context;
};

/* A context with a limit (acl) that would permit it: acr[rule].acco[context]. */
struct grant_use {
    bool found;
    size_t rule, context;
    const json_t *names; /* only these attributes, or NULL */
};

struct grant {
    struct grant_use whole, part; /* the first of either kind */
};

/*
 * As acl_permits(), with all that a rule may ask for. `groups`: by the groups that rules name, else by all other originators.
 * False, but then `grant` has what would permit it and is used up by that; and if `names` is a list, rules about attributes count
 * as well: it gets theirs.
 */
bool acl_judge(const struct acl *acl, const struct access_who *who, const struct access_case *what, const struct acl_world *world,
               bool groups, struct grant *grant, json_t *names);

#endif
