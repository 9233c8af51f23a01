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

/* The name of an instance: the given one, or its id. `buffer` is of ID_SIZE. */
const char *instance_name(const struct instance_row *row, char *buffer);
void instance_ri(const struct instance_row *row, char *buffer);

/* {"rn":...}: all attributes, those that storage keeps itself included. */
void rep_attributes(struct str *out, const struct resource_row *row);
/* {"m2m:cnt":{...}} */
void rep_resource(struct str *out, const struct resource_row *row);
void rep_record(struct str *out, const struct resource_row *row);
/* Instances: `et` is what is shown, NEVER shows none; `pi` is the container's ri. */
void rep_instance_attributes(struct str *out, const struct instance_row *row, const char *pi, int64_t et);
void rep_instance(struct str *out, const struct instance_row *row, const char *pi, int64_t et);
void rep_instance_record(struct str *out, const struct instance_row *row, const char *pi, const char *path, int64_t et);

#endif
