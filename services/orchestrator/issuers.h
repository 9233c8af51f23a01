/*
 * Who may issue tokens, and the keys that tell their signatures: a file that the setting orchestrator.token.issuers names, read
 * at start. Without it no token is worth anything.
 */
#ifndef TESSERA_ISSUERS_H
#define TESSERA_ISSUERS_H

#include "jws.h"

/*
 * A list of {"issuer","alg","key","kid","tokens"}: the issuer's id; HS256, RS256 or ES256; the file of the key, seen from
 * `directory`; optionally the name that headers give the key, and the address below which the issuer keeps its <token>s. An
 * issuer may have several rows. 0, or -1 with `why`, and nothing changed.
 */
int issuers_load(const json_t *list, const char *directory, char *why, size_t why_size);
/* The file at `path` ("": none); a bad one ends the process. */
void issuers_start(const char *path);
void issuers_stop(void);

enum issuer_verdict { ISSUER_UNKNOWN, ISSUER_OTHER_SIGNATURE, ISSUER_SIGNED };
/* Did `issuer` (in any of the forms of its id) sign it? */
enum issuer_verdict issuers_verify(const char *issuer, const struct jws *jws);

/* Where the issuers keep their tokens: address number `i`, each once; NULL behind the last. */
const char *issuers_place(size_t i);

#endif
