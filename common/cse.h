/* Settings that the services of one CSE share: section "cse". TS-0001 7.1 for the identifiers. */
#ifndef TESSERA_CSE_H
#define TESSERA_CSE_H

#include "config.h"

extern const struct config_row cse_config[];

/* From settings, checked once at start. */
const char *cse_id(void);    /* "/id-in" */
const char *cse_ri(void);    /* "id-in" */
const char *cse_name(void);  /* "cse-in" */
const char *cse_spid(void);  /* "tessera.example.com" */
const char *cse_admin(void); /* "CAdmin" */

#endif
