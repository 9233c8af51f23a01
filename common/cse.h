/* Settings that the services of one CSE share: section "cse". TS-0001 7.1 for the identifiers. */
#ifndef TESSERA_CSE_H
#define TESSERA_CSE_H

#include "config.h"

extern const struct config_row cse_config[];

/* Ends the process with a clear message and status 78 when a setting cannot be; the others do so on first use. */
void cse_check(void);

const char *cse_id(void);    /* "/id-in" */
const char *cse_ri(void);    /* "id-in" */
const char *cse_name(void);  /* "cse-in" */
const char *cse_spid(void);  /* "tessera.example.com" */
const char *cse_admin(void); /* "CAdmin" */
enum { CSE_TYPE_IN = 1, CSE_TYPE_MN, CSE_TYPE_ASN };
int cse_type(void);        /* m2m:cseTypeID */
const char *cse_poa(void); /* points of access, comma separated; "" when there are none */

bool cse_peer_allowed(const char *id); /* may the CSE with this id ("/id-mn") register here? */
const char *cse_registrar(void);       /* CSE-ID of the registrar CSE; NULL: none */
/* CSE-ID of the IN-CSE, which gives the AE-IDs that begin with S: the setting cse.in, else the registrar. NULL: this CSE gives
 * them itself. */
const char *cse_in(void);
bool cse_is_connected(void); /* other CSEs may register here, or it registers at one */

const char *const *cse_releases(void); /* supported release versions, {"1", "2", "2a", ..., NULL} */
bool cse_release_supported(const char *release);
/* The release of a response: the request's own, if it is supported; "3" if it had none (NULL); else the highest supported. */
const char *cse_release_answered(const char *release);
int64_t cse_expiration_default_ms(void); /* life of a resource created without et */
int64_t cse_expiration_max_ms(void);     /* longest life of a resource; 0 = no limit */
int64_t cse_request_lifetime_ms(void);   /* life of a request without rqet */

#endif
