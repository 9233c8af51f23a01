/* Checks of representations against the attribute tables, TS-0004 7.3.3.3 and 7.3.3.7. Pure. */
#ifndef TESSERA_ATTR_H
#define TESSERA_ATTR_H

#include "rtype.h"

/*
 * Attributes of a CREATE (UPDATE) request's representation, without its root key. RSC_OK, or RSC_BAD_REQUEST with `why`
 * naming the attribute and the rule: unknown, not permitted, mandatory and missing, wrong kind ("mni: not a non-negative
 * integer"), illegal null. On UPDATE a null of an OPT attribute is right.
 */
enum rsc attr_check_create(const struct rtype *type, const json_t *attrs, char *why, size_t why_size);
enum rsc attr_check_update(const struct rtype *type, const json_t *attrs, char *why, size_t why_size);
/* One value against one row: what the two above and filterCriteria use. */
bool attr_value_ok(const struct attr *attr, const json_t *value, char *why, size_t why_size);
bool attr_object_ok(const struct attr *members, const json_t *object, char *why, size_t why_size);

extern const struct attr filter_criteria[]; /* m2m:filterCriteria, TS-0004 6.3.5.8 */

#endif
