/* What each resource type adds to the common rules: one row per type. */
#include "mem.h"
#include "rules.h"
#include "special.h"

/* Most types add little: only what they add is named. */
/* clang-format off */
const struct plan_type plan_types[] = {
    {.ty = 1, .create = acp_create, .update = acp_update},
    {.ty = 2, .create = ae_create, .update = resident_update, .remove = resident_remove},
    {.ty = 3, .update = cnt_update, .retrieve = cnt_virtual, .remove = cnt_virtual},
    {.ty = 4, .retrieve = cin_visible, .remove = cin_visible},
    {.ty = 5, .notify = cb_notify},
    {.ty = 6, .create = dlv_create},
    {.ty = 7, .create = evcg_create, .update = evcg_update},
    {.ty = 8, .update = exin_update},
    {.ty = 9, .create = grp_create, .update = grp_update, .notify = grp_notify},
    {.ty = 10, .create = lcp_create, .update = lcp_update, .remove = lcp_remove},
    {.ty = 12, .create = mgc_create, .update = mgc_update},
    {.ty = 13, .create = mgo_create, .update = mgo_update},
    {.ty = 14, .create = nod_create, .update = nod_update, .remove = nod_remove, .notify = nod_notify},
    {.ty = 15, .create = pch_create},
    {.ty = 16, .create = csr_create, .update = resident_update, .remove = resident_remove},
    {.ty = 17, .remove = req_remove, .notify = req_execute},
    {.ty = 18, .create = sch_create, .update = sch_update},
    {.ty = 21, .create = stcl_create, .update = stcl_update},
    {.ty = 23, .also = ACCESS_RETRIEVE, .create = sub_create, .update = sub_update},
    {.ty = 24, .create = smd_create, .update = smd_update},
    {.ty = 28, .create = fcnt_create, .update = fcnt_update},
    {.ty = 29, .create = ts_create, .update = ts_update},
    {.ty = 32, .create = tk_create, .update = tk_update},
    {.ty = 35, .update = auds_update},
    {.ty = 36, .update = aupy_update},
    {.ty = 37, .update = auif_update},
    {.ty = 39, .create = smd_create, .update = smd_update},
    {.ty = 46, .update = mms_update},
    {.ty = 40, .create = smjp_create, .update = smjp_update},
    {.ty = 41, .create = smi_create, .update = smi_update, .remove = smi_remove},
    {.ty = 47, .create = tgr_create, .update = tgr_update, .remove = tgr_remove},
    {.ty = 48, .also = ACCESS_RETRIEVE, .create = crs_create, .update = crs_update, .remove = crs_remove, .notify = crs_notify},
    {.ty = 49, .create = bdt_create, .update = bdt_update},
    {.ty = 50, .create = tram_create, .update = tram_update, .remove = tram_remove, .notify = tram_notify},
    {.ty = 51, .create = trac_create, .update = trac_update, .remove = trac_remove, .notify = trac_notify},
    {.ty = 60, .create = tsb_create, .update = tsb_update},
    {.ty = 62, .create = prp_create, .update = prp_update, .remove = prp_remove},
    {.ty = 63, .update = prmr_update},
    {.ty = 64, .create = stte_create, .update = stte_update, .remove = stte_remove},
    {.ty = 65, .create = actr_create, .update = actr_update},
    {.ty = 66, .create = depr_create, .update = depr_update},
    {.ty = 10002, .create = aea_create, .update = aea_update},
    {.ty = 0},
};
/* clang-format on */

/* Columns: child, operations, in words, the whole of them where they are not about an instance. */
const struct plan_virtual plan_virtuals[] = {
    {VIRTUAL_LATEST,          OP_BIT(OP_RETRIEVE) | OP_BIT(OP_DELETE), "retrieved and deleted",  NULL                },
    {VIRTUAL_OLDEST,          OP_BIT(OP_RETRIEVE) | OP_BIT(OP_DELETE), "retrieved and deleted",  NULL                },
    {VIRTUAL_FANOUT,          OP_EVERY,                                "",                       plan_fanout         },
    {VIRTUAL_POLLING,         OP_BIT(OP_RETRIEVE) | OP_BIT(OP_NOTIFY), "retrieved and notified", pch_uri             },
    {VIRTUAL_SELF_REFERENCE,  OP_BIT(OP_DELETE),                       "deleted",                ntsr_step           },
    {VIRTUAL_SEMANTIC_FANOUT, OP_BIT(OP_RETRIEVE),                     "retrieved",              plan_semantic_fanout},
    {VIRTUAL_VALIDATION,      OP_BIT(OP_UPDATE),                       "updated",                smv_validate        },
    {VIRTUAL_MASHUP,          OP_BIT(OP_RETRIEVE),                     "retrieved",              msp_retrieve        },
    {VIRTUAL_NONE,            0,                                       "",                       NULL                },
};
