/* Management objects about area networks: TS-0001 D.5 and D.6. */
#include "types/mgmt.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr ani_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"ant", STRING,     ONE, M, O, OA, NULL, NULL},
    {"ldv", LIST | URI, OPT, O, O, OA, NULL, NULL},
    END_ATTRS,
};

static const struct attr andi_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"dvd", STRING,     ONE, M, O, OA, NULL, NULL},
    {"dvt", STRING,     ONE, M, O, OA, NULL, NULL},
    {"awi", URI,        ONE, M, O, OA, NULL, NULL},
    {"sli", UINT,       OPT, O, O, OA, NULL, NULL},
    {"sld", UINT,       OPT, O, O, OA, NULL, NULL},
    {"ss",  STRING,     OPT, O, O, OA, NULL, NULL},
    {"lnh", LIST | URI, OPT, O, O, OA, NULL, NULL},
    END_ATTRS,
};

const struct rtype rtype_ani = MGMT_OBJ("m2m:ani", "areaNwkInfo", "1004", ani_attrs, NULL);
const struct rtype rtype_andi = MGMT_OBJ("m2m:andi", "areaNwkDeviceInfo", "1005", andi_attrs, NULL);
