/*
 * Settings of the underlying network, which several services look at: section "network". Where they are missing, there is no
 * network, and what needs one is refused.
 */
#ifndef TESSERA_NETWORK_H
#define TESSERA_NETWORK_H

#include "config.h"

extern const struct config_row network_config[];

bool network_configured(void);
/* What to tell an originator who needs it: which setting is missing. */
extern const char network_missing[];

/*
 * Who is meant by a M2M-Ext-ID (m2m:externalID): an external identifier, LOCAL@DOMAIN, or an MSISDN, 5 to 15 digits. The member
 * of TS 29.122 that holds it, "externalId" or "msisdn"; NULL: neither, no network knows it.
 */
const char *network_identity(const char *id);

#endif
