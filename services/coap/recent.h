/*
 * Requests that came a short while ago, RFC 7252 4.5: one that is sent again (its answer was lost) is not carried out again, it
 * gets the same answer. Bounded in number and time; the oldest are forgotten.
 */
#ifndef TESSERA_COAP_RECENT_H
#define TESSERA_COAP_RECENT_H

#include "message.h"

struct recent; /* one request; its place may be given to another: see recent_is() */

void recent_setup(int most, int64_t lifetime_ms);
void recent_forget(void);

/* What tells requests apart: the peer, the message id, and everything that the message says. */
struct recent_key {
    uint64_t a, b;
};
struct recent_key recent_key(struct slice peer, uint16_t mid, struct slice token, const struct message *m);

/* The request that came before with this key; NULL: there is none, and it is kept from now on: `fresh` is set. */
struct recent *recent_find(struct recent_key key, int64_t now, struct recent **fresh);
bool recent_is(const struct recent *r, struct recent_key key);
/* Its answer. `acknowledged`: it went as a message of its own, the request was only acknowledged. */
void recent_answer(struct recent *r, const struct message *m, bool acknowledged);
void recent_acknowledged(struct recent *r);
/* What is known of it. False: there is no answer yet. */
bool recent_answered(const struct recent *r, struct message *m, bool *acknowledged);

#endif
