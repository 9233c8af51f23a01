/* What the types that look at other resources share: references to them, m2m:evalCriteria, and the marks of what is looked at. */
#ifndef TESSERA_CRITERIA_H
#define TESSERA_CRITERIA_H

#include "rules.h"

/*
 * The resource of this CSE that `address` names, which is the value of the attribute `name`; the originator must have the right
 * to retrieve it. Refuses with `wrong` otherwise; PLAN_WAIT.
 */
enum rsc find_reference(struct snapshot *snap, struct plan *plan, const char *name, const char *address, enum rsc wrong,
                        const struct resource **out);
/* Likewise, when its type and its parent must be these, too. */
enum rsc find_child(struct snapshot *snap, struct plan *plan, const char *name, const char *address, int ty, const char *pi,
                    enum rsc wrong, const struct resource **out);
/* Can {"optr","sbjt","thld"} be evaluated on `subject`? The attribute `name` holds it. */
enum rsc check_criterion(struct plan *plan, const char *name, const json_t *evc, const struct resource *subject, enum rsc wrong);

/*
 * Also follows from the request: a resource gets attributes that the CSE gives (`set`, taken over), and a new version with it, so
 * that whoever has its old one learns; `mark` is set, too (0 = none).
 */
void plan_renew(struct plan *plan, const char *ri, int mark, json_t *set);
/* Adds a mark to (takes it from) a resource, along with what the plan does. */
void plan_mark(struct plan *plan, const char *ri, int mark, bool on);
/* True if an UPDATE sets or removes the attribute. */
bool update_touches(const json_t *set, const json_t *del, const char *name);

#endif
