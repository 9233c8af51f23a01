/* Access control, TS-0001 9.6.2, TS-0004 7.3.3.15: pure. */
#ifndef TESSERA_ACCESS_H
#define TESSERA_ACCESS_H

#include "primitive.h"
#include "snapshot.h"

struct place; /* region.h */

enum access_op {
    ACCESS_CREATE = 1,
    ACCESS_RETRIEVE = 2,
    ACCESS_UPDATE = 4,
    ACCESS_DELETE = 8,
    ACCESS_NOTIFY = 16,
    ACCESS_DISCOVER = 32
};

int access_operation(enum access_op op); /* the operation of TS-0004 that it is about; a discovery is a RETRIEVE */

/* Who asks, and from where. Borrowed. */
struct access_who {
    const char *originator; /* stem */
    const char *peer;       /* ip address, or NULL */
    bool authenticated;
    int64_t now;
    const json_t *roles;             /* Role-IDs that the originator claims and has, or NULL */
    const struct token_list *tokens; /* those of the request that hold, token.h; or NULL */
    const char *user;                /* M2M-Service-User that the request names, or NULL */
    bool located;                    /* it has been looked for where the originator is: */
    const struct place *place;       /* there, or NULL: nobody knows */
};

/* The policy rules of a setOfAcrs. NULL if malformed. acl_free(NULL) is fine. */
struct acl *acl_compile(const json_t *set_of_acrs);
void acl_free(struct acl *acl);

/*
 * Verdicts note in the snapshot what they rest on beside the policies: rules whose use is counted (snapshot.uses), the place of
 * the originator if it must be looked for (wants_place), attributes of the resource (particular).
 */
enum verdict { ALLOWED, DENIED, NOT_KNOWN_YET /* the snapshot misses policies */ };

/*
 * The rules of a CSEBase without acpi (which no API sets): `policy` is owned from now on. At first none: only the
 * administrator. Whoever is not registered is turned away before rules are looked at.
 */
void access_set_base_policy(struct acl *policy);

/*
 * May `who` do `op` to `r`? `child_ty` is the type to be created (ACCESS_CREATE, `r` being the parent), else 0.
 * The policies come through the snapshot (which makes them preconditions). DENIED fills `why`.
 */
enum verdict access_check(struct snapshot *snap, const struct access_who *who, const struct resource *r, enum access_op op,
                          int child_ty, char *why, size_t why_size);
/*
 * Who may not do it to all of the resource: may he to some of its attributes (accessControlAttributes)? ALLOWED: *names is a new
 * list of them.
 */
enum verdict access_check_part(struct snapshot *snap, const struct access_who *who, const struct resource *r, enum access_op op,
                               int child_ty, json_t **names);
/* The same as access_check() for the members of a group, reached through its fanOutPoint: membersAccessControlPolicyIDs rule,
 * else its acpi. */
enum verdict access_check_members(struct snapshot *snap, const struct access_who *who, const struct resource *group,
                                  enum access_op op, int child_ty, char *why, size_t why_size);
/*
 * May `who` change the accessControlPolicyIDs of `r`? That takes the UPDATE right in the selfPrivileges of the policies
 * that it refers to now; without any, the default policy decides.
 */
enum verdict access_check_acpi(struct snapshot *snap, const struct access_who *who, const struct resource *r, char *why,
                               size_t why_size);
/*
 * The same as access_check() for a match of a query, of which only this is known; `by`: whom the default policy favours. Denied
 * for instances of a container whose retrieval is disabled. `names`, if not NULL, as in access_check_part(): untouched when all
 * attributes are allowed.
 */
enum verdict access_check_row(struct snapshot *snap, const struct access_who *who, int ty, const char *ri, const char *pi,
                              const json_t *acpi, const char *by, enum access_op op, json_t **names);

#endif
