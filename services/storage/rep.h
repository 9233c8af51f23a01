/* Rows of the tables, and what is shown of them: representations and records (docs/contracts.md). No SQL. */
#ifndef STORAGE_REP_H
#define STORAGE_REP_H

#include "nodes.h"
#include "rtype.h"

/* A row of `resources`; borrows from its statement. */
struct resource_row {
    int64_t id;
    const char *ri, *pi, *path, *by;
    int ty;
    int64_t v, ct, lt, et, st, cni, cbs;
    uint32_t subs;
    struct slice acpi, a;
    const char *key; /* of the root, NULL = the type's */
};

/* A row of `instances`. */
struct instance_row {
    int64_t id, parent, seq;
    int ty;
    int64_t ct, et, cs; /* et NEVER = with its container */
    const char *rn;     /* NULL = generated */
    bool labeled;
    struct slice a;
};

void row_resource(struct db *db, enum sql sql, struct resource_row *row);
void row_instance(struct db *db, enum sql sql, struct instance_row *row);
void row_counters(struct resource_row *row, const struct node *node); /* as the writer knows them */

/* What an instance's representation takes from its parent. Borrowed. */
struct above {
    const char *ri, *key; /* key as in struct resource_row */
    int64_t et;           /* NEVER = does not expire */
};
struct above above_node(const struct node *parent);
struct above above_row(const struct resource_row *parent);

/* The name of an instance: the given one, or its id. `buffer` is of ID_SIZE. */
const char *instance_name(const struct instance_row *row, char *buffer);
void instance_ri(const struct instance_row *row, char *buffer);
int64_t instance_st(const struct instance_row *row, const struct rtype *type);   /* stateTag, -1 = it has none */
int64_t instance_et(const struct instance_row *row, const struct above *parent); /* as shown */
/* The root key where the type does not say it, or NULL. Valid until the next use of `buffer`. */
const char *instance_key(const struct instance_row *row, const struct above *parent, struct str *buffer);

/* {"rn":...}: all attributes, those that storage keeps itself included. */
void rep_attributes(struct str *out, const struct resource_row *row);
/* {"m2m:cnt":{...}} */
void rep_resource(struct str *out, const struct resource_row *row);
void rep_record(struct str *out, const struct resource_row *row);
void rep_instance_attributes(struct str *out, const struct instance_row *row, const struct above *parent);
void rep_instance(struct str *out, const struct instance_row *row, const struct above *parent);
void rep_instance_record(struct str *out, const struct instance_row *row, const struct above *parent, const char *path);

#endif
