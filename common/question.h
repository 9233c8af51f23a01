/*
 * Questions over the bus that are asked again until they are answered, or forgotten with all others. For services whose state
 * rests on the answers: they can neither go on without one nor tell anybody that there is none.
 */
#ifndef TESSERA_QUESTION_H
#define TESSERA_QUESTION_H

#include "envelope.h"
#include "str.h"

/*
 * Called with each answer, valid for the call, until it returns true; false: ask again, a little later. With NULL, once, when the
 * question is forgotten; what is returned then does not matter. Never from inside question_ask().
 */
typedef bool question_fn(void *context, const struct envelope *reply);

struct question {
    struct str head, body; /* to be filled before question_ask(); owned */
};

/* A question to `role` (borrowed for its life), of `tenant`. It frees itself after the answer. */
struct question *question_new(const char *role, const char *tenant, question_fn *fn, void *context);
void question_ask(struct question *question);

/* Forgets all that are open. */
void questions_forget(void);

#endif
