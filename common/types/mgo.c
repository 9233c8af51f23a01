/*
 * <mgmtObj>, TS-0001 9.6.15, TS-0004 7.4.15. What such an object is, its mgmtDefinition says: the specializations are in
 * mgmt_*.c. This plain type has what all of them have; it is never created itself.
 */
#include "types/mgmt.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    END_ATTRS,
};

const int children_mgmt[] = {23, 24, 51, 0};
const int children_mgmt_annc[] = {23, 24, 0};

const struct rtype rtype_mgo = MGMT_OBJ("m2m:mgo", "mgmtObj", NULL, attrs, NULL);
