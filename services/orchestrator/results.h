/*
 * The results of a query while they are gathered, and the content made of them: a list of addresses (m2m:uril), of
 * references (m2m:rrl, or `ch` of the target's representation) or the nested representations. Pure, on storage's rows.
 *
 * TS-0004 7.3.3.17.x, `ofst` and `lim`: results are numbered from 1 in the order of storage (parents before children), after
 * the filter and after the access rights: `ofst` is the number of the first one returned (0 counts as 1), `lim` how many at
 * most. The texts also know a reading in which `ofst` counts direct children; this one makes pages of equal size for any
 * `lvl`, and "Content Offset" of one answer the `ofst` of the next request.
 */
#ifndef TESSERA_RESULTS_H
#define TESSERA_RESULTS_H

#include "rows.h"
#include "rtype.h"

enum results_shape {
    RESULTS_URIS,       /* {"m2m:uril":["cse-in/ae",...]} */
    RESULTS_REFERENCES, /* {"m2m:rrl":{"rrf":[{"nm":"ae","typ":2,"val":"cse-in/ae"},...]}} */
    RESULTS_CH,         /* rcn 5: the target with "ch":[{"nm":...},...] */
    RESULTS_TREE,       /* rcn 4: the target with {"m2m:ae":[{...,"m2m:cnt":[...]}]} */
    RESULTS_CHILDREN,   /* rcn 8: the same without the target's own attributes */
};

struct results {
    enum results_shape shape;
    bool unstructured;  /* resource ids instead of paths (drt 2) */
    const char *prefix; /* in front of every address: "" or "/id-in/" */
    int64_t offset;     /* of the first result returned, >= 1 */
    int64_t limit;
    size_t bytes_max;
    int64_t seen, taken; /* accepted ones, returned ones */
    bool cut;            /* there are more than were taken */
    size_t bytes;
    struct str list;
    struct tree_node *nodes;
    int node_count, node_room;
    int *slots; /* open hash of nodes by path */
    int slot_count;
};

void results_init(struct results *r, enum results_shape shape);
void results_done(struct results *r);
/* One more that matches and may be seen. False: it does not fit any more, no further one is wanted. */
bool results_add(struct results *r, const struct row *row);
/* How many further rows can be of use at most, the one that shows that there are more included. */
int64_t results_wanted(const struct results *r);
/* `self`: the target's own representation, for RESULTS_CH and RESULTS_TREE; `type` the target's. */
void results_write(const struct results *r, const struct rtype *type, struct slice self, struct str *out);

#endif
