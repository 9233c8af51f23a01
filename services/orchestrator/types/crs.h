/* What the files of crossResourceSubscription share. */
#ifndef TESSERA_CRS_H
#define TESSERA_CRS_H

#include "rules.h"

/* Attributes that the CSE keeps of its own: the window's state, and the names of each source in notifications (a list of lists).
 */
#define CRS_WINDOW "_w"
#define CRS_SOURCES "_src"

/* "/id-in/crs1". The caller frees. */
char *crs_address(const char *ri);
/* An address as it is compared: without the own CSE's identifiers. The caller frees. */
char *crs_plain_address(const char *address);
/* Takes the subscriptions of `r` away, or `r` out of them. RSC_OK when that has been tried, or PLAN_WAIT. */
enum rsc crs_detach(const struct request *req, struct snapshot *snap, const struct resource *r);

#endif
