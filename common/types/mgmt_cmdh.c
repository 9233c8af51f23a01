/* Management objects with the policies of communication management and delivery handling: TS-0001 D.12. */
#include "types/mgmt.h"

/* Columns: name, kind, multiplicity, on create, on update, announced, detail, extra check. */
static const struct attr cmp_attrs[] = {
    MGMT_OBJ_ATTRS(ONE, M),
    {"cpn", STRING, ONE, M, O, OA, NULL, NULL},
    END_ATTRS,
};

static const struct attr acmp_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"acmlk", ID, ONE, M, O, OA, NULL, NULL},
    END_ATTRS,
};

static const struct attr cmdf_attrs[] = {
    MGMT_OBJ_ATTRS(ONE, M),
    END_ATTRS,
};

static const struct attr cmdv_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"od",   POSINT,    ONE, M, O, OA, NULL, NULL},
    {"dev",  EVENTCAT,  ONE, M, O, OA, NULL, NULL},
    {"ror",  LIST | ID, ONE, M, O, OA, NULL, NULL},
    {"rct",  ANY,       OPT, O, O, OA, NULL, NULL},
    {"rctn", BOOL,      OPT, O, O, OA, NULL, NULL},
    {"rch",  ANY,       OPT, O, O, OA, NULL, NULL},
    END_ATTRS,
};

static const struct attr cmpv_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"aec",  LIST | UINT, ONE, M, O, OA, NULL, check_categories},
    {"dqet", INT,         ONE, M, O, OA, NULL, NULL            },
    {"dset", INT,         ONE, M, O, OA, NULL, NULL            },
    {"doet", INT,         ONE, M, O, OA, NULL, NULL            },
    {"drp",  INT,         ONE, M, O, OA, NULL, NULL            },
    {"dda",  BOOL,        ONE, M, O, OA, NULL, NULL            },
    END_ATTRS,
};

static const struct attr cml_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"od",   POSINT,          ONE, M, O, OA, NULL, NULL           },
    {"ror",  LIST | ID,       ONE, M, O, OA, NULL, NULL           },
    {"rct",  ANY,             OPT, O, O, OA, NULL, NULL           },
    {"rctn", BOOL,            OPT, O, O, OA, NULL, NULL           },
    {"rch",  ANY,             OPT, O, O, OA, NULL, NULL           },
    {"lec",  LIST | EVENTCAT, ONE, M, O, OA, NULL, check_not_empty},
    {"lqet", LIST | INT,      ONE, M, O, OA, NULL, check_min_max  },
    {"lset", LIST | INT,      ONE, M, O, OA, NULL, check_min_max  },
    {"loet", LIST | INT,      ONE, M, O, OA, NULL, check_min_max  },
    {"lrp",  LIST | INT,      ONE, M, O, OA, NULL, check_min_max  },
    {"lda",  LIST | BOOL,     ONE, M, O, OA, NULL, check_not_empty},
    END_ATTRS,
};

static const struct attr cmnr_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"aecs", LIST | UINT, ONE, M, O, OA, NULL, check_categories},
    END_ATTRS,
};

static const struct attr cmwr_attrs[] = {
    MGMT_OBJ_ATTRS(ONE, M),
    {"ttn", LIST | ID, ONE, M, O, OA, NULL,                check_not_empty},
    {"mrv", UINT,      ONE, M, O, OA, NULL,                NULL           },
    {"swt", UINT,      ONE, M, O, OA, NULL,                NULL           },
    {"bop", OBJECT,    ONE, M, O, OA, back_off_parameters, NULL           },
    {"ohc", ANY,       OPT, O, O, OA, NULL,                NULL           },
    END_ATTRS,
};

static const struct attr cmbf_attrs[] = {
    MGMT_OBJ_ATTRS(OPT, O),
    {"aec",  LIST | UINT, ONE, M, O, OA, NULL, check_categories},
    {"mbfs", UINT,        ONE, M, O, OA, NULL, NULL            },
    {"sgp",  POSINT,      ONE, M, O, OA, NULL, NULL            },
    END_ATTRS,
};

const struct rtype rtype_cmp = MGMT_OBJ("m2m:cmp", "cmdhPolicy", "1011", cmp_attrs, NULL);
const struct rtype rtype_acmp = MGMT_OBJ("m2m:acmp", "activeCmdhPolicy", "1012", acmp_attrs, NULL);
const struct rtype rtype_cmdf = MGMT_OBJ("m2m:cmdf", "cmdhDefaults", "1013", cmdf_attrs, NULL);
const struct rtype rtype_cmdv = MGMT_OBJ("m2m:cmdv", "cmdhDefEcValue", "1014", cmdv_attrs, NULL);
const struct rtype rtype_cmpv = MGMT_OBJ("m2m:cmpv", "cmdhEcDefParamValues", "1015", cmpv_attrs, NULL);
const struct rtype rtype_cml = MGMT_OBJ("m2m:cml", "cmdhLimits", "1016", cml_attrs, NULL);
const struct rtype rtype_cmnr = MGMT_OBJ("m2m:cmnr", "cmdhNetworkAccessRules", "1017", cmnr_attrs, NULL);
const struct rtype rtype_cmwr = MGMT_OBJ("m2m:cmwr", "cmdhNwAccessRule", "1018", cmwr_attrs, NULL);
const struct rtype rtype_cmbf = MGMT_OBJ("m2m:cmbf", "cmdhBuffer", "1019", cmbf_attrs, NULL);
