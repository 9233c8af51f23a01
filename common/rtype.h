/*
 * Resource types as data: TS-0001 9.6, TS-0004 7.4 and 8.2. One file under common/types/ per resource type; complex types in
 * complex.c and its neighbours; enumerations in enums.c. The lookups are here, the checks in attr.h.
 *
 * Some types have variants, which share their number and differ in root key and attributes: the specializations of <mgmtObj>
 * and <flexContainer>. Announced types (TS-0001 9.6.26) are derived from the column `annc` of their originals.
 */
#ifndef TESSERA_RTYPE_H
#define TESSERA_RTYPE_H

#include "rsc.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum attr_kind {
    ANY,
    STRING, /* any string */
    ID,     /* m2m:ID */
    URI,    /* xs:anyURI */
    NCNAME,
    BOOL,
    UINT,   /* >= 0 */
    POSINT, /* >= 1 */
    INT,
    FLOAT,
    TIMESTAMP,
    ABSREL,   /* timestamp or signed ms */
    DURATION, /* xs:duration */
    BASE64,
    SCHEDULE,     /* m2m:scheduleEntry */
    ENUM,         /* of `detail.values` */
    MASK,         /* unsigned bits 0..63 of accessControlOperations */
    EVENTCAT,     /* 2, 3, 4, 100-999 */
    OBJECT,       /* of `detail.members` */
    LIST = 0x100, /* flag: a JSON array of the kind */
};

enum presence { M = 1, O, NP }; /* in a CREATE or UPDATE request */
enum announced { NA, OA, MA };
enum multiplicity { ONE, OPT }; /* 1, or 0..1: may UPDATE delete it? */

struct attr;
typedef bool attr_check_fn(const json_t *value, char *why, size_t why_size);

struct attr {
    const char *name; /* short name; NULL ends a table */
    int kind;
    enum multiplicity mult;
    enum presence create, update;
    enum announced annc;
    const void *detail; /* ENUM: const int *, ended by -1; OBJECT: const struct attr * of members (their `create` says M or O) */
    attr_check_fn *check; /* what the columns can't say; NULL */
};

/* What the CSE gives to an attribute that the originator leaves out (or must leave out). */
struct attr_default {
    const char *name; /* NULL ends a table */
    enum { DEFAULT_VALUE, DEFAULT_RI /* the resource's own id */, DEFAULT_FROM /* who creates it */ } source;
    const char *json; /* of DEFAULT_VALUE */
};

enum access_rule {
    ACCESS_ACPI,   /* acpi, else the default policy */
    ACCESS_PARENT, /* the parent's rule: contentInstance */
    ACCESS_SELF,   /* selfPrivileges: accessControlPolicy */
    ACCESS_OWNER,  /* its creator alone: pollingChannel */
};

struct rtype {
    int ty;
    const char *name; /* "contentInstance" */
    const char *key;  /* "m2m:cin" */
    const char *sn;   /* "cin": in generated ids and in routing keys */
    enum access_rule access;
    bool create, update, del; /* allowed over the API at all */
    bool in_only;             /* only on an IN-CSE */
    bool subscribable;
    bool announceable;
    bool state_tag;                      /* has `st` */
    bool instance;                       /* kept in the instances table: appended, never updated */
    const char *selector;                /* attribute that chooses a variant ("mgd", "cnd"), or NULL */
    const char *selected;                /* of a variant: the value it is chosen by ("1001"; "" = by its key alone), else NULL */
    const char *const *virtuals;         /* names of virtual children, NULL-terminated; NULL: none */
    const char *virtuals_with;           /* the attribute without which they are not there, or NULL */
    const int *children;                 /* types allowed below, ended by 0 */
    const int *children_annc;            /* types allowed below the announced resource; NULL: none */
    const struct attr *attrs;            /* own and common ones, in the order of the representation */
    const struct attr_default *defaults; /* or NULL */
};

enum { TY_ANNOUNCED = 10000 }; /* added to the number of the original */

/* The plain type. NULL: no such type. */
const struct rtype *rtype_by_ty(int ty);
/* Variants, too. */
const struct rtype *rtype_by_key(const char *key); /* "m2m:cin" */
/* The variant that a representation is of: the plain type if it has none, or an unknown one. */
const struct rtype *rtype_of(int ty, const json_t *attrs);
/*
 * Adds a variant and the announced variant of it, at start, before requests are handled. `type` lives as long as the process.
 * Returns 0, or -1 if its key or its value of the selector is taken.
 */
int rtype_register(const struct rtype *type);
const struct rtype *const *rtype_all(void);      /* plain types, announced ones at last; NULL-terminated, by ty */
const struct rtype *const *rtype_variants(void); /* in the order in which they were added; NULL-terminated */
bool rtype_child_allowed(const struct rtype *parent, int ty);
/* The type of the instances below it (of la and ol), NULL when there are none; of a variant that has them, a variant: KEYInst. */
const struct rtype *rtype_instance(const struct rtype *parent);

/* Is it one that the CSE keeps of its own with a resource ("_..."), and shows nobody? */
static inline bool rtype_attr_is_own(const char *name)
{
    return name[0] == '_';
}
const struct attr *rtype_attr(const struct rtype *type, const char *name);
const struct attr_default *rtype_default(const struct rtype *type, const char *name); /* NULL: none */
bool rtype_name_is_virtual(const char *rn); /* la, ol, fopt, ... : not a name for a resource */

/* The announced type of an announceable one, TS-0001 9.6.26: a new one. rtype_announced.c; for the registry. */
const struct rtype *rtype_announced(const struct rtype *original);

#endif
