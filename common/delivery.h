/* Which role brings something to an address outside the CSE. */
#ifndef TESSERA_DELIVERY_H
#define TESSERA_DELIVERY_H

/* The role that serves a URL ("egress.http"), or NULL when none does. `binding`, if not NULL, is set to its short name then. */
const char *delivery_role(const char *url, const char **binding);

#endif
