/*
 * Signed texts in the compact form of JWS, RFC 7515 and 7518: HS256, RS256 and ES256. The cryptography is OpenSSL's; this file
 * knows how the parts are put together. What is not among these three is no signature: "none" does not exist here.
 */
#ifndef TESSERA_JWS_H
#define TESSERA_JWS_H

#include "str.h"

#include <jansson.h>

#define JWS_MAX 16384 /* bytes of one at most */

/* One taken apart; nothing is verified yet. `text` is borrowed, the rest owned. */
struct jws {
    struct slice input; /* what is signed: header and payload as they stand in the text */
    json_t *header;
    struct str payload;   /* decoded */
    struct str signature; /* decoded */
};

/* 0, or -1 with `why`: too long, not three parts of base64url (RFC 4648 5, without padding), no header with `alg`, or a critical
 * one. */
int jws_parse(struct jws *jws, const char *text, size_t len, char *why, size_t why_size);
void jws_done(struct jws *jws);

struct jws_key;

/*
 * A key for one algorithm. `data` is the secret itself for HS256 (32 bytes at least, RFC 7518 3.2), else PEM: a public key, a
 * certificate, or a private key (which can sign, too). RSA keys have 2,048 bits at least (3.3), ES256 is on P-256. NULL with
 * `why`.
 */
struct jws_key *jws_key_new(const char *alg, const char *data, size_t len, char *why, size_t why_size);
/* The same from a file, of which a line feed at the end does not belong to a secret. */
struct jws_key *jws_key_read(const char *alg, const char *path, char *why, size_t why_size);
void jws_key_free(struct jws_key *key); /* NULL is fine */

/* Was it signed with this key? Its `alg` must be the one that the key is for: who made it has no say in that. */
bool jws_verify(const struct jws *jws, const struct jws_key *key);
/* The compact form of `payload`, with a header of `alg` and, unless NULL, `kid`. -1 if the key cannot sign. */
int jws_sign(const struct jws_key *key, const char *kid, const char *payload, size_t len, struct str *out);

#endif
