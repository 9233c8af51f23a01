#include "options.h"

#include "mem.h"

#define REQ(member) offsetof(struct request, member)
#define RSP(member) offsetof(struct response, member)

/* clang-format off */
const struct option_row option_rows[] = {
    {OPTION_FR,    256, KIND_TEXT,   REQ(fr),   RSP(fr),   "oneM2M-FR"},
    {OPTION_RQI,   257, KIND_TEXT,   REQ(rqi),  RSP(rqi),  "oneM2M-RQI"},
    {259,          259, KIND_TIME,   REQ(ot),   RSP(ot),   "oneM2M-OT"},
    {OPTION_RTURI, 263, KIND_OTHER,  NOWHERE,   NOWHERE,   "oneM2M-RTURI"},
    {OPTION_TY,    267, KIND_UINT,   REQ(ty),   NOWHERE,   "oneM2M-TY"},
    {271,          0,   KIND_TEXT,   REQ(rvi),  RSP(rvi),  "oneM2M-RVI"},
    {275,          0,   KIND_DIGITS, NOWHERE,   RSP(asri), "oneM2M-ASRI"},
    {291,          260, KIND_ABSREL, REQ(rqet), NOWHERE,   "oneM2M-RQET"},
    {295,          261, KIND_ABSREL, REQ(rset), RSP(rset), "oneM2M-RSET"},
    {299,          262, KIND_ABSREL, REQ(oet),  NOWHERE,   "oneM2M-OET"},
    {303,          264, KIND_UINT,   REQ(ec),   RSP(ec),   "oneM2M-EC"},
    {OPTION_RSC,   265, KIND_UINT,   NOWHERE,   RSP(rsc),  "oneM2M-RSC"},
    {311,          266, KIND_TEXT,   REQ(gid),  NOWHERE,   "oneM2M-GID"},
    {319,          0,   KIND_UINT,   NOWHERE,   RSP(cnot), "oneM2M-CTO"},
    {323,          0,   KIND_UINT,   NOWHERE,   RSP(cnst), "oneM2M-CTS"},
    {OPTION_ATI,   0,   KIND_OTHER,  NOWHERE,   NOWHERE,   "oneM2M-ATI"},
    {331,          0,   KIND_TEXT,   REQ(vsi),  RSP(vsi),  "oneM2M-VSI"},
    {335,          0,   KIND_LIST,   REQ(grtm), NOWHERE,   "oneM2M-GTM"},
    {339,          0,   KIND_LIST,   REQ(aus),  NOWHERE,   "oneM2M-AUS"},
    {343,          0,   KIND_OTHER,  NOWHERE,   NOWHERE,   "oneM2M-OMR"},
    {347,          0,   KIND_TEXT,   REQ(prpi), NOWHERE,   "oneM2M-PRPI"},
    {351,          0,   KIND_TEXT,   REQ(msu),  NOWHERE,   "oneM2M-MSU"},
    {0,            0,   KIND_OTHER,  NOWHERE,   NOWHERE,   NULL},
};
/* clang-format on */

unsigned option_number(const struct option_row *row, bool early)
{
    return early ? row->early : row->number;
}

const struct option *option_find(const struct message *m, const struct option_row *row, bool early)
{
    unsigned number = option_number(row, early);

    return number ? message_find(m, number) : NULL;
}

bool option_early(const struct message *m)
{
    return !message_find(m, OPTION_FR) && !message_find(m, OPTION_RQI) &&
           (message_find(m, EARLY_FR) || message_find(m, EARLY_RQI));
}

bool option_known(unsigned number)
{
    for (const struct option_row *row = option_rows; row->number; row++)
        if (row->number == number || row->early == number)
            return true;
    return false;
}
