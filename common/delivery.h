/* Which role brings something to an address outside the CSE. */
#ifndef TESSERA_DELIVERY_H
#define TESSERA_DELIVERY_H

#include <jansson.h>

/* The role that serves a URL ("egress.http"), or NULL when none does. `binding`, if not NULL, is set to its short name then. */
const char *delivery_role(const char *url, const char **binding);

/* The id of the pollingChannel of an AE or remoteCSE, whether there is one or not. The caller frees. */
char *delivery_channel_id(const char *owner_ri);
/* The address of a pollingChannel by its id: nobody can give it as a pointOfAccess. The caller frees. */
char *delivery_channel_url(const char *channel_ri);
/*
 * Where to bring something for an AE or remoteCSE with these attributes, in the order in which it is tried, TS-0004 7.3.2.6:
 * its pollingChannel (NULL: it has none), then its points of access unless its requestReachability is false. A new list.
 */
json_t *delivery_addresses(const json_t *attributes, const char *channel_ri);

#endif
