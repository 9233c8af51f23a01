/*
 * Which role brings something to an address outside the CSE: one table of schemes, TS-0001 9.6.8 and TS-0004 6.2.3. Whether an
 * instance of that role runs shows when it is asked: BUS_NOBODY, at once, and the next address is tried.
 */
#ifndef TESSERA_DELIVERY_H
#define TESSERA_DELIVERY_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The role that serves a URL ("egress.http"), or NULL when none does; valid until the next call. `binding`, if not NULL, is
 * set to its short name then: static text.
 */
const char *delivery_role(const char *url, const char **binding);
/* Is it an address on a network (and no resource, polling channel or connection)? */
bool delivery_is_url(const char *text);

/* True for a URL of this very machine, which means something else on every other. */
bool delivery_is_local(const char *url);
/* Does this process run in a container? Then "this machine" is the container alone. */
bool delivery_in_container(void);

/* The id of the pollingChannel of an AE or remoteCSE, whether there is one or not. The caller frees. */
char *delivery_channel_id(const char *owner_ri);
/* The address of a pollingChannel by its id: nobody can give it as a pointOfAccess. The caller frees. */
char *delivery_channel_url(const char *channel_ri);
/*
 * The WebSocket connection that this AE or CSE (AE-ID stem, or CSE-ID without its slash) may have opened: the address "ws:ID" of
 * role "egress.ws.ID", which the instance that has the connection takes. The caller frees.
 */
char *delivery_connection_url(const char *id);
/*
 * Where to bring something for an AE or remoteCSE with these attributes and resource id, in the order in which it is tried,
 * TS-0004 7.3.2.6: its pollingChannel (NULL: it has none), then its points of access unless its requestReachability is false;
 * if that is nothing, its WebSocket connection, which the points of access "ws://default" and "wss://default" stand for as
 * well. A new list.
 */
json_t *delivery_addresses(const json_t *attributes, const char *ri, const char *channel_ri);

#endif
