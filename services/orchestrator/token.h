/*
 * Tokens, TS-0001 9.6.39 and 11.5, TS-0003 7.3: signed claims that give their holder rights which no policy here gives. What one
 * says never changes; whether it holds depends on who shows it, where and when.
 */
#ifndef TESSERA_TOKEN_H
#define TESSERA_TOKEN_H

#include "access_match.h"
#include "jws.h"

#define TOKENS_MAX 16 /* of one request, of each kind */

/* A token of a known issuer, with its signature verified. Counted. */
struct token {
    int refs;
    char *text;                /* the JWS */
    json_t *claims;            /* m2m:tokenClaimSet */
    int64_t not_before, until; /* ms */
    size_t count;              /* of permissions */
    struct {
        struct acl *acl;     /* or NULL */
        const json_t *ris;   /* resources that it is about, or NULL: all of this CSE */
        const json_t *roles; /* or NULL */
    } permissions[];
};

/* Verifies a JWS. NULL with `why`. The caller has a reference. What was verified lately is remembered. */
struct token *token_read(const char *text, size_t len, char *why, size_t why_size);
struct token *token_ref(struct token *token);
void token_free(struct token *token); /* drops one; NULL is fine */
void tokens_forget(void);             /* what is remembered */

/* May `originator` (a stem) show it here at `now`? False with `why`. */
bool token_holds(const struct token *token, const char *originator, int64_t now, char *why, size_t why_size);
/* The same for a token that somebody else may show, maybe elsewhere. */
bool token_holds_for(const struct token *token, const char *holder, int64_t now, char *why, size_t why_size);
/* Its local token-ID here: the name of its <token>. */
void token_local_id(const struct token *token, char out[ID_SIZE]);

/*
 * The claims in a payload, TS-0004 6.3.5.42, of which only what is defined there is left; `exp` and `nbf` (RFC 7519) have become
 * part of `tkna` and `tknb`. The caller owns them. NULL with `why`.
 */
json_t *token_claims(const char *payload, size_t len, char *why, size_t why_size);

/* The tokens of a request that hold. */
struct token_list {
    size_t count;
    struct token *tokens[];
};
/* A longer one; takes the reference. `list` may be NULL. One that is there already is not added again. */
struct token_list *token_list_add(struct token_list *list, struct token *token);
void token_list_free(struct token_list *list);

#endif
