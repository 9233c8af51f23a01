/* `tessera discover` and `tessera tree`: many resources, page by page. */
#ifndef TESSERA_CLI_FIND_H
#define TESSERA_CLI_FIND_H

#include "client.h"

/* One reference of m2m:rrl; `entry` is borrowed. False: no more are wanted. */
typedef bool reference_fn(void *context, const json_t *entry);
/*
 * Asks for references (rcn 6) with these arguments until there are no more, page by page. `query` lacks rcn, ofst and lim.
 * *address is where they were asked for; the caller frees it. Returns the exit status.
 */
int references(struct client *client, const char *word, const char *query, reference_fn *fn, void *context, char **address);

int find_discover(const struct args *args);
int find_tree(const struct args *args);

#endif
