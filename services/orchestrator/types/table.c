/* What each resource type adds to the common rules: one row per type. */
#include "mem.h"
#include "rules.h"
#include "special.h"

/* Columns: type, further right on the parent, attributes without a function here, on CREATE, UPDATE, RETRIEVE, DELETE,
 * NOTIFY. */
const struct plan_type plan_types[] = {
    {1,  0,               NULL,            acp_create,  acp_update,  NULL,        NULL,        NULL       },
    {2,  0,               NULL,            ae_create,   NULL,        NULL,        NULL,        NULL       },
    {3,  0,               NULL,            NULL,        cnt_update,  cnt_virtual, cnt_virtual, NULL       },
    {4,  0,               cin_unsupported, NULL,        NULL,        cin_visible, cin_visible, NULL       },
    {9,  0,               NULL,            grp_create,  grp_update,  NULL,        NULL,        grp_notify },
    {13, 0,               NULL,            mgo_create,  mgo_update,  NULL,        NULL,        NULL       },
    {16, 0,               NULL,            csr_create,  NULL,        NULL,        NULL,        NULL       },
    {17, 0,               NULL,            NULL,        NULL,        NULL,        req_remove,  req_execute},
    {23, ACCESS_RETRIEVE, sub_unsupported, sub_create,  sub_update,  NULL,        NULL,        NULL       },
    {28, 0,               NULL,            fcnt_create, fcnt_update, NULL,        NULL,        NULL       },
    {29, 0,               NULL,            ts_create,   ts_update,   NULL,        NULL,        NULL       },
    {0,  0,               NULL,            NULL,        NULL,        NULL,        NULL,        NULL       },
};

/* Columns: child, operations, in words, the whole of them where they are not about an instance. */
const struct plan_virtual plan_virtuals[] = {
    {VIRTUAL_LATEST, OP_BIT(OP_RETRIEVE) | OP_BIT(OP_DELETE), "retrieved and deleted", NULL       },
    {VIRTUAL_OLDEST, OP_BIT(OP_RETRIEVE) | OP_BIT(OP_DELETE), "retrieved and deleted", NULL       },
    {VIRTUAL_FANOUT, OP_EVERY,                                "",                      plan_fanout},
    {VIRTUAL_NONE,   0,                                       "",                      NULL       },
};
