/* A tree of addresses, drawn. Pure. */
#ifndef TESSERA_CLI_TREE_H
#define TESSERA_CLI_TREE_H

#include "str.h"

struct tree_node {
    char *address;    /* owned */
    const char *type; /* borrowed */
};

struct tree {
    struct tree_node *nodes;
    size_t count, size;
    bool cut; /* not all are there */
};

void tree_add(struct tree *tree, const char *address, const char *type);
void tree_done(struct tree *tree);
/* The path of what was asked for, which may have been named by its id. The caller frees. */
char *tree_root(const struct tree *tree, const char *asked);
/*
 * `root` and what is below it, by name. What lies between a node and the root and was not added is drawn without a type: it is
 * not to be seen. Sorts the nodes.
 */
void tree_draw(struct tree *tree, struct str *out, const char *root, bool unicode, bool coloured);
/* [{"address":"cse-in/x","type":"cnt"},...], by name. */
void tree_json(struct tree *tree, struct str *out);

#endif
