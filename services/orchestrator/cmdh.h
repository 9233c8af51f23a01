/*
 * Communication management and delivery handling, TS-0001 annex D.12: what the policy in force says about the parameters of
 * requests, and about when they may leave for another CSE. Pure, but for the policy itself, of which a process has one.
 */
#ifndef TESSERA_CMDH_H
#define TESSERA_CMDH_H

#include "primitive.h"

#include <jansson.h>

/*
 * The policy that a node's activeCmdhPolicy leads to, with all that is linked from there, as one object; NULL: none. `rows`
 * are the node's mgmtObjs and schedules as storage lists them (docs/contracts.md, query). The caller owns it.
 */
json_t *cmdh_resolve(const json_t *rows);

/* The policy in force, NULL: none. cmdh_set() takes it over; before that nothing is known. */
const json_t *cmdh_policy(void);
bool cmdh_known(void);
void cmdh_set(json_t *policy);

/* What a request is completed with lives here. */
struct cmdh_texts {
    char rqet[24], rset[24], oet[24], rp[24];
};
/*
 * Gives a request of an AE registered here what it leaves out: ec as cmdhDefEcValue says, then rqet, rset, oet, rp and da as
 * cmdhEcDefParamValues says for that ec.
 */
void cmdh_complete(const json_t *policy, struct request *req, struct cmdh_texts *texts);
/* Do cmdhLimits allow such an AE what it asks for? False with `why`, which names the parameter. */
bool cmdh_allows(const json_t *policy, const struct request *req, int64_t now, char *why, size_t why_size);

/*
 * May requests of this category leave now, by the cmdhNetworkAccessRules? `volume`: bytes of content that wait to leave.
 * Without a rule for the category, or a policy, always.
 */
bool cmdh_may_send(const json_t *policy, int ec, int64_t now, size_t volume);
bool cmdh_has_rules(const json_t *policy, int ec);
/* ms at most by which those that waited spread when they may leave. */
int64_t cmdh_spread(const json_t *policy, int ec);
/* ms until the next attempt after `failures` (at least 1) of them, without the random part; -1: nothing is said. */
int64_t cmdh_back_off(const json_t *policy, int ec, int failures, int64_t *random);

#endif
