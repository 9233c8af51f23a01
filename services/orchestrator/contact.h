/*
 * AEs whose ids the service provider gives ("S..."): one such id is one AE wherever it registers, TS-0001 7.2 and 10.2.2.2. The
 * IN-CSE gives the ids, and knows by an <AEAnnc> of each where it is registered now; the CSE that it registers at asks for that.
 * Pure.
 */
#ifndef TESSERA_CONTACT_H
#define TESSERA_CONTACT_H

#include "rules.h"

#define LINK_INACTIVE "INACTIVE" /* the link of an <AEAnnc> whose AE is not registered now */
#define CONTACT_FORMER "_was"    /* with an AE or its <AEAnnc>: the CSE where it was registered before */

bool contact_is_stem(const char *id); /* "Sxyz" */
/* As address_originator(): but what such an AE was called somewhere ("/id-mn/Sxyz") is its id, too. The caller frees. */
char *contact_stem(const char *id);
/* The id of the <AEAnnc> of an AE at the IN-CSE: no AE can have it. The caller frees. */
char *contact_annc_ri(const char *stem);
/*
 * Where the AE is registered, as far as that is known here: *cse is the CSE-ID, to be freed. Not here itself. RSC_OK, PLAN_WAIT,
 * or RSC_NOT_FOUND (*cse is NULL).
 */
enum rsc contact_find(struct snapshot *snap, const char *stem, char **cse);
/*
 * A target that is such an AE, where it is not: "/Sxyz", "/id-mn/Sxyz" or "Sxyz" for an AE that is somewhere else, now. *to is
 * the address to be used instead; NULL if `address` is right as it is. The caller frees. RSC_OK or PLAN_WAIT.
 */
enum rsc contact_follow(struct snapshot *snap, const struct address *address, char **to);

/* Registration of the AE of `a` at this CSE: the IN-CSE gives or confirms the id. plan->originator becomes that. As a step. */
enum rsc contact_register(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a);
/*
 * Who asks the IN-CSE for an id is the AE-to-be, "/id-mn/S" or "/id-mn/Sxyz", although this CSE sends the request. NULL: it is no
 * such request. The caller frees.
 */
char *contact_originator(const struct request *req, const char *originator);

#endif
