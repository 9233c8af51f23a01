/*
 * <primitiveProfile>, a resource type of release 4: what is added to, and left out of, the primitives of some originators. A
 * request is changed before it is looked at any further (apply_profiles() in rules.h), a response before it is sent. Who is
 * named by a profile has a mark, so that all others pay nothing for it.
 */
#ifndef TESSERA_PROFILE_H
#define TESSERA_PROFILE_H

#include "plan.h"

/* Attribute of the CSE's own, of an AE, remoteCSE or the CSEBase: the profiles below it, an object id -> expirationTime. */
#define PROFILE_LIST "_prp"

enum { TY_PROFILE = 62, PROFILES_MAX = 16 /* below one resource */ };

/* m2m:primitiveProfileApplicability, as bits. */
enum { PROFILE_REQUESTS = 1, PROFILE_RESPONSES = 2, PROFILE_NOTIFICATIONS = 4 };
/* Of a value of `appl`, its number or its name; 0 = none. */
int profile_applicability(const char *text);

/* Does an entry of IDList mean this originator (a stem as in plan.originator)? `*` stands for any characters. */
bool profile_means(const char *entry, const char *originator);
/* May a profile add `name` with this value, or leave it out (value NULL)? Else false, with `why`. */
bool profile_may_change(const char *name, const json_t *value, char *why, size_t why_size);

/* A content without what the profiles leave out, with what they add. False: nothing to be changed. `op` 0 = of a response. */
bool profile_rewrite(struct slice content, const json_t *profiles, int op, struct str *out);
/* The response as plan.answers make it: its parameters, and the content in `text` if that changes. */
void profile_answer(const json_t *profiles, struct response *rsp, struct slice *content, struct str *text);

#endif
