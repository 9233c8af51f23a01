/*
 * Resource types as data: TS-0001 9.6, TS-0004 7.4 and 8.2. One file under common/types/ per resource type; complex
 * types in common/types/complex.c; enumerations in enums.c. The lookups are here, the checks in attr.h.
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

enum access_rule {
    ACCESS_ACPI,   /* acpi, else the default policy */
    ACCESS_PARENT, /* the parent's rule: contentInstance */
    ACCESS_SELF,   /* selfPrivileges: accessControlPolicy */
};

struct rtype {
    int ty;
    const char *name; /* "contentInstance" */
    const char *key;  /* "m2m:cin" */
    const char *sn;   /* "cin": in generated ids and in routing keys */
    enum access_rule access;
    bool create, update, del; /* allowed over the API at all */
    bool subscribable;
    bool announceable;
    bool state_tag;              /* has `st` */
    bool instance;               /* kept in the instances table: appended, never updated */
    const char *const *virtuals; /* names of virtual children, NULL-terminated */
    const int *children;         /* types allowed below, ended by 0 */
    const struct attr *attrs;    /* own and common ones, in the order of the representation */
};

/* NULL when this CSE does not implement the type. */
const struct rtype *rtype_by_ty(int ty);
const struct rtype *rtype_by_key(const char *key); /* "m2m:cin" */
bool rtype_exists(int ty);                         /* in the standard, implemented or not */
const struct rtype *const *rtype_all(void);        /* NULL-terminated, by ty */
bool rtype_child_allowed(const struct rtype *parent, int ty);
const struct attr *rtype_attr(const struct rtype *type, const char *name);
bool rtype_name_is_virtual(const char *rn); /* la, ol, fopt, ... : not a name for a resource */

#endif
