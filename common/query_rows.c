#include "query.h"

#include "mem.h"

#define AT(member) offsetof(struct request, member)

/* Columns: argument, kind, is it a parameter (else a member of filterCriteria), its place, least number. */
const struct query_row query_rows[] = {
    {"rt",    QUERY_RTV,     true,  0,         1},
    {"rp",    QUERY_TEXT,    true,  AT(rp),    0},
    {"rcn",   QUERY_NUMBER,  true,  AT(rcn),   0},
    {"da",    QUERY_BOOLEAN, true,  AT(da),    0},
    {"drt",   QUERY_NUMBER,  true,  AT(drt),   1},
    {"rids",  QUERY_TEXTS,   true,  AT(rids),  0},
    {"tids",  QUERY_TEXTS,   true,  AT(tids),  0},
    {"ltids", QUERY_TEXTS,   true,  AT(ltids), 0},
    {"tqi",   QUERY_BOOLEAN, true,  AT(tqi),   0},
    {"asi",   QUERY_BOOLEAN, true,  AT(asi),   0},
    {"auri",  QUERY_BOOLEAN, true,  AT(auri),  0},
    {"sqi",   QUERY_BOOLEAN, true,  AT(sqi),   0},
    {"grtm",  QUERY_TEXTS,   true,  AT(grtm),  0},
    {"atrl",  QUERY_NAMES,   true,  0,         0},
    {"gstn",  QUERY_NUMBER,  true,  AT(gstn),  1},
    {"crb",   QUERY_TIME,    false, 0,         0},
    {"cra",   QUERY_TIME,    false, 0,         0},
    {"ms",    QUERY_TIME,    false, 0,         0},
    {"us",    QUERY_TIME,    false, 0,         0},
    {"sts",   QUERY_NUMBER,  false, 0,         1},
    {"stb",   QUERY_NUMBER,  false, 0,         0},
    {"exb",   QUERY_TIME,    false, 0,         0},
    {"exa",   QUERY_TIME,    false, 0,         0},
    {"lbl",   QUERY_TEXTS,   false, 0,         0},
    {"clbl",  QUERY_TEXTS,   false, 0,         0},
    {"palb",  QUERY_TEXTS,   false, 0,         0},
    {"lbq",   QUERY_TEXT,    false, 0,         0},
    {"ty",    QUERY_NUMBERS, false, 0,         1},
    {"chty",  QUERY_NUMBERS, false, 0,         1},
    {"pty",   QUERY_NUMBERS, false, 0,         1},
    {"sza",   QUERY_NUMBER,  false, 0,         0},
    {"szb",   QUERY_NUMBER,  false, 0,         1},
    {"cty",   QUERY_TEXTS,   false, 0,         0},
    {"atr",   QUERY_OWN,     false, 0,         0},
    {"catr",  QUERY_OWN,     false, 0,         0},
    {"patr",  QUERY_OWN,     false, 0,         0},
    {"fu",    QUERY_NUMBER,  false, 0,         1},
    {"lim",   QUERY_NUMBER,  false, 0,         0},
    {"smf",   QUERY_REPEATS, false, 0,         0},
    {"fo",    QUERY_NUMBER,  false, 0,         1},
    {"cfs",   QUERY_NUMBER,  false, 0,         1},
    {"cfq",   QUERY_TEXT,    false, 0,         0},
    {"lvl",   QUERY_NUMBER,  false, 0,         1},
    {"ofst",  QUERY_NUMBER,  false, 0,         1},
    {"arp",   QUERY_TEXT,    false, 0,         0},
    {"gmty",  QUERY_NUMBER,  false, 0,         1},
    {"geom",  QUERY_VALUE,   false, 0,         0},
    {"gsf",   QUERY_NUMBER,  false, 0,         1},
    {"ops",   QUERY_NUMBER,  false, 0,         0},
    {"aq",    QUERY_TEXT,    false, 0,         0},
    {NULL,    QUERY_NEVER,   false, 0,         0},
};

const struct query_filter query_filters[QUERY_FILTERS] = {
    {"c.", "catr"},
    {"p.", "patr"},
    {"",   "atr" },
};

const struct query_row *query_row_find(const char *name)
{
    for (const struct query_row *row = query_rows; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}
