/* What the files of <transaction> share: the request it holds, carried out provisionally or for good. */
#ifndef TESSERA_TRAC_H
#define TESSERA_TRAC_H

#include "rules.h"

/* What the request leads to. */
struct provisional {
    int rsc;
    json_t *pc;           /* content of its response, or NULL */
    json_t *ops;          /* operations that carry it out, or NULL: it changes nothing */
    json_t *verify, *sgn; /* as in struct plan */
};
void provisional_done(struct provisional *p);

/*
 * Plans the request of the transaction `r` on its parent as things are now, nothing is done. RSC_OK (what became of it is in
 * *out) or PLAN_WAIT.
 */
enum rsc trac_plan(const struct request *req, struct snapshot *snap, const struct resource *r, const struct resource *parent,
                   struct provisional *out);

#endif
