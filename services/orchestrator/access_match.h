/* The rules of one set of privileges (m2m:setOfAcrs, TS-0004 6.3.5.26), compiled, against one request. Pure. */
#ifndef TESSERA_ACCESS_MATCH_H
#define TESSERA_ACCESS_MATCH_H

#include "access.h"

/* What is to be done to what. */
struct access_case {
    enum access_op op;
    int ty;       /* of the target; of the parent for a CREATE */
    int child_ty; /* of what is to be created, else 0 */
};

/* Does one of the rules permit it? NULL permits nothing. */
bool acl_permits(const struct acl *acl, const struct access_who *who, const struct access_case *what);
/* Does one of those that name groups? `is_member` is asked for each that would, by its address here: is `who` in that group? */
bool acl_permits_member(const struct acl *acl, const struct access_who *who, const struct access_case *what,
                        bool (*is_member)(void *context, const char *group), void *context);

#endif
